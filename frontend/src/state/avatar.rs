//! A label for those who have no picture: initials, and a hue that stays the same.

use common::ids::UserId;

/// Hues that `tokens.css` knows.
const HUES: u32 = 12;

/// One or two letters that stand for a name.
#[must_use]
pub fn initials(name: &str) -> String {
    let mut words = name
        .split([' ', '-', '_', '.'])
        .filter(|word| !word.is_empty());
    let first = words.next().and_then(|word| word.chars().next());
    let last = words
        .next_back()
        .and_then(|word| word.chars().next())
        .filter(|c| c.is_alphabetic());
    first
        .into_iter()
        .chain(last)
        .flat_map(char::to_uppercase)
        .collect()
}

/// The hue of a user, from 0 to 11: always the same for one, spread evenly over all.
#[must_use]
pub fn hue(user: &UserId) -> u32 {
    // FNV-1a, 32 bits.
    let hash = user.as_str().bytes().fold(0x811c_9dc5_u32, |hash, byte| {
        (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193)
    });
    (hash ^ (hash >> 16)) % HUES
}

#[cfg(test)]
mod tests {
    use super::*;
    use wasm_bindgen_test::wasm_bindgen_test;

    #[wasm_bindgen_test]
    fn initials_are_of_the_first_word_and_the_last() {
        for (name, expected) in [
            ("Ada", "A"),
            ("ada lovelace", "AL"),
            ("Ada King Lovelace", "AL"),
            ("jean-luc", "JL"),
            ("Guest 42", "G"),
            ("日本", "日"),
            ("ß", "SS"),
            ("...", ""),
        ] {
            assert_eq!(initials(name), expected, "for {name:?}");
        }
    }

    #[wasm_bindgen_test]
    fn hues_stay_and_spread() {
        let seen: std::collections::HashSet<u32> = (0..200)
            .map(|n| hue(&format!("user{n}").parse().unwrap()))
            .collect();
        assert_eq!(seen.len(), 12);
        assert!(seen.iter().all(|&hue| hue < HUES));
    }
}

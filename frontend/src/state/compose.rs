//! The composer's decisions: what each key does, and how many characters are left.

use common::limits::Limits;
use common::text::{Content, TextError};

/// What a key in the composer means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyAction {
    /// Send what is written.
    Send,
    /// The browser's own business.
    Write,
}

/// Says what a key means. While an input method is composing a character, Enter chooses that
/// character (browsers then say `isComposing`, or the old key code 229).
#[must_use]
pub fn key_action(key: &str, shift: bool, is_composing: bool, key_code: u32) -> KeyAction {
    if key == "Enter" && !shift && !is_composing && key_code != 229 {
        KeyAction::Send
    } else {
        KeyAction::Write
    }
}

/// Whether a key in the composer leads to the edit of the reader's last message: the arrow upwards,
/// where there is nothing to move through.
#[must_use]
pub fn edits_last(key: &str, has_modifier: bool, is_empty: bool) -> bool {
    key == "ArrowUp" && !has_modifier && is_empty
}

/// What the counter shows; nothing while there is plenty of room.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Counter {
    /// The words.
    pub text: String,
    /// Whether the text is too long to be sent.
    pub is_over: bool,
}

/// Counts a text against the limit. A limit in bytes is no use to a person, so what is told is how
/// much is left, in the characters of plain English (one byte each).
#[must_use]
pub fn counter(text: &str, limits: &Limits) -> Option<Counter> {
    let max = limits.content_bytes_max;
    let used = text.trim_end().len();
    if used > max {
        let text = format!("{} over the limit", grouped(used - max));
        Some(Counter {
            text,
            is_over: true,
        })
    } else if used * 10 >= max * 9 {
        let text = format!("{} left", grouped(max - used));
        Some(Counter {
            text,
            is_over: false,
        })
    } else {
        None
    }
}

fn grouped(number: usize) -> String {
    if number < 1000 {
        number.to_string()
    } else {
        format!("{}\u{202f}{:03}", number / 1000, number % 1000)
    }
}

/// Makes a message of what was written: without the white space at its end, and without empty
/// lines at its beginning.
///
/// # Errors
/// Why it cannot be sent.
pub fn content(text: &str, limits: &Limits) -> Result<Content, TextError> {
    let text = text.trim_end().trim_start_matches(['\n', '\r']);
    if text.len() > limits.content_bytes_max {
        return Err(TextError::TooManyBytes {
            max: limits.content_bytes_max,
        });
    }
    text.parse()
}

#[cfg(test)]
mod tests {
    use super::*;
    use wasm_bindgen_test::wasm_bindgen_test;

    #[wasm_bindgen_test]
    fn enter_sends_unless_it_breaks_a_line_or_chooses_a_character() {
        assert_eq!(key_action("Enter", false, false, 13), KeyAction::Send);
        assert_eq!(key_action("Enter", true, false, 13), KeyAction::Write);
        assert_eq!(key_action("Enter", false, true, 13), KeyAction::Write);
        assert_eq!(key_action("Enter", false, false, 229), KeyAction::Write);
        assert_eq!(key_action("a", false, false, 65), KeyAction::Write);
    }

    #[wasm_bindgen_test]
    fn the_counter_speaks_only_near_the_limit() {
        let limits = Limits {
            content_bytes_max: 10_000,
            ..Limits::default()
        };
        let check = |used: usize| counter(&"x".repeat(used), &limits).map(|c| (c.text, c.is_over));
        assert_eq!(check(0), None);
        assert_eq!(check(8_999), None);
        assert_eq!(check(9_000), Some(("1\u{202f}000 left".to_owned(), false)));
        assert_eq!(check(10_000), Some(("0 left".to_owned(), false)));
        assert_eq!(check(10_001), Some(("1 over the limit".to_owned(), true)));
    }

    #[wasm_bindgen_test]
    fn a_message_keeps_its_lines_and_loses_its_edges() {
        let limits = Limits::default();
        let sent = content("\n  indented\n\nlast \n", &limits).map(|c| c.to_string());
        assert_eq!(sent.as_deref(), Ok("  indented\n\nlast"));
        assert_eq!(content(" \n ", &limits), Err(TextError::Empty));
        let over = content(&"é".repeat(8193), &limits);
        assert_eq!(over, Err(TextError::TooManyBytes { max: 16_384 }));
    }
}

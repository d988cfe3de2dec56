//! Random identifiers as text: Crockford's base32 in lower case.

/// The 32 digits; none is a letter that looks like a decimal digit.
pub(crate) const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

/// The 13 digits of 64 bits, most significant first.
pub(crate) fn base32(random: u64) -> impl Iterator<Item = char> {
    (0..13).rev().map(move |i| {
        let digit = usize::try_from((random >> (i * 5)) & 31).unwrap_or_default();
        char::from(ALPHABET.get(digit).copied().unwrap_or(b'0'))
    })
}

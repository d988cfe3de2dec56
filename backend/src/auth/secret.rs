//! Secrets: generated, encoded as text, and stored only as hashes.

use crate::clock::{NoRandomness, RandomSource};
use crate::store::Hash;
use common::token::Token;
use sha2::{Digest, Sha256};

/// What stands before an access token, so that one that leaked is known for what it is.
pub(super) const ACCESS: &str = "hba_";
/// What stands before a refresh token.
pub(super) const REFRESH: &str = "hbr_";
/// What stands before a program's key.
pub(super) const KEY: &str = "hbk_";

/// 256 random bits.
pub(super) type Secret = [u8; 32];

/// Draws a secret.
pub(super) fn draw<const N: usize>(random: &dyn RandomSource) -> Result<[u8; N], NoRandomness> {
    let mut secret = [0; N];
    random.fill(&mut secret)?;
    Ok(secret)
}

/// What is stored of a secret. A slow hash would add nothing to random bits.
pub(super) fn hash(secret: &[u8]) -> Hash {
    Sha256::digest(secret).into()
}

pub(super) fn to_hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

pub(super) fn from_hex<const N: usize>(text: &str) -> Option<[u8; N]> {
    let digits = text.as_bytes();
    if digits.len() != N * 2 || !digits.iter().all(u8::is_ascii_hexdigit) {
        return None;
    }
    let mut bytes = [0; N];
    for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
        *byte = u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()?;
    }
    Some(bytes)
}

/// A token of this kind that holds these bytes.
pub(super) fn write(kind: &str, bytes: &[&[u8]]) -> Result<Token, NoRandomness> {
    let hex: String = bytes.iter().map(|part| to_hex(part)).collect();
    // Short ASCII is always a token.
    format!("{kind}{hex}").parse().map_err(|_| NoRandomness)
}

/// The bytes in a token of this kind.
pub(super) fn read<const N: usize>(kind: &str, token: &str) -> Option<[u8; N]> {
    from_hex(token.strip_prefix(kind)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_survive_hexadecimal_and_nothing_else_is_one() {
        let secret: Secret = std::array::from_fn(|i| (i * 9) as u8);
        assert_eq!(from_hex(&to_hex(&secret)), Some(secret));
        let token = write(ACCESS, &[&secret]).unwrap();
        assert_eq!(read(ACCESS, token.expose()), Some(secret));
        assert_eq!(read::<32>(KEY, token.expose()), None);
        for bad in [
            "",
            "00",
            "zz",
            &"0".repeat(63),
            &"0".repeat(65),
            &"+f".repeat(32),
            &"é".repeat(32),
        ] {
            assert_eq!(from_hex::<32>(bad), None, "for {bad:?}");
        }
    }
}

//! Invitation codes: random, and stored only as hashes.

use super::secret::{self, Secret};
use crate::clock::{NoRandomness, RandomSource};
use crate::store::Hash;
use common::token::Token;

/// What stands before a code, so that one that leaked is known for what it is.
const INVITATION: &str = "hbi_";

/// A new code of 256 random bits, and what is stored of it.
///
/// # Errors
/// There is no randomness.
pub fn draw(random: &dyn RandomSource) -> Result<(Token, Hash), NoRandomness> {
    let drawn: Secret = secret::draw(random)?;
    let code = secret::write(INVITATION, &[&drawn])?;
    let hash = hash(&code);
    Ok((code, hash))
}

/// What is stored of a code. What is no code has a hash, too, which nothing is stored by.
#[must_use]
pub fn hash(code: &Token) -> Hash {
    secret::hash(code.expose().as_bytes())
}

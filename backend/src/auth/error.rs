//! Why authentication fails.

use crate::clock::NoRandomness;
use crate::store::StoreError;
use crate::unicode::NameError;
use common::text::UserName;
use std::path::PathBuf;

/// See the module.
#[derive(Debug, thiserror::Error)]
pub enum AuthError {
    /// Somebody else holds the name, or one that looks the same.
    #[error("the name {0:?} is taken")]
    NameTaken(UserName),
    /// Nobody may take this name.
    #[error("the name is refused: {0}")]
    InvalidName(#[from] NameError),
    /// The name, the password, or both are wrong, or the account is kept out. It is not said which.
    #[error("there is no such name with such a password")]
    Refused,
    /// The token is not known, or its sign-in has ended.
    #[error("the token is not known, or its sign-in has ended")]
    Unauthenticated,
    /// The token has run out.
    #[error("the token has run out; refresh it")]
    Expired,
    /// Not a password to choose.
    #[error("the password is {0}")]
    InvalidPassword(&'static str),
    /// The first account needs the code that the server printed.
    #[error("the first account needs the claim code that the server printed when it started")]
    ClaimRequired,
    /// It is switched off.
    #[error("this node does not offer {0}")]
    NotOffered(&'static str),
    /// Too many at once.
    #[error("the node has more passwords to check than it can take")]
    Overloaded,
    /// A password could not be hashed.
    #[error("a password could not be hashed: {0}")]
    Hashing(String),
    /// The keys of foreign tokens cannot be used.
    #[error(transparent)]
    Keys(#[from] KeysError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// There is no randomness to make a secret of.
    #[error(transparent)]
    RandomSource(#[from] NoRandomness),
}

/// Why the keys cannot be used. Shown when the server starts.
#[derive(Debug, thiserror::Error)]
pub enum KeysError {
    /// The file cannot be read.
    #[error("cannot read {path}: {source}")]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// They cannot be fetched.
    #[error("cannot fetch {url}: {why}")]
    Unreachable {
        /// From where.
        url: String,
        /// Why.
        why: String,
    },
    /// Not a JSON Web Key Set, or a key in it cannot be used.
    #[error("{place} has no key set: {why}")]
    Invalid {
        /// The file, or the URL.
        place: String,
        /// Why.
        why: String,
    },
    /// No key in it is for the algorithm.
    #[error("{place} has no key for the algorithm of auth.token")]
    NoKey {
        /// The file, or the URL.
        place: String,
    },
}

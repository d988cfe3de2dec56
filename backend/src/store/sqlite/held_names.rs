//! An in-memory filter of names that may be taken: most visitors use a name that nobody owns, and many
//! of them must not queue for a reader.

use super::names;
use crate::store::names::NameKeys;
use common::text::UserName;
use parking_lot::RwLock;
use rusqlite::Connection;
use std::collections::HashSet;
use std::hash::{BuildHasher, RandomState};

/// Hashes of both keys of every name that was held since the file was opened. One that is not here is free; one
/// that is here may be.
pub(super) struct HeldNames {
    hashes: RwLock<HashSet<u64>>,
    hasher: RandomState,
}

impl HeldNames {
    /// Those in the file.
    pub(super) fn read(connection: &Connection) -> rusqlite::Result<Self> {
        let hasher = RandomState::new();
        let mut hashes = HashSet::new();
        names::all(connection, |case, look| {
            hashes.extend([hasher.hash_one(case), hasher.hash_one(look)]);
        })?;
        Ok(Self {
            hashes: RwLock::new(hashes),
            hasher,
        })
    }

    /// Notes a name that is about to be claimed.
    pub(super) fn note(&self, name: &UserName) {
        self.hashes.write().extend(self.hashes_of(name));
    }

    /// Whether somebody may hold the name.
    pub(super) fn may_hold(&self, name: &UserName) -> bool {
        let hashes = self.hashes.read();
        self.hashes_of(name)
            .iter()
            .any(|hash| hashes.contains(hash))
    }

    fn hashes_of(&self, name: &UserName) -> [u64; 2] {
        let NameKeys { case, look } = NameKeys::of(name);
        [case, look].map(|key| self.hasher.hash_one(key.as_str()))
    }
}

//! Which names may be held, without asking the database: most visitors say a name that nobody
//! holds, and a crowd of them must not queue for a reader.

use super::guests::name_key;
use common::text::UserName;
use parking_lot::RwLock;
use rusqlite::Connection;
use std::collections::HashSet;
use std::hash::{BuildHasher, RandomState};

/// Hashes of every name that was held since the file was opened. One that is not here is free; one
/// that is here may be.
pub(super) struct HeldNames {
    hashes: RwLock<HashSet<u64>>,
    hasher: RandomState,
}

impl HeldNames {
    /// Those in the file.
    pub(super) fn read(connection: &Connection) -> rusqlite::Result<Self> {
        let hasher = RandomState::new();
        let mut statement = connection.prepare("SELECT name_key FROM guest")?;
        let mut rows = statement.query([])?;
        let mut hashes = HashSet::new();
        while let Some(row) = rows.next()? {
            hashes.insert(hasher.hash_one(row.get_ref(0)?.as_str()?));
        }
        Ok(Self {
            hashes: RwLock::new(hashes),
            hasher,
        })
    }

    /// Notes a name that is about to be claimed.
    pub(super) fn note(&self, name: &UserName) {
        let hash = self.hasher.hash_one(name_key(name).as_str());
        self.hashes.write().insert(hash);
    }

    /// Whether somebody may hold the name.
    pub(super) fn may_hold(&self, name: &UserName) -> bool {
        let hash = self.hasher.hash_one(name_key(name).as_str());
        self.hashes.read().contains(&hash)
    }
}

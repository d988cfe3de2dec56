//! An in-memory filter of rooms that may have a record: most have none, and many joining clients must
//! not queue for a reader.

use common::text::RoomName;
use parking_lot::RwLock;
use rusqlite::Connection;
use std::collections::HashSet;
use std::hash::{BuildHasher, RandomState};

/// Hashes of the names of every room that had a record since the file was opened. One that is not
/// here has none; one that is here may have.
pub(in crate::store::sqlite) struct Recorded {
    hashes: RwLock<HashSet<u64>>,
    hasher: RandomState,
}

impl Recorded {
    /// Those in the file.
    pub(in crate::store::sqlite) fn read(connection: &Connection) -> rusqlite::Result<Self> {
        let hasher = RandomState::new();
        let mut hashes = HashSet::new();
        let mut statement = connection.prepare("SELECT name FROM room_record")?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            hashes.insert(hasher.hash_one(row.get_ref(0)?.as_str()?));
        }
        Ok(Self {
            hashes: RwLock::new(hashes),
            hasher,
        })
    }

    /// Notes a room that is about to have a record.
    pub(in crate::store::sqlite) fn note(&self, room: &RoomName) {
        let hash = self.hasher.hash_one(room.as_str());
        if !self.hashes.read().contains(&hash) {
            self.hashes.write().insert(hash);
        }
    }

    /// Whether the room may have one.
    pub(super) fn may_be(&self, room: &RoomName) -> bool {
        let hash = self.hasher.hash_one(room.as_str());
        self.hashes.read().contains(&hash)
    }
}

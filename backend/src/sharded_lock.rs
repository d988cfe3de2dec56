//! A lock divided into shards, so that two threads rarely contend for the same one.

use parking_lot::Mutex;
use std::hash::{BuildHasher, Hash, RandomState};

/// Locks. More than there are workers, so that two of them rarely meet.
const LOCK_SHARDS: usize = 64;

/// See the module.
pub(crate) struct ShardedLock<T> {
    shards: [Mutex<T>; LOCK_SHARDS],
    hasher: RandomState,
}

impl<T: Default> Default for ShardedLock<T> {
    fn default() -> Self {
        Self {
            shards: std::array::from_fn(|_| Mutex::default()),
            hasher: RandomState::new(),
        }
    }
}

impl<T> ShardedLock<T> {
    /// The one that everything about this key is in.
    pub(crate) fn of(&self, key: &impl Hash) -> &Mutex<T> {
        let [first, ..] = &self.shards;
        let number = self.hasher.hash_one(key) % LOCK_SHARDS as u64;
        let number = usize::try_from(number).unwrap_or_default();
        self.shards.get(number).unwrap_or(first)
    }

    /// All of them.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &Mutex<T>> {
        self.shards.iter()
    }
}

//! A lane: a store with the way into it. Durable rooms take one, rooms in memory the other, so that
//! a tick does not wait for a disk.

use super::committer::{Committer, Overloaded, Post};
use super::publish::Publisher;
use crate::store::EventStore;
use crate::store::memory::MemoryStore;
use common::text::RoomName;
use parking_lot::Mutex;
use std::hash::{BuildHasher, RandomState};
use std::sync::Arc;

/// To a disk: whoever posts does not wait for it.
pub(super) struct DurableLane {
    pub(super) store: Arc<dyn EventStore>,
    pub(super) committer: Committer,
}

impl DurableLane {
    pub(super) fn start(
        store: Arc<dyn EventStore>,
        publisher: Publisher,
        posts_max: usize,
    ) -> std::io::Result<Self> {
        let committer = Committer::start(Arc::clone(&store), publisher, posts_max)?;
        Ok(Self { store, committer })
    }
}

/// Locks for the order of publication; a room has one of them.
const ORDERS: usize = 64;

/// To memory: whoever posts does it on the spot.
pub(super) struct MemoryLane {
    pub(super) store: Arc<MemoryStore>,
    publisher: Publisher,
    /// Held while an event is stored and published, so that a room's events come to its tail in
    /// the order of their places.
    orders: [Mutex<()>; ORDERS],
    hasher: RandomState,
}

impl MemoryLane {
    pub(super) fn new(store: Arc<MemoryStore>, publisher: Publisher) -> Self {
        Self {
            store,
            publisher,
            orders: std::array::from_fn(|_| Mutex::default()),
            hasher: RandomState::new(),
        }
    }

    fn order(&self, room: &RoomName) -> Option<&Mutex<()>> {
        let hash = usize::try_from(self.hasher.hash_one(room) % ORDERS as u64);
        self.orders.get(hash.unwrap_or_default())
    }

    pub(super) fn post(&self, post: Post) -> Result<(), Overloaded> {
        let _in_order = self.order(&post.event.room).map(Mutex::lock);
        let events = vec![post.event];
        let answers = self.store.append(&events);
        self.publisher.publish(events, answers, vec![post.origin]);
        Ok(())
    }
}

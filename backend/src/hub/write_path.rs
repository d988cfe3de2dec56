//! A write path: a store and the queue in front of it. Durable rooms use one, rooms in memory the
//! other, so that events in memory do not wait for a disk.

use super::committer::Committers;
use super::post::{Overloaded, Post};
use super::publish::Publisher;
use crate::sharded_lock::ShardedLock;
use crate::store::EventStore;
use crate::store::memory::MemoryStore;
use crate::supervisor::Supervisor;
use std::sync::Arc;

/// To a disk: senders do not wait for it.
pub(super) struct DurableWritePath {
    pub(super) store: Arc<dyn EventStore>,
    pub(super) committers: Committers,
}

impl DurableWritePath {
    pub(super) fn start(
        store: Arc<dyn EventStore>,
        publisher: &Publisher,
        posts_max: usize,
        supervisor: &Supervisor,
    ) -> std::io::Result<Self> {
        let committers = Committers::start(&store, publisher, posts_max, supervisor)?;
        Ok(Self { store, committers })
    }
}

/// To memory: the sender appends immediately.
pub(super) struct MemoryWritePath {
    pub(super) store: Arc<MemoryStore>,
    publisher: Publisher,
    /// Held while an event is stored and published, so that a room's events come to its tail in
    /// the order of their places.
    orders: ShardedLock<()>,
}

impl MemoryWritePath {
    pub(super) fn new(store: Arc<MemoryStore>, publisher: Publisher) -> Self {
        Self {
            store,
            publisher,
            orders: ShardedLock::default(),
        }
    }

    pub(super) fn post(&self, post: Post) -> Result<(), Overloaded> {
        let _in_order = self.orders.of(&post.event.room).lock();
        let events = vec![post.event];
        let answers = self.store.append(&events);
        self.publisher.publish(events, answers, vec![post.origin]);
        Ok(())
    }
}

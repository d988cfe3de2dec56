//! A write path: a store and the queue in front of it. Durable rooms use one, rooms in memory the
//! other, so that events in memory do not wait for a disk. Where several nodes share the logs in memory,
//! those are in a store of their own, and their path is like that of durable rooms.

use super::MemoryLogs;
use super::committer::Committers;
use super::post::{Overloaded, Post};
use super::publish::Publisher;
use crate::sharded_lock::ShardedLock;
use crate::store::EventStore;
use crate::store::memory::MemoryStore;
use crate::supervisor::Supervisor;
use std::sync::Arc;
use std::time::Duration;

/// To a disk, or to another program: senders do not wait for it.
pub(super) struct QueuedWritePath {
    pub(super) store: Arc<dyn EventStore>,
    pub(super) committers: Committers,
}

impl QueuedWritePath {
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

/// To the logs in memory.
pub(super) enum MemoryWritePath {
    /// This node's own.
    Local(LocalWritePath),
    /// Those that nodes share.
    Shared(QueuedWritePath),
}

impl MemoryWritePath {
    pub(super) fn start(
        logs: MemoryLogs,
        publisher: &Publisher,
        posts_max: usize,
        supervisor: &Supervisor,
    ) -> std::io::Result<Self> {
        Ok(match logs {
            MemoryLogs::Local(store) => {
                Self::Local(LocalWritePath::new(store, publisher.clone().without_bus()))
            }
            MemoryLogs::Shared(store) => {
                let path = QueuedWritePath::start(store, publisher, posts_max, supervisor);
                Self::Shared(path?)
            }
        })
    }

    pub(super) fn store(&self) -> Arc<dyn EventStore> {
        match self {
            Self::Local(path) => Arc::clone(&path.store) as Arc<dyn EventStore>,
            Self::Shared(path) => Arc::clone(&path.store),
        }
    }

    pub(super) fn post(&self, post: Post) -> Result<(), Overloaded> {
        match self {
            Self::Local(path) => path.post(post),
            Self::Shared(path) => path.committers.post(post),
        }
    }

    /// See [`Committers::close`].
    pub(super) async fn close(&self, timeout: Duration) -> bool {
        match self {
            Self::Local(_) => true,
            Self::Shared(path) => path.committers.close(timeout).await,
        }
    }
}

/// To this node's memory: the sender appends immediately.
pub(super) struct LocalWritePath {
    pub(super) store: Arc<MemoryStore>,
    publisher: Publisher,
    /// Held while an event is stored and published, so that a room's events come to its tail in
    /// the order of their places.
    orders: ShardedLock<()>,
}

impl LocalWritePath {
    pub(super) fn new(store: Arc<MemoryStore>, publisher: Publisher) -> Self {
        Self {
            store,
            publisher,
            orders: ShardedLock::default(),
        }
    }

    fn post(&self, post: Post) -> Result<(), Overloaded> {
        let _in_order = self.orders.of(&post.event.room).lock();
        let events = vec![post.event];
        let answers = self.store.append(&events);
        self.publisher.publish(events, answers, vec![post.origin]);
        Ok(())
    }
}

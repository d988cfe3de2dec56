//! A lane: a store with the committer before it. Durable rooms take one, rooms in memory the other,
//! so that a tick does not wait for a disk.

use super::Registry;
use super::committer::Committer;
use crate::store::EventStore;
use std::sync::Arc;

/// See the module.
pub(super) struct Lane {
    pub(super) store: Arc<dyn EventStore>,
    pub(super) committer: Committer,
}

impl Lane {
    pub(super) fn start(
        store: Arc<dyn EventStore>,
        registry: &Arc<Registry>,
        posts_max: usize,
    ) -> Self {
        let committer = Committer::start(Arc::clone(&store), Arc::clone(registry), posts_max);
        Self { store, committer }
    }
}

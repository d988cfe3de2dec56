//! What nodes that share a store agree on. An engine for a single node has nothing to agree on.

use super::StoreError;
use async_trait::async_trait;
use std::sync::Arc;
use std::time::Duration;

/// See the module.
#[async_trait]
pub trait CoordinationStore: Send + Sync {
    /// Takes or renews the right to do a task, for `life` from now; whether this node has it. Of all
    /// nodes, one has it at a time. The time is the store's.
    async fn lease(&self, task: &str, life: Duration) -> Result<bool, StoreError>;

    /// What the first node that was asked has proposed.
    async fn agree(&self, on: &str, proposal: &str) -> Result<String, StoreError>;

    /// Takes a token from a bucket that all nodes share, of `burst` tokens that come back one in `every`;
    /// or says how long to wait for one. May forget buckets when the database server crashes.
    async fn take_token(
        &self,
        bucket: &str,
        every: Duration,
        burst: u32,
    ) -> Result<Result<(), Duration>, StoreError>;
}

/// A task that one node does for all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Task {
    /// Dropping what retention does not keep, and sends that are too old to be repeated.
    Retention,
    /// Forgetting old entries of the audit log.
    AuditRetention,
    /// Forgetting invalidations that every node has read.
    InvalidationRetention,
}

impl Task {
    fn name(self) -> &'static str {
        match self {
            Self::Retention => "retention",
            Self::AuditRetention => "audit retention",
            Self::InvalidationRetention => "invalidation retention",
        }
    }
}

/// Says who does what is done once, not once a node.
#[derive(Clone, Default)]
pub struct Leases(Option<Arc<dyn CoordinationStore>>);

impl Leases {
    /// Of nodes that agree in this store; none for a single node, which does everything.
    #[must_use]
    pub fn new(store: Option<Arc<dyn CoordinationStore>>) -> Self {
        Self(store)
    }

    /// Whether this node is to do a task now that comes once in `every`. A node keeps the task for
    /// twice that time.
    ///
    /// # Errors
    /// The store does not say.
    pub async fn is_mine(&self, task: Task, every: Duration) -> Result<bool, StoreError> {
        match &self.0 {
            None => Ok(true),
            Some(store) => store.lease(task.name(), every * 2).await,
        }
    }
}

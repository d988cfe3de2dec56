//! A connection's registration with its worker's shard.

use super::WorkerHandle;

/// A connection among its shard's, for as long as this lives.
pub struct ShardRegistration {
    pub(super) worker: WorkerHandle,
    pub(super) number: usize,
}

impl Drop for ShardRegistration {
    fn drop(&mut self) {
        self.worker.shard.remove(self.number);
    }
}

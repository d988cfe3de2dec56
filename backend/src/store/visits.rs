//! Visits of guests, stored later in batches, so that many returning clients do not delay messages at
//! the writer.

use super::{Hash, StoreError};
use crate::write_behind::until_written;
use async_trait::async_trait;
use common::time::Timestamp;
use parking_lot::Mutex;
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

/// Visits gather this long.
const WINDOW: Duration = Duration::from_secs(1);

/// Most visits that may be pending. Further visits are dropped until the guest returns again.
const PENDING_MAX: usize = 100_000;

/// A visit is written down at most this often.
const TOUCH_EVERY_MS: u64 = 3_600_000;

/// By the hash of a guest's secret, when the guest was seen.
pub(super) type Seen = HashMap<Hash, Timestamp>;

/// Whether a visit is worth a write.
pub(super) fn is_due(seen_at: Timestamp, now: Timestamp) -> bool {
    now.0.saturating_sub(seen_at.0) >= TOUCH_EVERY_MS
}

/// What writes visits down.
#[async_trait]
pub(super) trait VisitStore: Clone + Send + Sync + 'static {
    /// Writes them all; a guest who was seen later stays so.
    async fn touch(&self, seen: Arc<Seen>) -> Result<(), StoreError>;
}

/// Visits that are not written yet.
#[derive(Clone, Default)]
pub(super) struct Visits(Arc<Mutex<Seen>>);

impl Visits {
    /// Visits that are not written yet. The caller writes them, then calls [`Self::written`].
    pub(super) fn pending(&self) -> Seen {
        self.0.lock().clone()
    }

    /// Removes visits that have been written; later ones stay pending.
    pub(super) fn written(&self, seen: &Seen) {
        let mut pending = self.0.lock();
        pending.retain(|hash, at| seen.get(hash) != Some(at));
    }

    /// Notes a visit. The first one that waits sees to it that all are written.
    pub(super) fn note(&self, hash: Hash, at: Timestamp, store: &impl VisitStore) {
        let mut seen = self.0.lock();
        let is_first = seen.is_empty();
        if seen.len() < PENDING_MAX || seen.contains_key(&hash) {
            seen.insert(hash, at);
        }
        drop(seen);
        if is_first {
            tokio::spawn(write(self.clone(), store.clone()));
        }
    }

    async fn flush(&self, store: &impl VisitStore) -> Result<(), StoreError> {
        let seen = Arc::new(self.pending());
        if seen.is_empty() {
            return Ok(());
        }
        store.touch(Arc::clone(&seen)).await?;
        self.written(&seen);
        Ok(())
    }
}

/// Writes until nothing is pending.
async fn write(visits: Visits, store: impl VisitStore) {
    loop {
        tokio::time::sleep(WINDOW).await;
        until_written(|| visits.flush(&store)).await;
        if visits.0.lock().is_empty() {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_visit_that_came_while_others_were_written_stays() {
        let visits = Visits::default();
        visits
            .0
            .lock()
            .extend([([1; 32], Timestamp(1)), ([2; 32], Timestamp(1))]);
        let writing = visits.pending();
        visits.0.lock().insert([2; 32], Timestamp(2));
        visits.written(&writing);
        assert_eq!(visits.pending(), Seen::from([([2; 32], Timestamp(2))]));
    }
}

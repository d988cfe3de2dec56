//! How far users have read: held here at once, written down a moment later, many in one go. A crash
//! may take a marker a moment back; it is a convenience, not an event.

use crate::store::{Marker, MarkerStore, StoreError};
use common::ids::{Seq, UserId};
use common::text::RoomName;
use parking_lot::Mutex;
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Notify;
use tokio::task::AbortHandle;

/// Markers gather this long before they are written.
const WINDOW: Duration = Duration::from_secs(1);

/// Markers that may wait to be written; beyond, they are forgotten.
const PENDING_MAX: usize = 100_000;

/// See the module.
pub(super) struct Markers {
    shared: Arc<Shared>,
    task: AbortHandle,
}

struct Shared {
    store: Arc<dyn MarkerStore>,
    pending: Mutex<HashMap<(UserId, RoomName), Seq>>,
    changed: Notify,
}

impl Markers {
    pub(super) fn start(store: Arc<dyn MarkerStore>) -> Self {
        let shared = Arc::new(Shared {
            store,
            pending: Mutex::default(),
            changed: Notify::new(),
        });
        let task = tokio::spawn(run(Arc::clone(&shared))).abort_handle();
        Self { shared, task }
    }

    /// Moves a marker forward.
    pub(super) fn mark(&self, user: UserId, room: RoomName, seq: Seq) {
        let mut pending = self.shared.pending.lock();
        let key = (user, room);
        if pending.len() < PENDING_MAX || pending.contains_key(&key) {
            let known = pending.entry(key).or_default();
            *known = seq.max(*known);
            self.shared.changed.notify_one();
        }
    }

    /// How far the user has read the room.
    pub(super) async fn of(
        &self,
        user: &UserId,
        room: &RoomName,
    ) -> Result<Option<Seq>, StoreError> {
        let pending = self
            .shared
            .pending
            .lock()
            .get(&(user.clone(), room.clone()))
            .copied();
        match pending {
            Some(seq) => Ok(Some(seq)),
            None => self.shared.store.marker(user, room).await,
        }
    }

    /// Writes what is pending.
    pub(super) async fn flush(&self) {
        self.shared.flush().await;
    }
}

impl Drop for Markers {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn run(shared: Arc<Shared>) {
    loop {
        shared.changed.notified().await;
        tokio::time::sleep(WINDOW).await;
        shared.flush().await;
    }
}

impl Shared {
    async fn flush(&self) {
        let batch: Vec<_> = self
            .pending
            .lock()
            .iter()
            .map(|((user, room), seq)| Marker {
                user: user.clone(),
                room: room.clone(),
                seq: *seq,
            })
            .collect();
        if batch.is_empty() {
            return;
        }
        if let Err(error) = self.store.mark(batch.clone()).await {
            tracing::error!(%error, "read markers could not be written");
            return;
        }
        let mut pending = self.pending.lock();
        for Marker { user, room, seq } in batch {
            let key = (user, room);
            // One that moved on meanwhile is written the next time.
            if pending.get(&key) == Some(&seq) {
                pending.remove(&key);
            }
        }
    }
}

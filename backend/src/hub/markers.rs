//! Read markers: held in memory, stored in batches a moment later, and then told to other nodes. After a crash a marker can be
//! slightly too old; it is a convenience, not an event.

use crate::bus::{Bus, ReadHint};
use crate::store::{Marker, MarkerStore, StoreError};
use crate::supervisor::Supervisor;
use crate::write_behind::WriteBehind;
use common::ids::{Epoch, Seq, UserId};
use common::text::RoomName;
use parking_lot::Mutex;
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;
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
    bus: Arc<dyn Bus>,
    pending: Mutex<HashMap<(UserId, RoomName), (Epoch, Seq)>>,
    writer: WriteBehind,
}

impl Markers {
    pub(super) fn start(
        store: Arc<dyn MarkerStore>,
        bus: Arc<dyn Bus>,
        supervisor: &Supervisor,
    ) -> Self {
        let shared = Arc::new(Shared {
            store,
            bus,
            pending: Mutex::default(),
            writer: WriteBehind::default(),
        });
        let task = supervisor.spawn("markers", run(Arc::clone(&shared)));
        let task = task.abort_handle();
        Self { shared, task }
    }

    /// Moves a marker forward; one of another epoch is replaced.
    pub(super) fn mark(&self, user: UserId, room: RoomName, epoch: Epoch, seq: Seq) {
        let mut pending = self.shared.pending.lock();
        let key = (user, room);
        if pending.len() < PENDING_MAX || pending.contains_key(&key) {
            let known = pending.entry(key).or_insert_with(|| (epoch.clone(), seq));
            let before = if known.0 == epoch { known.1 } else { Seq::ZERO };
            *known = (epoch, seq.max(before));
            self.shared.writer.wake();
        }
    }

    /// How far the user has read this life of the room's log.
    pub(super) async fn of(
        &self,
        user: &UserId,
        room: &RoomName,
        epoch: &Epoch,
    ) -> Result<Option<Seq>, StoreError> {
        let key = (user.clone(), room.clone());
        let pending = self.shared.pending.lock().get(&key).cloned();
        match pending {
            Some((known, seq)) if known == *epoch => Ok(Some(seq)),
            _ => self.shared.store.marker(user, room, epoch).await,
        }
    }

    /// Writes what is pending.
    pub(super) async fn flush(&self) -> Result<(), StoreError> {
        self.shared.flush().await
    }
}

impl Drop for Markers {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn run(shared: Arc<Shared>) {
    shared.writer.run(WINDOW, || shared.flush()).await;
}

impl Shared {
    /// Tells the other nodes, so that a user's other devices there show the room as read.
    fn tell(&self, markers: &[Marker]) {
        let mut rooms: HashMap<(&RoomName, &Epoch), Vec<(UserId, Seq)>> = HashMap::new();
        for marker in markers {
            let room = rooms.entry((&marker.room, &marker.epoch)).or_default();
            room.push((marker.user.clone(), marker.seq));
        }
        for ((room, epoch), read) in rooms {
            let epoch = epoch.clone();
            self.bus.publish_read(room, &ReadHint { epoch, read });
        }
    }

    async fn flush(&self) -> Result<(), StoreError> {
        let batch: Vec<_> = self
            .pending
            .lock()
            .iter()
            .map(|((user, room), (epoch, seq))| Marker {
                user: user.clone(),
                room: room.clone(),
                epoch: epoch.clone(),
                seq: *seq,
            })
            .collect();
        if batch.is_empty() {
            return Ok(());
        }
        self.store.mark(batch.clone()).await?;
        if !self.bus.is_local() {
            self.tell(&batch);
        }
        let mut pending = self.pending.lock();
        for written in batch {
            let key = (written.user, written.room);
            // One that moved on meanwhile is written the next time.
            if pending.get(&key) == Some(&(written.epoch, written.seq)) {
                pending.remove(&key);
            }
        }
        Ok(())
    }
}

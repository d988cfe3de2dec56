//! Periodic maintenance: retention drops events that are no longer kept, and logs in memory are removed
//! when they have no members and no activity. Of several nodes on one store, one applies retention.

use super::Hub;
use super::write_path::MemoryWritePath;
use crate::store::{EventStore, Retention, RoomRow, StoreError, Task};
use crate::supervisor::Supervisor;
use common::text::RoomName;
use common::time::Timestamp;
use std::sync::{Arc, Weak};
use std::time::Duration;
use tokio::time::MissedTickBehavior;

/// Time between two rounds.
const EVERY: Duration = Duration::from_secs(60);

/// A log in memory that nobody is in lives on for so long.
const SILENT_MAX_MS: u64 = 10 * 60 * 1000;

/// Rooms in one page that is read from the store.
const ROOMS_PER_PAGE: usize = 500;

/// Starts the rounds; they end with the hub.
pub(super) fn start(hub: &Arc<Hub>, supervisor: &Supervisor) {
    let hub = Arc::downgrade(hub);
    supervisor.spawn("upkeep", run(hub));
}

async fn run(hub: Weak<Hub>) {
    let mut rounds = tokio::time::interval(EVERY);
    rounds.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        rounds.tick().await;
        let Some(hub) = hub.upgrade() else {
            return;
        };
        if let Err(error) = round(&hub).await {
            tracing::debug!(%error, "upkeep failed; it is tried again");
        }
    }
}

/// One round over all rooms.
pub(super) async fn round(hub: &Hub) -> Result<(), StoreError> {
    let now = hub.now();
    let silent_since = Timestamp(now.0.saturating_sub(SILENT_MAX_MS));
    if let MemoryWritePath::Local(memory) = &hub.logs.memory {
        let is_live = |room: &RoomName| hub.rooms.registry.get(room).is_some();
        memory.store.expire(silent_since, is_live);
    }
    let durable = &hub.logs.durable.store;
    let is_mine = hub.leases.is_mine(Task::Retention, EVERY).await?;
    let memory = hub.logs.memory.store();
    for store in [durable, &memory].into_iter().filter(|_| is_mine) {
        store.forget_sends(now).await?;
    }
    if hub.logs.namespaces.keep_all() {
        return Ok(());
    }
    // Those of this node's memory are nobody else's.
    let is_own = |store: &Arc<dyn EventStore>| is_mine || !store.is_shared();
    for store in [durable, &memory].into_iter().filter(|store| is_own(store)) {
        let mut page = store.rooms(None, ROOMS_PER_PAGE).await?;
        while let Some(last) = page.last().map(|row| row.room.clone()) {
            prune_rooms(hub, store, page, now).await;
            page = store.rooms(Some(&last), ROOMS_PER_PAGE).await?;
        }
    }
    Ok(())
}

async fn prune_rooms(hub: &Hub, store: &Arc<dyn EventStore>, rooms: Vec<RoomRow>, now: Timestamp) {
    for RoomRow { room, .. } in rooms {
        let Some(keep) = hub.logs.namespaces.of(&room).retention(now) else {
            continue;
        };
        if let Err(error) = prune(hub, store, &room, keep, now).await {
            tracing::debug!(%error, %room, "a room could not be pruned");
        }
    }
}

/// One room, slice by slice.
async fn prune(
    hub: &Hub,
    store: &Arc<dyn EventStore>,
    room: &RoomName,
    keep: Retention,
    now: Timestamp,
) -> Result<(), StoreError> {
    while store.prune(room, keep, now).await? {}
    if let Some(live) = hub.rooms.registry.get(room) {
        live.raise_floor(store.head(room).await?.floor);
    }
    Ok(())
}

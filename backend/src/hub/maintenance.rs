//! Upkeep: what a node does now and then. Retention drops what is not kept any more, and logs in
//! memory that are silent and empty of people go.

use super::Hub;
use crate::store::{EventStore, Retention, StoreError};
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
    hub.logs
        .memory
        .store
        .expire(silent_since, |room| hub.rooms.registry.get(room).is_some());
    if hub.logs.namespaces.keep_all() {
        return Ok(());
    }
    let memory = Arc::clone(&hub.logs.memory.store) as Arc<dyn EventStore>;
    for store in [&hub.logs.durable.store, &memory] {
        for row in store.rooms(usize::MAX).await? {
            let Some(keep) = hub.logs.namespaces.of(&row.room).retention(now) else {
                continue;
            };
            if let Err(error) = prune(hub, store, &row.room, keep, now).await {
                tracing::debug!(%error, room = %row.room, "a room could not be pruned");
            }
        }
    }
    Ok(())
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

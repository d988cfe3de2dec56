//! Following what other nodes write to the logs of rooms that are live here.
//!
//! Hints of other nodes may be lost, and where there is no bus there are none. Therefore the heads of all
//! live rooms are compared with the store's at an interval, in one query; and a gap that stays open before
//! an event that this node already has is read at once.

use super::Hub;
use super::feed::Feed;
use super::logs::Logs;
use super::registry::Registry;
use crate::room::Room;
use crate::store::{EventStore, StoreError};
use crate::supervisor::Supervisor;
use common::ids::Seq;
use futures_util::stream::{self, StreamExt as _};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Weak};
use std::time::Duration;
use tokio::time::{MissedTickBehavior, sleep};

/// How long a gap may stay open before it is read from the store: the hint that fills it is usually
/// on its way.
const GAP_MAX: Duration = Duration::from_millis(10);

/// Rooms that are read at once.
const READS_MAX: usize = 8;

/// Heads in one query.
const HEADS_MAX: usize = 5_000;

/// See the module.
#[derive(Default)]
pub(super) struct Follower {
    found: AtomicU64,
}

impl Follower {
    /// Rooms in which a comparison has found events that nobody had told of.
    pub(super) fn found(&self) -> u64 {
        self.found.load(Ordering::Relaxed)
    }

    /// Compares all heads once.
    pub(super) async fn check_heads(
        &self,
        logs: &Logs,
        registry: &Registry,
        feed: &Feed,
    ) -> Result<(), StoreError> {
        let found = compare_rooms(logs, feed, registry.all()).await?;
        self.found.fetch_add(found, Ordering::Relaxed);
        Ok(())
    }
}

/// Compares the heads of these rooms with their stores', and reads what is missing. Returns in how many
/// something was.
async fn compare_rooms(logs: &Logs, feed: &Feed, rooms: Vec<Arc<Room>>) -> Result<u64, StoreError> {
    let is_durable = |room: &Arc<Room>| logs.is_durable(room.name());
    let (durable, memory): (Vec<_>, Vec<_>) = rooms.into_iter().partition(is_durable);
    let found = compare_with(&*logs.durable.store, feed, &durable).await;
    let store = logs.memory.store();
    let memory = match store.is_shared() {
        true => compare_with(&*store, feed, &memory).await,
        false => Ok(0),
    };
    // One that cannot be read is no reason to leave out the other.
    Ok(found? + memory?)
}

async fn compare_with(
    store: &dyn EventStore,
    feed: &Feed,
    rooms: &[Arc<Room>],
) -> Result<u64, StoreError> {
    let mut found = 0;
    for some in rooms.chunks(HEADS_MAX) {
        // Before the store is asked: what comes meanwhile is no lost hint.
        let known: Vec<_> = some.iter().map(|room| room.head()).collect();
        let names = some.iter().map(|room| room.name().clone()).collect();
        let mut heads = store.heads(names).await?;
        // A log that was written to and is not there any more has begun anew.
        let mut lost = Vec::new();
        for (room, known) in some.iter().zip(&known) {
            if *known > Seq::ZERO && !heads.contains_key(room.name()) {
                lost.push((Arc::clone(room), store.head(room.name()).await?));
            }
        }
        let behind = some.iter().zip(known).filter_map(|(room, known)| {
            let at = heads.remove(room.name())?;
            // Another node may have dropped what retention does not keep.
            room.raise_floor(at.floor);
            let is_replaced = !room.is_same_log(&at.epoch);
            (is_replaced || at.head > known).then(|| (Arc::clone(room), at))
        });
        let mut behind: Vec<_> = behind.collect();
        behind.extend(lost);
        found += behind.len() as u64;
        let reads = stream::iter(behind).map(|(room, at)| feed.catch_up(room, at));
        let mut reads = reads.buffer_unordered(READS_MAX);
        while let Some(read) = reads.next().await {
            read?;
        }
    }
    Ok(found)
}

/// Starts both for a store that other nodes may write to. They end with the hub.
pub(super) fn start(hub: &Arc<Hub>, every: Duration, supervisor: &Supervisor) {
    let logs = Arc::clone(&hub.logs);
    supervisor.spawn(
        "the comparison of heads",
        compare(Arc::downgrade(hub), every),
    );
    supervisor.spawn("the reading of gaps", fill_gaps(hub.feed.clone(), logs));
}

async fn compare(hub: Weak<Hub>, every: Duration) {
    let mut rounds = tokio::time::interval(every);
    rounds.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        rounds.tick().await;
        let Some(hub) = hub.upgrade() else {
            return;
        };
        if let Err(error) = hub.check_heads().await {
            tracing::debug!(%error, "the heads of rooms could not be compared; they will be again");
        }
    }
}

async fn fill_gaps(feed: Feed, logs: Arc<Logs>) {
    loop {
        feed.gaps.wait().await;
        sleep(GAP_MAX).await;
        let unchecked = feed.gaps.take_unchecked();
        if let Err(error) = compare_rooms(&logs, &feed, unchecked).await {
            tracing::debug!(%error, "rooms could not be compared; the next comparison will be");
        }
        let open = feed.gaps.take().into_iter().filter_map(|room| {
            let newest = room.newest_early()?;
            Some(feed.advance(room, newest))
        });
        let mut reads = stream::iter(open.collect::<Vec<_>>()).buffer_unordered(READS_MAX);
        while let Some(read) = reads.next().await {
            if let Err(error) = read {
                tracing::debug!(%error, "a gap could not be read; the next comparison will find it");
            }
        }
    }
}

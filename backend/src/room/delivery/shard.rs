//! A shard: one worker's share of the connections, and the rooms with unsent events.
//!
//! A publisher only records which rooms have new events, once for each shard with members, however
//! large the room and however many events. The shard's flusher, one task on the worker's own thread,
//! then writes to the members one after the other. It lets all other ready tasks run first, so that
//! events published in one turn of the event loop are sent with one write per member; a single event is
//! not delayed.

use super::ShardConnection;
use super::pass::Pass;
use super::write_pacing::WritePacing;
use crate::room::Room;
use parking_lot::Mutex;
use slab::Slab;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tokio::sync::Notify;
use tokio::time::Instant;

/// Turns with little to write before everything else on the thread has one.
const TURNS_MAX: usize = 16;

/// Writes that are not worth waiting with.
const LITTLE: usize = 4;

/// Writes before everything else on the thread has a turn again.
const WRITES_MAX: usize = 128;

/// See the module.
#[derive(Default)]
pub struct Shard {
    pending: Mutex<Pending>,
    changed: Notify,
    connections: Mutex<Slab<Arc<dyn ShardConnection>>>,
    /// Milliseconds since the shard began, as of the last tick.
    now_ms: AtomicU64,
}

#[derive(Default)]
struct Pending {
    rooms: Vec<Arc<Room>>,
    connections: Vec<Arc<dyn ShardConnection>>,
}

impl Pending {
    fn is_empty(&self) -> bool {
        self.rooms.is_empty() && self.connections.is_empty()
    }

    /// About how many writes that will be.
    fn writes(&self, shard: usize) -> usize {
        let rooms = self.rooms.iter().map(|room| room.members_on(shard));
        self.connections.len() + rooms.sum::<usize>()
    }

    fn add(&mut self, other: Self) {
        self.rooms.extend(other.rooms);
        self.connections.extend(other.connections);
    }

    async fn write(self, shard: usize, pacing: &mut WritePacing) {
        let mut writes = 0;
        for room in self.rooms {
            let began = Instant::now();
            let mut pass = Pass::new(Arc::clone(&room), shard);
            while let Some(count) = pass.step(WRITES_MAX) {
                writes += count;
                if writes >= WRITES_MAX {
                    writes = 0;
                    tokio::task::yield_now().await;
                }
            }
            pass.finish();
            pacing.note(room, began.elapsed(), pass.events());
        }
        for connection in self.connections {
            connection.flush();
            writes += 1;
            if writes >= WRITES_MAX {
                writes = 0;
                tokio::task::yield_now().await;
            }
        }
    }
}

/// Every worker's share.
#[derive(Clone)]
pub struct Shards(Arc<[Arc<Shard>]>);

impl Shards {
    /// As many as there are workers; one at the least.
    #[must_use]
    pub fn new(count: usize) -> Self {
        Self((0..count.max(1)).map(|_| Arc::default()).collect())
    }

    /// Each of them, in order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &Arc<Shard>> {
        self.0.iter()
    }

    /// The one with this number.
    #[must_use]
    pub fn get(&self, number: usize) -> Option<&Arc<Shard>> {
        self.0.get(number)
    }

    /// Wakes those that have something to write.
    pub fn notify(&self) {
        for shard in &*self.0 {
            shard.notify();
        }
    }
}

impl Shard {
    /// Notes that a room has something new; [`Shard::notify`] is to follow.
    pub(in crate::room) fn mark(&self, room: Arc<Room>) {
        self.pending.lock().rooms.push(room);
    }

    /// Notes that a connection has something to write for itself; [`Shard::notify`] is to follow.
    pub fn enqueue(&self, connection: Arc<dyn ShardConnection>) {
        self.pending.lock().connections.push(connection);
    }

    /// Wakes the flusher if there is something to write.
    pub fn notify(&self) {
        if !self.pending.lock().is_empty() {
            self.changed.notify_one();
        }
    }

    /// Adds a connection; returns its number.
    pub fn add(&self, connection: Arc<dyn ShardConnection>) -> usize {
        self.connections.lock().insert(connection)
    }

    /// Takes a connection out.
    pub fn remove(&self, number: usize) {
        // Dropped after the lock is released: it may be the last to hold the connection.
        let gone = self.connections.lock().try_remove(number);
        drop(gone);
    }

    /// Milliseconds since the shard began, as of the last tick.
    #[must_use]
    pub fn now_ms(&self) -> u64 {
        self.now_ms.load(Ordering::Relaxed)
    }

    /// Tells every connection.
    pub fn for_each(&self, tell: impl Fn(&Arc<dyn ShardConnection>)) {
        for (_, connection) in &*self.connections.lock() {
            tell(connection);
        }
    }

    /// Writes what there is to write, for ever. Runs on the worker's thread.
    pub async fn flush_forever(&self, number: usize) {
        let (mut pacing, mut turns) = (WritePacing::default(), 0_usize);
        loop {
            pacing.until_due(self.changed.notified()).await;
            let mut work = self.take(&mut pacing);
            // What the sockets have brought meanwhile comes first: it may publish more. To look for
            // it is not worth its while where there is little to write.
            turns += 1;
            if work.writes(number) > LITTLE || turns >= TURNS_MAX {
                turns = 0;
                tokio::task::yield_now().await;
                work.add(self.take(&mut pacing));
            }
            work.write(number, &mut pacing).await;
        }
    }

    /// Writes what there is to write.
    pub async fn flush(&self, number: usize) {
        let mut pacing = WritePacing::default();
        let work = self.take(&mut pacing);
        work.write(number, &mut pacing).await;
    }

    /// What there is to write now.
    fn take(&self, pacing: &mut WritePacing) -> Pending {
        let Pending { rooms, connections } = std::mem::take(&mut *self.pending.lock());
        Pending {
            rooms: pacing.choose(rooms),
            connections,
        }
    }

    /// Lets every connection look at the time, for ever. One timer for all of them.
    pub async fn tick_forever(&self, every: Duration) {
        let mut ticks = tokio::time::interval(every);
        ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        let began = ticks.tick().await;
        loop {
            let now = ticks.tick().await.duration_since(began);
            let now_ms = u64::try_from(now.as_millis()).unwrap_or(u64::MAX);
            self.now_ms.store(now_ms, Ordering::Relaxed);
            self.for_each(|connection| connection.tick(now_ms));
        }
    }
}

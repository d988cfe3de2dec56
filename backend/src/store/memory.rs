//! Logs in memory, for namespaces whose events need no disk, such as dashboards or cursors.
//!
//! The contract is the same as on disk for the lifetime of the node. A log begins with an epoch of its
//! own and is bounded: beyond the bound the oldest events are dropped, and the log's floor states it.

mod log;
mod sends;
#[cfg(test)]
mod tests;

use super::names::NameKeys;
use super::{
    Appended, Body, EventStore, MessagePage, NewEvent, Page, Placed, Range, Refusal, Retention,
    RoomHead, RoomRow, StoreError,
};
use crate::sharded_lock::ShardedLock;
use async_trait::async_trait;
use common::ids::{Epoch, Seq};
use common::text::RoomName;
use common::time::Timestamp;
use sends::Sends;
use std::collections::{HashMap, HashSet};
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

pub(in crate::store) use log::Log;

/// Logs kept at once; beyond, no further one is begun until some have expired.
pub const ROOMS_MAX: usize = 10_000;

/// Bytes that all logs keep together; beyond, nothing is taken until some have expired.
const BYTES_MAX: usize = 512 * 1024 * 1024;

/// See the module. Rooms and users are spread over shards, so that two rooms mostly do not meet.
/// A shard of sends is locked before one of logs, never after, and no two of a kind at once.
pub struct MemoryStore {
    /// This life of the node; each log's epoch begins with it.
    life: Epoch,
    logs: ShardedLock<HashMap<RoomName, Log>>,
    logs_started: AtomicU64,
    logs_kept: AtomicUsize,
    /// What the logs take together.
    bytes: AtomicUsize,
    sends: Sends,
}

impl MemoryStore {
    /// An empty store. `life` tells this node's life from every other.
    #[must_use]
    pub fn new(life: Epoch) -> Self {
        Self {
            life,
            logs: ShardedLock::default(),
            logs_started: AtomicU64::new(0),
            logs_kept: AtomicUsize::new(0),
            bytes: AtomicUsize::new(0),
            sends: Sends::default(),
        }
    }

    /// Drops logs of rooms that `is_live` does not claim: those that have been silent since `before`,
    /// and those that nobody has written to.
    pub fn expire(&self, before: Timestamp, is_live: impl Fn(&RoomName) -> bool) {
        let mut gone = HashSet::new();
        for shard in self.logs.iter() {
            shard.lock().retain(|room, log| {
                let at = log.at();
                let is_written = at.head > Seq::ZERO;
                let stays = is_live(room) || is_written && log.last_at() >= before;
                if !stays {
                    gone.insert(at.epoch);
                    self.bytes.fetch_sub(log.bytes(), Ordering::Relaxed);
                    self.logs_kept
                        .fetch_sub(usize::from(is_written), Ordering::Relaxed);
                }
                stays
            });
        }
        // What was sent to a log that is no more would be acknowledged and be nowhere.
        if !gone.is_empty() {
            self.sends.forget(&gone);
        }
    }

    fn append_one(&self, event: &NewEvent) -> Appended {
        let Some(id) = event.id.clone() else {
            return match self.add(event) {
                Ok(placed) => Appended::Placed(placed),
                Err(refusal) => Appended::Refused(refusal),
            };
        };
        // Until it is remembered, the same user's repeat waits.
        let mut sends = self.sends.of(&event.author.id);
        match sends.find(event, &id) {
            Some(known) => known,
            None => match self.add(event) {
                Ok(placed) => {
                    self.sends.remember(&mut sends, event, id, &placed);
                    Appended::Placed(placed)
                }
                Err(refusal) => Appended::Refused(refusal),
            },
        }
    }

    fn add(&self, event: &NewEvent) -> Result<Placed, Refusal> {
        if self.bytes.load(Ordering::Relaxed) > BYTES_MAX {
            return Err(Refusal::TooManyLogs);
        }
        let mut logs = self.logs.of(&event.room).lock();
        let log = self.log(&mut logs, &event.room);
        // Only logs that hold something count: rooms that are only joined must fill no table.
        let begins = log.at().head == Seq::ZERO;
        if begins && self.logs_kept.fetch_add(1, Ordering::Relaxed) >= ROOMS_MAX {
            self.logs_kept.fetch_sub(1, Ordering::Relaxed);
            return Err(Refusal::TooManyLogs);
        }
        let before = log.bytes();
        let placed = log.append(event);
        let after = log.bytes();
        if begins && placed.is_err() {
            self.logs_kept.fetch_sub(1, Ordering::Relaxed);
        }
        // Wraps where the log has shrunk, and the sum wraps back.
        self.bytes
            .fetch_add(after.wrapping_sub(before), Ordering::Relaxed);
        placed
    }

    /// The room's log, begun where there is none: readers of its head rely on its epoch.
    fn log<'a>(&self, logs: &'a mut HashMap<RoomName, Log>, room: &RoomName) -> &'a mut Log {
        logs.entry(room.clone()).or_insert_with(|| {
            let number = self.logs_started.fetch_add(1, Ordering::Relaxed) + 1;
            // The life is short visible ASCII, and so is this.
            let epoch = format!("{}-{number}", self.life).parse();
            let epoch = epoch.unwrap_or_else(|_| self.life.clone());
            Log::new(room.clone(), epoch)
        })
    }

    fn written(&self, limit: usize, is_wanted: impl Fn(&RoomName) -> bool) -> Vec<RoomRow> {
        let mut rooms = Vec::new();
        for shard in self.logs.iter() {
            let logs = shard.lock();
            let written = logs
                .iter()
                .filter(|(room, log)| is_wanted(room) && !log.is_empty());
            rooms.extend(written.map(|(room, log)| RoomRow {
                room: room.clone(),
                head: log.at().head,
                last_at: log.last_at(),
            }));
        }
        // By name, too, so that the order is the same every time.
        rooms.sort_by(|a, b| (b.last_at, &a.room).cmp(&(a.last_at, &b.room)));
        rooms.truncate(limit);
        rooms
    }

    fn nothing(&self) -> RoomHead {
        RoomHead::empty(self.life.clone())
    }
}

#[async_trait]
impl EventStore for MemoryStore {
    fn append(&self, batch: &[NewEvent]) -> Result<Vec<Appended>, StoreError> {
        Ok(batch.iter().map(|event| self.append_one(event)).collect())
    }

    async fn head(&self, room: &RoomName) -> Result<RoomHead, StoreError> {
        let mut logs = self.logs.of(room).lock();
        Ok(self.log(&mut logs, room).at())
    }

    fn rising_floor(&self, room: &RoomName) -> Option<Seq> {
        Some(self.logs.of(room).lock().get(room)?.at().floor)
    }

    async fn read(&self, room: &RoomName, range: Range, limit: usize) -> Result<Page, StoreError> {
        let logs = self.logs.of(room).lock();
        let Some(log) = logs.get(room) else {
            return Ok(Page {
                at: self.nothing(),
                events: Vec::new(),
                more: false,
            });
        };
        let (events, more) = log.read(range, limit, |_| true);
        let at = log.at();
        Ok(Page { at, events, more })
    }

    async fn messages(
        &self,
        room: &RoomName,
        range: Range,
        limit: usize,
    ) -> Result<MessagePage, StoreError> {
        let logs = self.logs.of(room).lock();
        let Some(log) = logs.get(room) else {
            return Ok(MessagePage {
                at: self.nothing(),
                messages: Vec::new(),
                changes: Vec::new(),
                more: false,
            });
        };
        let is_message = |body: &Body| matches!(body, Body::Message { .. });
        let (messages, more) = log.read(range, limit, is_message);
        let changes = log.changes(&messages);
        Ok(MessagePage {
            at: log.at(),
            messages,
            changes,
            more,
        })
    }

    async fn prune(
        &self,
        room: &RoomName,
        keep: Retention,
        _now: Timestamp,
    ) -> Result<bool, StoreError> {
        if let Some(log) = self.logs.of(room).lock().get_mut(room) {
            let before = log.bytes();
            log.prune(keep);
            self.bytes
                .fetch_sub(before - log.bytes(), Ordering::Relaxed);
        }
        Ok(false)
    }

    async fn rooms(
        &self,
        after: Option<&RoomName>,
        limit: usize,
    ) -> Result<Vec<RoomRow>, StoreError> {
        let is_wanted =
            |room: &RoomName| !room.is_broadcast() && after.is_none_or(|after| room > after);
        let mut rooms = self.written(usize::MAX, is_wanted);
        rooms.sort_by(|a, b| a.room.cmp(&b.room));
        rooms.truncate(limit);
        Ok(rooms)
    }

    async fn public_rooms(&self, limit: usize) -> Result<Vec<RoomRow>, StoreError> {
        let is_public = |room: &RoomName| !room.is_broadcast() && !room.is_hidden();
        Ok(self.written(limit, is_public))
    }

    async fn similar(&self, room: &RoomName, limit: usize) -> Result<Vec<RoomName>, StoreError> {
        let keys = NameKeys::of_room(room);
        let is_similar = |room: &RoomName| {
            let is_public = !room.is_broadcast() && !room.is_hidden();
            is_public && NameKeys::of_room(room).collide(&keys)
        };
        let rows = self.written(limit, is_similar).into_iter();
        Ok(rows.map(|row| row.room).collect())
    }

    async fn rows(&self, rooms: Vec<RoomName>) -> Result<Vec<RoomRow>, StoreError> {
        Ok(self.written(rooms.len(), |room| rooms.contains(room)))
    }
}

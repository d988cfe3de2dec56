//! Logs in memory, for namespaces whose events are not worth a disk: ticks, cursors, dashboards.
//!
//! The same contract as on disk for as long as the node lives, but for what "stable storage" means.
//! A log begins with an epoch of its own and is bounded; what is beyond the bound is dropped from
//! its oldest end, and the log's floor says so.

mod audit;
mod log;
mod people;
mod rooms;
#[cfg(test)]
mod tests;

use super::{
    Appended, Body, EventStore, MessagePage, NewEvent, Page, Placed, Range, Refusal, Retention,
    RoomHead, RoomRow, StoreError,
};
use async_trait::async_trait;
use common::ids::{Epoch, RequestId, Seq, UserId};
use common::text::RoomName;
use common::time::Timestamp;
use log::Log;
use parking_lot::Mutex;
use std::collections::{HashMap, VecDeque};

pub use audit::MemoryAudit;
pub use people::MemoryPeople;

/// Logs kept at once; beyond, no further one is begun until some have expired.
pub const ROOMS_MAX: usize = 10_000;

/// Bytes that all logs keep together; beyond, nothing is taken until some have expired.
const BYTES_MAX: usize = 512 * 1024 * 1024;

/// Sends that are remembered for the sake of repeats; beyond, the oldest are forgotten.
const SENDS_MAX: usize = 200_000;

/// See the module.
pub struct MemoryStore {
    state: Mutex<State>,
}

/// What an `id` was used for.
type Kind = (std::mem::Discriminant<Body>, Option<Seq>);

struct State {
    /// This life of the node; each log's epoch begins with it.
    life: Epoch,
    logs: HashMap<RoomName, Log>,
    logs_started: u64,
    /// What the logs take together, as of the last expiry, and what came since.
    bytes: usize,
    sends: HashMap<(UserId, RequestId), (Placed, Kind)>,
    sends_by_age: VecDeque<(UserId, RequestId)>,
}

impl MemoryStore {
    fn written(&self, limit: usize, is_wanted: impl Fn(&RoomName) -> bool) -> Vec<RoomRow> {
        let state = self.state.lock();
        let mut rooms: Vec<_> = state
            .logs
            .iter()
            .filter(|(room, log)| is_wanted(room) && !log.is_empty())
            .map(|(room, log)| RoomRow {
                room: room.clone(),
                head: log.at().head,
                last_at: log.last_at(),
            })
            .collect();
        rooms.sort_by_key(|row| std::cmp::Reverse(row.last_at));
        rooms.truncate(limit);
        rooms
    }

    /// An empty store. `life` tells this node's life from every other.
    #[must_use]
    pub fn new(life: Epoch) -> Self {
        Self {
            state: Mutex::new(State {
                life,
                logs: HashMap::new(),
                logs_started: 0,
                bytes: 0,
                sends: HashMap::new(),
                sends_by_age: VecDeque::new(),
            }),
        }
    }

    /// Drops logs that have been silent since `before` and that `is_live` does not claim.
    pub fn expire(&self, before: Timestamp, is_live: impl Fn(&RoomName) -> bool) {
        let mut state = self.state.lock();
        state
            .logs
            .retain(|room, log| log.last_at() >= before || is_live(room));
        // What was sent to a log that is no more would be acknowledged and be nowhere.
        let State {
            logs,
            sends,
            sends_by_age,
            ..
        } = &mut *state;
        sends.retain(|_, (placed, _)| logs.contains_key(&placed.room));
        sends_by_age.retain(|send| sends.contains_key(send));
        state.bytes = state.logs.values().map(Log::bytes).sum();
    }
}

fn kind_of(body: &Body) -> Kind {
    (std::mem::discriminant(body), body.target())
}

impl State {
    fn append(&mut self, event: &NewEvent) -> Appended {
        let send = event.id.clone().map(|id| (event.author.id.clone(), id));
        if let Some((first, kind)) = send.as_ref().and_then(|send| self.sends.get(send)) {
            if first.room != event.room || *kind != kind_of(&event.body) {
                return Appended::Refused(Refusal::IdReused);
            }
            return Appended::Placed(Placed {
                repeat: true,
                ..first.clone()
            });
        }
        if self.bytes > BYTES_MAX {
            self.bytes = self.logs.values().map(Log::bytes).sum();
            if self.bytes > BYTES_MAX {
                return Appended::Refused(Refusal::TooManyLogs);
            }
        }
        let before = self.logs.get(&event.room).map_or(0, Log::bytes);
        let placed = match self.log(&event.room).and_then(|log| log.append(event)) {
            Ok(placed) => placed,
            Err(refusal) => return Appended::Refused(refusal),
        };
        let after = self.logs.get(&event.room).map_or(0, Log::bytes);
        self.bytes = (self.bytes + after).saturating_sub(before);
        if let Some(send) = send {
            self.remember(send, &placed, kind_of(&event.body));
        }
        Appended::Placed(placed)
    }

    /// The room's log, begun where there is none: whoever asks for its head will go by its epoch.
    fn log(&mut self, room: &RoomName) -> Result<&mut Log, Refusal> {
        if !self.logs.contains_key(room) {
            if self.logs.len() >= ROOMS_MAX {
                return Err(Refusal::TooManyLogs);
            }
            self.logs_started += 1;
            // The life is short visible ASCII, and so is this.
            let epoch = format!("{}-{}", self.life, self.logs_started).parse();
            let epoch = epoch.unwrap_or_else(|_| self.life.clone());
            self.logs
                .insert(room.clone(), Log::new(room.clone(), epoch));
        }
        self.logs.get_mut(room).ok_or(Refusal::TooManyLogs)
    }

    fn remember(&mut self, send: (UserId, RequestId), placed: &Placed, kind: Kind) {
        let first = Placed {
            erased: Vec::new(),
            ..placed.clone()
        };
        self.sends.insert(send.clone(), (first, kind));
        self.sends_by_age.push_back(send);
        if self.sends_by_age.len() > SENDS_MAX
            && let Some(oldest) = self.sends_by_age.pop_front()
        {
            self.sends.remove(&oldest);
        }
    }

    fn at(&self, room: &RoomName) -> RoomHead {
        let empty = || RoomHead::empty(self.life.clone());
        self.logs.get(room).map_or_else(empty, Log::at)
    }
}

#[async_trait]
impl EventStore for MemoryStore {
    fn append(&self, batch: &[NewEvent]) -> Result<Vec<Appended>, StoreError> {
        let mut state = self.state.lock();
        Ok(batch.iter().map(|event| state.append(event)).collect())
    }

    async fn head(&self, room: &RoomName) -> Result<RoomHead, StoreError> {
        let mut state = self.state.lock();
        let log = state
            .log(room)
            .map_err(|full| StoreError::Engine(full.to_string().into()))?;
        Ok(log.at())
    }

    async fn read(&self, room: &RoomName, range: Range, limit: usize) -> Result<Page, StoreError> {
        let state = self.state.lock();
        let at = state.at(room);
        let found = state
            .logs
            .get(room)
            .map(|log| log.read(range, limit, |_| true));
        let (events, more) = found.unwrap_or_default();
        Ok(Page { at, events, more })
    }

    async fn messages(
        &self,
        room: &RoomName,
        range: Range,
        limit: usize,
    ) -> Result<MessagePage, StoreError> {
        let state = self.state.lock();
        let at = state.at(room);
        let Some(log) = state.logs.get(room) else {
            let (messages, changes) = (Vec::new(), Vec::new());
            return Ok(MessagePage {
                at,
                messages,
                changes,
                more: false,
            });
        };
        let is_message = |body: &Body| matches!(body, Body::Message { .. });
        let (messages, more) = log.read(range, limit, is_message);
        let changes = log.changes(&messages);
        Ok(MessagePage {
            at,
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
        if let Some(log) = self.state.lock().logs.get_mut(room) {
            log.prune(keep);
        }
        Ok(false)
    }

    async fn rooms(&self, limit: usize) -> Result<Vec<RoomRow>, StoreError> {
        Ok(self.written(limit, |room| !room.is_broadcast()))
    }

    async fn public_rooms(&self, limit: usize) -> Result<Vec<RoomRow>, StoreError> {
        let is_public = |room: &RoomName| !room.is_broadcast() && !room.is_hidden();
        Ok(self.written(limit, is_public))
    }

    async fn rows(&self, rooms: Vec<RoomName>) -> Result<Vec<RoomRow>, StoreError> {
        Ok(self.written(rooms.len(), |room| rooms.contains(room)))
    }
}

//! What a node knows of one log, and what it is about to add to it.

use super::entry::Sent;
use super::is_message;
use crate::store::memory::Log;
use crate::store::{
    Appended, MessagePage, NewEvent, Page, Placed, Range, Refusal, Retention, RoomHead, StoreError,
    StoredEvent,
};
use common::ids::{Epoch, RequestId, Seq, UserId};
use common::text::RoomName;
use common::time::Timestamp;
use std::collections::HashMap;

/// Sends that were found in Redis, by author and `id`.
pub(super) type Sends = HashMap<(UserId, RequestId), Sent>;

/// See the module.
pub(super) struct Replica {
    room: RoomName,
    /// None before the log was read for the first time.
    log: Option<Log>,
}

/// What is written in one go.
pub(super) struct Draft {
    room: RoomName,
    /// A copy to judge changes by; messages need no look at the log.
    log: Option<Log>,
    sends: Sends,
    /// The state that it rests on.
    pub(super) before: RoomHead,
    /// The state after it.
    pub(super) after: RoomHead,
    pub(super) last_at: Timestamp,
    pub(super) added: Vec<StoredEvent>,
    pub(super) erased: Vec<StoredEvent>,
    pub(super) sent: Vec<(UserId, RequestId, Sent)>,
}

impl Replica {
    pub(super) fn new(room: RoomName) -> Self {
        Self { room, log: None }
    }

    /// The epoch and the head that are known.
    pub(super) fn known(&self) -> Option<(Epoch, Seq)> {
        let at = self.log.as_ref()?.at();
        Some((at.epoch, at.head))
    }

    pub(super) fn at(&self) -> RoomHead {
        match &self.log {
            Some(log) => log.at(),
            // It is read before it is asked.
            None => RoomHead::empty(Epoch::from_random(0)),
        }
    }

    /// Takes what Redis has: all of the log, or what is new in it.
    ///
    /// # Errors
    /// Something is missing in between.
    pub(super) fn update(
        &mut self,
        at: &RoomHead,
        events: Vec<StoredEvent>,
    ) -> Result<(), StoreError> {
        let first = events.first().map_or(at.head.next(), |event| event.seq);
        let is_next = |log: &Log| {
            let known = log.at();
            known.epoch == at.epoch && known.head.next() == first
        };
        let log = match self.log.take() {
            Some(log) if is_next(&log) => log,
            _ => Log::from_floor(self.room.clone(), at.epoch.clone(), at.floor),
        };
        let due = log.at().head.0 + 1..=at.head.0;
        if !events.iter().map(|event| event.seq.0).eq(due) {
            return Err(StoreError::Unavailable("Redis: events are missing".into()));
        }
        self.log = Some(log.with(events, at.floor));
        Ok(())
    }

    pub(super) fn read(&self, range: Range, limit: usize) -> Page {
        let read = self
            .log
            .as_ref()
            .map(|log| log.read(range, limit, |_| true));
        let (events, more) = read.unwrap_or_default();
        let at = self.at();
        Page { at, events, more }
    }

    pub(super) fn messages(&self, range: Range, limit: usize) -> MessagePage {
        let log = self.log.as_ref();
        let read = log.map(|log| log.read(range, limit, is_message));
        let (messages, more) = read.unwrap_or_default();
        let changes = log.map_or_else(Vec::new, |log| log.changes(&messages));
        MessagePage {
            at: self.at(),
            messages,
            changes,
            more,
        }
    }

    pub(super) fn prune(&mut self, keep: Retention) {
        if let Some(log) = &mut self.log {
            log.prune(keep);
        }
    }

    /// A draft of what these events add.
    pub(super) fn draft(&self, events: &[NewEvent], sends: Sends) -> (Draft, Vec<Appended>) {
        let needs_log = events.iter().any(|event| event.body.target().is_some());
        let last_at = self
            .log
            .as_ref()
            .map_or_else(Timestamp::default, Log::last_at);
        let mut draft = Draft {
            room: self.room.clone(),
            log: self.log.clone().filter(|_| needs_log),
            sends,
            before: self.at(),
            after: self.at(),
            last_at,
            added: Vec::new(),
            erased: Vec::new(),
            sent: Vec::new(),
        };
        let answers = events.iter().map(|event| draft.append(event)).collect();
        let bytes = draft
            .added
            .iter()
            .map(|added| added.event.body.bytes())
            .sum();
        if let Some(log) = &self.log {
            draft.after.floor = log.floor_after(draft.added.len(), bytes);
        }
        (draft, answers)
    }

    /// The draft is written.
    pub(super) fn adopt(&mut self, draft: Draft) {
        let log = self.log.take();
        self.log = log.map(|log| log.with(draft.added, draft.after.floor));
    }
}

impl Draft {
    /// Decides about the next event.
    pub(super) fn append(&mut self, event: &NewEvent) -> Appended {
        let key = event.id.clone().map(|id| (event.author.id.clone(), id));
        if let Some(answer) = key.as_ref().and_then(|key| self.repeat(key, event)) {
            return answer;
        }
        let placed = match &mut self.log {
            Some(log) => log.append(event),
            None => Ok(self.place(event)),
        };
        let placed = match placed {
            Ok(placed) => placed,
            Err(refusal) => return Appended::Refused(refusal),
        };
        if !placed.repeat {
            self.after.head = placed.seq;
            self.last_at = placed.timestamp;
            self.erased.extend(placed.erased.iter().cloned());
            self.added.push(StoredEvent {
                seq: placed.seq,
                event: NewEvent {
                    timestamp: placed.timestamp,
                    ..event.clone()
                },
            });
        }
        if let Some((user, id)) = key {
            let sent = Sent::of(event, &placed);
            self.sends.insert((user.clone(), id.clone()), sent.clone());
            self.sent.push((user, id, sent));
        }
        Appended::Placed(placed)
    }

    /// A message's place: the next one.
    fn place(&self, event: &NewEvent) -> Placed {
        Placed {
            room: self.room.clone(),
            epoch: self.before.epoch.clone(),
            seq: self.after.head.next(),
            timestamp: event.timestamp.max(self.last_at),
            repeat: false,
            erased: Vec::new(),
        }
    }

    /// The answer to an event that was stored before.
    fn repeat(&self, key: &(UserId, RequestId), event: &NewEvent) -> Option<Appended> {
        let sent = self.sends.get(key)?;
        let epoch = &self.before.epoch;
        if sent.is_lost(&event.room, epoch) {
            return None;
        }
        if !sent.is_in(&event.room, epoch) || !sent.is_same_kind(&event.body) {
            return Some(Appended::Refused(Refusal::IdReused));
        }
        Some(Appended::Placed(Placed {
            room: event.room.clone(),
            epoch: epoch.clone(),
            seq: Seq(sent.2),
            timestamp: Timestamp(sent.5),
            repeat: true,
            erased: Vec::new(),
        }))
    }

    pub(super) fn is_unchanged(&self) -> bool {
        self.added.is_empty()
    }
}

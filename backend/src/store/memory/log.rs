//! One log in memory.

use super::{Body, NewEvent, Placed, Range, Refusal, Retention, RoomHead};
use crate::store::reactions::{Decision, Reactions};
use crate::store::{CHANGES_MAX, PAGE_BYTES_MAX, StoredEvent};
use common::ids::{Epoch, Seq};
use common::text::RoomName;
use common::time::Timestamp;
use std::collections::{HashSet, VecDeque};

/// Events that one log keeps.
const EVENTS_MAX: usize = 2000;

/// Bytes that one log keeps.
const BYTES_MAX: usize = 1024 * 1024;

/// See the module.
#[derive(Debug, Clone)]
pub(in crate::store) struct Log {
    room: RoomName,
    epoch: Epoch,
    /// Consecutive, the newest last.
    events: VecDeque<StoredEvent>,
    head: Seq,
    last_at: Timestamp,
    /// About what the events take.
    bytes: usize,
}

impl Log {
    pub(in crate::store) fn new(room: RoomName, epoch: Epoch) -> Self {
        Self {
            room,
            epoch,
            events: VecDeque::new(),
            head: Seq::ZERO,
            last_at: Timestamp::default(),
            bytes: 0,
        }
    }

    /// A log of which everything up to `floor` is gone.
    pub(in crate::store) fn from_floor(room: RoomName, epoch: Epoch, floor: Seq) -> Self {
        Self {
            head: floor,
            ..Self::new(room, epoch)
        }
    }

    /// The log with events that follow its own, as they are stored, and with the bounds that hold then.
    pub(in crate::store) fn with(mut self, events: Vec<StoredEvent>, floor: Seq) -> Self {
        for stored in events {
            self.head = stored.seq;
            self.last_at = self.last_at.max(stored.event.timestamp);
            self.bytes += stored.event.body.bytes();
            let erases = match stored.event.body {
                Body::Delete { target, .. } => Some(target),
                _ => None,
            };
            self.events.push_back(stored);
            if let Some(target) = erases {
                self.erase(target);
            }
        }
        while self.floor() < floor && !self.events.is_empty() {
            self.drop_oldest();
        }
        self
    }

    /// The floor once so many events of so many bytes are added.
    pub(in crate::store) fn floor_after(&self, events: usize, bytes: usize) -> Seq {
        let (mut count, mut bytes) = (self.events.len() + events, self.bytes + bytes);
        let mut floor = self.floor();
        for oldest in &self.events {
            if count <= EVENTS_MAX && bytes <= BYTES_MAX {
                break;
            }
            count -= 1;
            bytes = bytes.saturating_sub(oldest.event.body.bytes());
            floor = floor.next();
        }
        floor
    }

    pub(in crate::store) fn bytes(&self) -> usize {
        self.bytes
    }

    pub(in crate::store) fn is_empty(&self) -> bool {
        self.head == Seq::ZERO
    }

    pub(in crate::store) fn last_at(&self) -> Timestamp {
        self.last_at
    }

    pub(in crate::store) fn at(&self) -> RoomHead {
        RoomHead {
            epoch: self.epoch.clone(),
            floor: self.floor(),
            head: self.head,
        }
    }

    fn floor(&self) -> Seq {
        self.head.back(self.events.len() as u64)
    }

    pub(in crate::store) fn append(&mut self, event: &NewEvent) -> Result<Placed, Refusal> {
        match self.judge(event) {
            Decision::Take => {}
            Decision::Said(seq) => return Ok(self.placed(event, seq, true, Vec::new())),
            Decision::Refuse(refusal) => return Err(refusal),
        }
        self.head = self.head.next();
        // A clock that was set back does not take the room's time back.
        self.last_at = self.last_at.max(event.timestamp);
        self.bytes += event.body.bytes();
        let timestamp = self.last_at;
        let event = &NewEvent {
            timestamp,
            ..event.clone()
        };
        self.events.push_back(StoredEvent {
            seq: self.head,
            event: event.clone(),
        });
        while self.events.len() > EVENTS_MAX || (self.bytes > BYTES_MAX && self.events.len() > 1) {
            self.drop_oldest();
        }
        let erased = match event.body {
            Body::Delete { target, .. } => self.erase(target),
            _ => Vec::new(),
        };
        Ok(self.placed(event, self.head, false, erased))
    }

    fn placed(&self, event: &NewEvent, seq: Seq, repeat: bool, erased: Vec<StoredEvent>) -> Placed {
        Placed {
            room: self.room.clone(),
            epoch: self.epoch.clone(),
            seq,
            timestamp: event.timestamp,
            repeat,
            erased,
        }
    }

    fn drop_oldest(&mut self) {
        if let Some(oldest) = self.events.pop_front() {
            self.bytes = self.bytes.saturating_sub(oldest.event.body.bytes());
        }
    }

    fn judge(&self, event: &NewEvent) -> Decision {
        let Some(target) = event.body.target() else {
            return Decision::Take;
        };
        let found = self.events.iter().find(|known| known.seq == target);
        let Some(message) = found.filter(|known| known.event.body.says_something()) else {
            return Decision::Refuse(Refusal::NoSuchMessage);
        };
        let is_own = message.event.author.id == event.author.id;
        let mut changes = 0;
        let mut reactions = Reactions::default();
        for known in self
            .events
            .iter()
            .filter(|known| known.event.body.target() == Some(target))
        {
            changes += 1;
            if let Body::React { emoji, on, .. } = &known.event.body {
                let user = known.event.author.id.clone();
                reactions.note(known.seq, user, emoji.clone(), *on);
            }
        }
        match &event.body {
            Body::Delete { any: false, .. } | Body::Edit { .. } if !is_own => {
                Decision::Refuse(Refusal::NotYours)
            }
            Body::Delete { .. } | Body::Message { .. } => Decision::Take,
            _ if changes >= CHANGES_MAX => Decision::Refuse(Refusal::TooManyChanges),
            Body::Edit { .. } => Decision::Take,
            Body::React { emoji, on, .. } => reactions.judge(&event.author.id, emoji, *on),
        }
    }

    fn erase(&mut self, of: Seq) -> Vec<StoredEvent> {
        let mut erased = Vec::new();
        for known in &mut self.events {
            match &mut known.event.body {
                Body::Message { content, data } if known.seq == of => {
                    (*content, *data) = (None, None);
                }
                Body::Edit {
                    target,
                    content,
                    data,
                } if *target == of => {
                    (*content, *data) = (None, None);
                }
                _ => continue,
            }
            erased.push(known.clone());
        }
        erased
    }

    pub(in crate::store) fn read(
        &self,
        range: Range,
        limit: usize,
        wanted: impl Fn(&Body) -> bool,
    ) -> (Vec<StoredEvent>, bool) {
        let events = self.events.iter().filter(|known| wanted(&known.event.body));
        let (mut found, mut bytes, mut more) = (Vec::new(), 0, false);
        // Stops at the first that is too many.
        let mut take = |known: &StoredEvent| {
            bytes += known.event.body.bytes();
            more = found.len() == limit || (bytes > PAGE_BYTES_MAX && !found.is_empty());
            if !more {
                found.push(known.clone());
            }
            !more
        };
        match range {
            Range::After(seq) => events.filter(|known| known.seq > seq).all(&mut take),
            Range::Before(seq) => events.rev().filter(|known| known.seq < seq).all(&mut take),
            Range::Newest => events.rev().all(&mut take),
        };
        if !matches!(range, Range::After(_)) {
            found.reverse();
        }
        (found, more)
    }

    pub(in crate::store) fn changes(&self, messages: &[StoredEvent]) -> Vec<StoredEvent> {
        let targets: HashSet<_> = messages.iter().map(|message| message.seq).collect();
        let changes = self.events.iter().filter(|known| {
            known
                .event
                .body
                .target()
                .is_some_and(|target| targets.contains(&target))
        });
        changes.cloned().collect()
    }

    pub(in crate::store) fn prune(&mut self, keep: Retention) {
        let events_max = keep.events_max.and_then(|max| usize::try_from(max).ok());
        while self.events.len() > 1 {
            let is_over = events_max.is_some_and(|max| self.events.len() > max);
            let is_old = keep.before.is_some_and(|before| {
                self.events
                    .front()
                    .is_some_and(|oldest| oldest.event.timestamp < before)
            });
            if !is_over && !is_old {
                return;
            }
            self.drop_oldest();
        }
    }
}

//! What becomes of each event of a batch: decided in memory, by what the first round trip has read and
//! by what the batch itself has changed since.

use super::Known;
use crate::store::columns::{kind, kind_of, parsed};
use crate::store::postgres::sql::{Columns, unreadable};
use crate::store::reactions::{Decision, Reactions};
use crate::store::{Appended, Body, CHANGES_MAX, NewEvent, Placed, Refusal, StoreError};
use common::ids::{Epoch, RequestId, Seq, UserId};
use common::text::RoomName;
use common::time::Timestamp;
use std::collections::HashMap;
use tokio_postgres::Row;

/// A room's number in the database.
pub(super) type RoomId = i64;

/// See the module.
pub(super) struct Ledger<'a> {
    epoch: Epoch,
    /// By name, with the state after what was accepted so far.
    pub(super) rooms: HashMap<RoomName, RoomState>,
    sent: HashMap<(UserId, RequestId), Sent>,
    messages: HashMap<(RoomId, Seq), Message>,
    /// What is to be written.
    pub(super) accepted: Vec<Accepted<'a>>,
    /// Messages that are deleted, with the place in the batch of what deletes them.
    pub(super) erased: HashMap<(RoomId, Seq), usize>,
    answered: usize,
}

#[derive(Debug, Clone, Copy)]
pub(super) struct RoomState {
    pub(super) id: RoomId,
    pub(super) head: Seq,
    pub(super) last_at: Timestamp,
    pub(super) is_changed: bool,
}

/// An event with its place.
pub(super) struct Accepted<'a> {
    pub(super) room: RoomId,
    pub(super) seq: Seq,
    pub(super) at: Timestamp,
    pub(super) event: &'a NewEvent,
}

/// Where a send was stored, and as what.
#[derive(Debug, Clone, Copy)]
struct Sent {
    room: RoomId,
    seq: Seq,
    kind: u8,
    target: Option<Seq>,
    at: Timestamp,
}

/// A message that says something, and what has become of it.
struct Message {
    author: UserId,
    changes: usize,
    reactions: Reactions,
}

impl<'a> Ledger<'a> {
    pub(super) fn new(known: &Known) -> Result<Self, StoreError> {
        let mut ledger = Self {
            epoch: known.epoch()?,
            rooms: HashMap::new(),
            sent: HashMap::new(),
            messages: HashMap::new(),
            accepted: Vec::new(),
            erased: HashMap::new(),
            answered: 0,
        };
        for row in &known.rooms {
            let state = RoomState {
                id: row.try_get(0)?,
                head: row.seq(2)?,
                last_at: row.time(3)?,
                is_changed: false,
            };
            ledger.rooms.insert(parsed(row.text(1)?)?, state);
        }
        for row in &known.sent {
            let key = (parsed(row.text(0)?)?, parsed(row.text(1)?)?);
            ledger.sent.insert(key, sent(row)?);
        }
        for row in &known.targets {
            let message = Message::new(parsed(row.text(2)?)?);
            let key = (row.try_get(0)?, row.seq(1)?);
            ledger.messages.insert(key, message);
        }
        for row in &known.changes {
            ledger.read_change(row)?;
        }
        Ok(ledger)
    }

    fn read_change(&mut self, row: &Row) -> Result<(), StoreError> {
        let Some(message) = self.messages.get_mut(&(row.try_get(0)?, row.seq(1)?)) else {
            return Ok(());
        };
        message.changes += 1;
        let number = row.number(3)?;
        if matches!(number, kind::REACT | kind::UNREACT) {
            let emoji: &[u8] = row.try_get(5)?;
            let emoji = std::str::from_utf8(emoji);
            let emoji = parsed(emoji.map_err(|_| unreadable("a reaction that is not UTF-8"))?)?;
            let user = parsed(row.text(4)?)?;
            let on = number == kind::REACT;
            message.reactions.note(row.seq(2)?, user, emoji, on);
        }
        Ok(())
    }

    /// Decides about the next event of the batch.
    pub(super) fn append(&mut self, event: &'a NewEvent) -> Result<Appended, StoreError> {
        let number = self.answered;
        self.answered += 1;
        let room = self.rooms.get(&event.room).copied();
        let room = room.ok_or_else(|| unreadable("a room under another name"))?;
        if let Some(answer) = self.repeat(room.id, event) {
            return Ok(answer);
        }
        match self.judge(room.id, event) {
            Decision::Take => {}
            Decision::Said(seq) => {
                let at = event.timestamp;
                return Ok(Appended::Placed(self.placed(event, seq, at, true)));
            }
            Decision::Refuse(refusal) => return Ok(Appended::Refused(refusal)),
        }
        let seq = room.head.next();
        // Clocks of nodes differ; in a room, time does not go back.
        let at = event.timestamp.max(room.last_at);
        let state = RoomState {
            id: room.id,
            head: seq,
            last_at: at,
            is_changed: true,
        };
        self.rooms.insert(event.room.clone(), state);
        self.note(number, room.id, seq, at, event);
        self.accepted.push(Accepted {
            room: room.id,
            seq,
            at,
            event,
        });
        Ok(Appended::Placed(self.placed(event, seq, at, false)))
    }

    fn placed(&self, event: &NewEvent, seq: Seq, timestamp: Timestamp, repeat: bool) -> Placed {
        Placed {
            room: event.room.clone(),
            epoch: self.epoch.clone(),
            seq,
            timestamp,
            repeat,
            erased: Vec::new(),
        }
    }

    /// The answer to an event that was stored before.
    fn repeat(&self, room: RoomId, event: &NewEvent) -> Option<Appended> {
        let key = (event.author.id.clone(), event.id.clone()?);
        let sent = self.sent.get(&key)?;
        let is_same = sent.room == room
            && sent.kind == kind_of(&event.body)
            && sent.target == event.body.target();
        Some(match is_same {
            true => Appended::Placed(self.placed(event, sent.seq, sent.at, true)),
            false => Appended::Refused(Refusal::IdReused),
        })
    }

    fn judge(&self, room: RoomId, event: &NewEvent) -> Decision {
        let Some(target) = event.body.target() else {
            return Decision::Take;
        };
        let Some(message) = self.messages.get(&(room, target)) else {
            return Decision::Refuse(Refusal::NoSuchMessage);
        };
        let is_own = message.author == event.author.id;
        match &event.body {
            Body::Delete { any: false, .. } | Body::Edit { .. } if !is_own => {
                Decision::Refuse(Refusal::NotYours)
            }
            Body::Delete { .. } | Body::Message { .. } => Decision::Take,
            _ if message.changes >= CHANGES_MAX => Decision::Refuse(Refusal::TooManyChanges),
            Body::Edit { .. } => Decision::Take,
            Body::React { emoji, on, .. } => message.reactions.judge(&event.author.id, emoji, *on),
        }
    }

    /// Remembers an accepted event for those that follow it in the batch.
    fn note(&mut self, number: usize, room: RoomId, seq: Seq, at: Timestamp, event: &NewEvent) {
        if let Some(id) = &event.id {
            let sent = Sent {
                room,
                seq,
                kind: kind_of(&event.body),
                target: event.body.target(),
                at,
            };
            self.sent
                .insert((event.author.id.clone(), id.clone()), sent);
        }
        let Some(target) = event.body.target() else {
            let message = Message::new(event.author.id.clone());
            self.messages.insert((room, seq), message);
            return;
        };
        if matches!(event.body, Body::Delete { .. }) {
            self.messages.remove(&(room, target));
            self.erased.insert((room, target), number);
            return;
        }
        if let Some(message) = self.messages.get_mut(&(room, target)) {
            message.changes += 1;
            if let Body::React { emoji, on, .. } = &event.body {
                let user = event.author.id.clone();
                message.reactions.note(seq, user, emoji.clone(), *on);
            }
        }
    }
}

impl Message {
    fn new(author: UserId) -> Self {
        Self {
            author,
            changes: 0,
            reactions: Reactions::default(),
        }
    }
}

fn sent(row: &Row) -> Result<Sent, StoreError> {
    let target: Option<i64> = row.try_get(5)?;
    Ok(Sent {
        room: row.try_get(2)?,
        seq: row.seq(3)?,
        kind: row.number(4)?,
        target: target
            .and_then(|target| u64::try_from(target).ok())
            .map(Seq),
        at: row.time(6)?,
    })
}

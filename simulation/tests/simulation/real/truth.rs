//! What is stored, as the model of a log has it: of each life of the disk, and of each log in memory.
//!
//! The model is told what the store was asked and what it answered, judges for itself, and must come
//! to the same answer.

use super::node::{MEMORY, today};
use crate::checks::SendOrder;
use crate::ledger::{Fate, Ledger};
use crate::life::Life;
use crate::log::{Event, What};
use backend::store::{Appended, Body, NewEvent, StoredEvent};
use common::client::OutboxAction;
use common::ids::{Epoch, RequestId, Seq, UserId};
use common::text::{Content, RoomName};
use std::collections::BTreeMap;

pub(crate) struct Truth {
    /// The oldest first.
    lives: Vec<Life>,
    /// The life of the disk that is in use.
    durable: usize,
    /// The logs in memory that are.
    memory: BTreeMap<RoomName, usize>,
    order: SendOrder,
}

impl Truth {
    pub(crate) fn new(life: Life) -> Self {
        Self {
            lives: vec![life],
            durable: 0,
            memory: BTreeMap::new(),
            order: SendOrder::default(),
        }
    }

    pub(crate) fn durable(&self) -> &Life {
        &self.lives[self.durable]
    }

    /// The disk is another, with less on it.
    pub(crate) fn restored(&mut self, life: Life) {
        self.order.restored();
        self.durable = self.lives.len();
        self.lives.push(life);
    }

    /// The program is gone, and its memory with it.
    pub(crate) fn forget(&mut self) {
        for room in std::mem::take(&mut self.memory).into_keys() {
            self.order.forget(&room);
        }
    }

    /// A log in memory has begun, or is known.
    pub(crate) fn begin(&mut self, room: &RoomName, epoch: &Epoch) {
        if let Some(known) = self.memory.get(room).map(|known| &self.lives[*known]) {
            if known.epoch == *epoch {
                return;
            }
            let head = known.log(room).head();
            assert_eq!(head, Seq::ZERO, "{room} has begun anew");
        }
        self.memory.insert(room.clone(), self.lives.len());
        self.lives.push(Life::new(epoch.clone(), today));
    }

    /// The number of the life that the room's log is in; a later one is higher.
    pub(crate) fn number(&self, room: &RoomName) -> usize {
        match self.memory.get(room) {
            Some(number) => *number,
            // It has not begun: whatever was before is over.
            None if room.as_str() == MEMORY => self.lives.len(),
            None => self.durable,
        }
    }

    /// The life that the room's log is in, if it has begun.
    pub(crate) fn current(&self, room: &RoomName) -> Option<&Life> {
        self.lives.get(self.number(room))
    }

    pub(crate) fn life_of(&self, epoch: &Epoch) -> &Life {
        let life = self.lives.iter().rev().find(|life| life.epoch == *epoch);
        life.unwrap_or_else(|| panic!("there is no log {epoch}"))
    }

    /// The last life that has this send.
    pub(crate) fn last_with(&self, user: &UserId, id: &RequestId) -> Option<usize> {
        self.lives
            .iter()
            .rposition(|life| life.find(user, id).is_some())
    }

    /// The store was given a batch, and has answered.
    pub(crate) fn appended(
        &mut self,
        batch: &[NewEvent],
        answers: &[Appended],
        ledger: &Ledger,
    ) -> u64 {
        let mut repeats = 0;
        for (event, answer) in batch.iter().zip(answers) {
            let life = &mut self.lives[self.durable];
            let known = event.id.as_ref();
            let known = known.and_then(|id| life.find(&event.author.id, id));
            let id = event.id.as_ref();
            match (answer, known) {
                (Appended::Placed(at), Some((room, seq))) => {
                    assert!(at.repeat, "{id:?} is stored twice, at {seq} and {}", at.seq);
                    assert_eq!((&at.room, at.seq), (room, seq), "not where {id:?} is");
                    repeats += 1;
                }
                (Appended::Placed(at), None) => {
                    let due = life.append(&event.room, known_event(event, ledger)).ok();
                    assert_eq!(Some((at.seq, at.repeat)), due, "the place of {event:?}");
                    assert_eq!(at.epoch, life.epoch, "the log of {id:?}");
                    if !at.repeat {
                        self.stored(self.durable, &event.room, at.seq, ledger);
                    }
                }
                (Appended::Refused(_), known) => {
                    assert!(known.is_none(), "{id:?} is stored and refused");
                    let due = life.append(&event.room, known_event(event, ledger)).ok();
                    assert_eq!(due, None, "refused for no reason: {event:?}");
                }
            }
        }
        repeats
    }

    /// What was found in a log in memory.
    pub(crate) fn found(&mut self, room: &RoomName, events: Vec<StoredEvent>, ledger: &Ledger) {
        let number = self.number(room);
        for StoredEvent { seq, event } in events {
            let life = &mut self.lives[number];
            let known = event.id.as_ref();
            let known = known.and_then(|id| life.find(&event.author.id, id));
            assert!(known.is_none(), "{:?} is stored twice", event.id);
            let due = life.append(room, known_event(&event, ledger)).ok();
            assert_eq!(Some((seq, false)), due, "the place of {event:?}");
            self.stored(number, room, seq, ledger);
        }
    }

    pub(crate) fn drop_up_to(&mut self, room: &RoomName, floor: Seq) {
        self.lives[self.durable].drop_up_to(room, floor);
    }

    /// An event is new in the log.
    fn stored(&mut self, number: usize, room: &RoomName, seq: Seq, ledger: &Ledger) {
        let life = &self.lives[number];
        self.order.stored((life, number), room, seq, ledger);
    }

    /// What a fresh reader finds is what the model has.
    pub(crate) fn compare(&self, room: &RoomName, from: Seq, found: &[StoredEvent]) {
        let Some(life) = self.current(room) else {
            return assert!(found.is_empty(), "{room} has not begun");
        };
        let log = life.log(room);
        let due: Vec<Seq> = (from.max(log.floor).0 + 1..=log.head().0)
            .map(Seq)
            .collect();
        let seqs: Vec<Seq> = found.iter().map(|stored| stored.seq).collect();
        assert_eq!(seqs, due, "what a fresh reader finds in {room}");
        for StoredEvent { seq, event } in found {
            let due = log.event(*seq).expect("it is due");
            assert_eq!((&event.author, &event.id), (&due.user, &due.id), "{seq}");
            let what = said(&event.body);
            let is_same = match log.is_erased(*seq) {
                true => what.is_none(),
                false => what.as_ref() == Some(&due.what),
            };
            assert!(is_same, "{room} has {event:?} at {seq} for {:?}", due.what);
        }
    }
}

/// The event, also where what it said is erased already.
fn known_event(event: &NewEvent, ledger: &Ledger) -> Event {
    let what = said(&event.body).unwrap_or_else(|| {
        let fate = event.id.as_ref().and_then(|id| ledger.get(id));
        sent(fate.unwrap_or_else(|| panic!("nobody ever sent {event:?}")))
    });
    Event {
        user: event.author.clone(),
        id: event.id.clone(),
        what,
    }
}

/// What an event says; nothing where that was erased.
fn said(body: &Body) -> Option<What> {
    Some(match body {
        Body::Message { content, .. } => What::Message(content.clone()?),
        Body::Edit {
            target, content, ..
        } => What::Edit(*target, content.clone()?),
        Body::Delete { target, .. } => What::Delete(*target),
        Body::React { target, emoji, on } => What::React(*target, emoji.clone(), *on),
    })
}

fn sent(fate: &Fate) -> What {
    let words = |content: &Option<Content>| content.clone().expect("people use words");
    match &fate.action {
        OutboxAction::Message { content, .. } => What::Message(words(content)),
        OutboxAction::Edit {
            target, content, ..
        } => What::Edit(*target, words(content)),
        other => panic!("{other:?} cannot be erased"),
    }
}

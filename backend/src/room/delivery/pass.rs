//! One pass over a room's members on one shard.

use super::members::MemberKey;
use crate::room::Room;
use crate::room::state::Reading;
use crate::room::tail::TailRead;
use common::ids::Seq;
use std::sync::Arc;
use std::sync::atomic::Ordering;

/// Members prepared for at once.
const GROUP: usize = 16;

/// One pass over a room's members on one shard: each is given what lies behind its cursor.
pub struct Pass {
    /// The room.
    pub room: Arc<Room>,
    shard: usize,
    next: MemberKey,
    /// What was read last, and from where: most members stand at the same place.
    last: Option<(Seq, u64, Reading)>,
    /// See [`Pass::events`].
    events: u64,
    /// The least of the cursors it has met.
    slowest: Seq,
    /// Cursors before this do not count: they have lost their place.
    lost: Seq,
}

impl Pass {
    pub(in crate::room) fn new(room: Arc<Room>, shard: usize) -> Self {
        if let Some(members) = room.members.get(shard) {
            // Before anything is read: what is added from now on marks the room again.
            members.marked.store(false, Ordering::Release);
        }
        Self::of(room, shard)
    }

    /// A pass for a single member.
    #[must_use]
    pub fn of(room: Arc<Room>, shard: usize) -> Self {
        Self {
            lost: room.lost(),
            room,
            shard,
            next: 0,
            last: None,
            events: 0,
            slowest: Seq(u64::MAX),
        }
    }

    /// A member stands here now.
    pub fn stands_at(&mut self, cursor: Seq) {
        if cursor >= self.lost {
            self.slowest = self.slowest.min(cursor);
        }
    }

    /// It has been at everybody.
    pub(super) fn finish(&self) {
        if let Some(members) = self.room.members.get(self.shard) {
            members.slowest.store(self.slowest.0, Ordering::Release);
            self.room.note_pass();
        }
    }

    /// The most events that a member was given in one go.
    pub(super) fn events(&self) -> u64 {
        self.events
    }

    /// What lies behind these cursors.
    pub fn read(&mut self, cursor: Seq, presence: u64) -> &Reading {
        let is_known = self
            .last
            .as_ref()
            .is_some_and(|(at, presence_at, _)| (*at, *presence_at) == (cursor, presence));
        if !is_known {
            self.last = None;
        }
        let (room, events) = (&self.room, &mut self.events);
        let read = || {
            let reading = room.read(cursor, presence);
            if let TailRead::Pieces { cursor: upto, .. } = &reading.events {
                *events = upto.0.saturating_sub(cursor.0).max(*events);
            }
            (cursor, presence, reading)
        };
        &self.last.get_or_insert_with(read).2
    }

    /// Delivers to the next members, some `count` of them. None when all have had their turn.
    pub(super) fn step(&mut self, count: usize) -> Option<usize> {
        let room = Arc::clone(&self.room);
        let list = room.members.get(self.shard)?.list.lock();
        let from = self.next;
        let upto = list.capacity().min(from + count);
        let mut at = from;
        while at < upto {
            let group = at..upto.min(at + GROUP);
            at = group.end;
            // What is waited for from memory is waited for together, not by one after the other.
            for key in group.clone() {
                if let Some(member) = list.get(key) {
                    member.recipient.prepare();
                }
            }
            for key in group {
                if let Some(member) = list.get(key) {
                    member.recipient.deliver(member.membership, self);
                }
            }
        }
        self.next = upto;
        (upto > from).then_some(upto - from)
    }
}

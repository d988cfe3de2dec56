//! One pass over a room's members on one shard: what follows a position is read once and handed to all
//! members that stand there, which is nearly all of them.

use super::Delivery;
use super::members::{Member, MemberKey};
use crate::room::{Batch, Room};
use common::ids::Seq;
use std::sync::Arc;
use std::sync::atomic::Ordering;

/// Members prepared for at once.
const GROUP: usize = 16;

/// See the module.
pub(super) struct Pass {
    room: Arc<Room>,
    shard: usize,
    next: MemberKey,
    batch: Batch,
    /// See [`Pass::events`].
    events: u64,
    /// The least of the cursors it has met.
    slowest: Seq,
    /// Cursors before this do not count: they have lost their place.
    lost: Seq,
}

impl Pass {
    pub(super) fn new(room: Arc<Room>, shard: usize) -> Self {
        if let Some(members) = room.members.get(shard) {
            // Before anything is read: what is added from now on marks the room again.
            members.marked.store(false, Ordering::Release);
        }
        Self {
            lost: room.lost(),
            batch: room.read(room.end()),
            room,
            shard,
            next: 0,
            events: 0,
            slowest: Seq(u64::MAX),
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
                    self.deliver(member);
                }
            }
        }
        self.next = upto;
        (upto > from).then_some(upto - from)
    }

    fn deliver(&mut self, member: &Member) {
        let Member {
            recipient,
            membership,
        } = member;
        let mut delivery = recipient.deliver(*membership, &self.room, &self.batch);
        if let Delivery::Elsewhere(position) = delivery {
            self.batch = self.room.read(position);
            let events = self.batch.to.event.0.saturating_sub(position.event.0);
            self.events = self.events.max(events);
            delivery = recipient.deliver(*membership, &self.room, &self.batch);
        }
        if let Delivery::Done(cursor) = delivery
            && cursor >= self.lost
        {
            self.slowest = self.slowest.min(cursor);
        }
    }
}

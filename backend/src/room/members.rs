//! Who is in a room, shard by shard, and one pass over those of a shard.

use super::state::Reading;
use super::{MembershipKey, Recipient, Room};
use common::ids::Seq;
use parking_lot::Mutex;
use slab::Slab;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

/// A member's number in its room's share.
pub type MemberKey = usize;

/// The members on one shard. Each is touched by its worker's thread, save for the flag.
#[derive(Default)]
pub(super) struct Members {
    list: Mutex<Slab<Member>>,
    count: AtomicUsize,
    /// The shard has been told that there is something new, and has not begun to look.
    marked: AtomicBool,
}

struct Member {
    recipient: Arc<dyn Recipient>,
    membership: MembershipKey,
}

impl Members {
    pub(super) fn add(
        &self,
        recipient: Arc<dyn Recipient>,
        membership: MembershipKey,
    ) -> MemberKey {
        self.count.fetch_add(1, Ordering::Relaxed);
        self.list.lock().insert(Member {
            recipient,
            membership,
        })
    }

    pub(super) fn remove(&self, member: MemberKey) {
        let gone = self.list.lock().try_remove(member);
        if gone.is_some() {
            self.count.fetch_sub(1, Ordering::Relaxed);
        }
    }

    pub(super) fn reconsider(&self) {
        for (_, member) in &*self.list.lock() {
            member.recipient.reconsider();
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.count.load(Ordering::Relaxed) == 0
    }

    /// Whether the shard is to be told: there is somebody, and it was not told before.
    pub(super) fn mark(&self) -> bool {
        !self.is_empty() && !self.marked.swap(true, Ordering::AcqRel)
    }
}

/// One pass over a room's members on one shard: each is given what lies behind its cursor.
pub struct Pass {
    /// The room.
    pub room: Arc<Room>,
    shard: usize,
    next: MemberKey,
    /// What was read last, and from where: most members stand at the same place.
    last: Option<(Seq, u64, Reading)>,
}

impl Pass {
    pub(super) fn new(room: Arc<Room>, shard: usize) -> Self {
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
            room,
            shard,
            next: 0,
            last: None,
        }
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
        let read = || (cursor, presence, self.room.read(cursor, presence));
        &self.last.get_or_insert_with(read).2
    }

    /// Delivers to the next members, some `count` of them. None when all have had their turn.
    pub(super) fn step(&mut self, count: usize) -> Option<usize> {
        let room = Arc::clone(&self.room);
        let list = room.members.get(self.shard)?.list.lock();
        let from = self.next;
        let upto = list.capacity().min(from + count);
        for key in from..upto {
            if let Some(member) = list.get(key) {
                member.recipient.deliver(member.membership, self);
            }
        }
        self.next = upto;
        (upto > from).then_some(upto - from)
    }
}

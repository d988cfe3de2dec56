//! A room's state as a plain value: what is decided under its lock.

use super::presence::Presence;
use super::tail::{Tail, TailRead};
use super::{Frame, MembershipKey, Recipient};
use common::ids::{Seq, UserId};
use common::reply::User;
use common::text::RoomName;
use slab::Slab;
use std::sync::Arc;

/// A member's number in its room.
pub type MemberKey = usize;

/// See the module.
pub struct RoomState {
    tail: Tail,
    members: Slab<Member>,
    /// The log has begun anew under this room.
    lost: bool,
    /// None in the built-in room, where everybody is.
    presence: Option<Presence>,
}

struct Member {
    user: UserId,
    recipient: Arc<dyn Recipient>,
    membership: MembershipKey,
    /// Woken and has not read since: waking again would say nothing new.
    woken: bool,
}

impl Member {
    fn wake(&mut self) {
        if !self.woken {
            self.woken = true;
            self.recipient.wake(self.membership);
        }
    }
}

/// What is ready for a member.
#[derive(Debug)]
pub struct Reading {
    /// Presence that changed.
    pub presence: Vec<Frame>,
    /// The cursor behind it.
    pub presence_cursor: u64,
    /// Events.
    pub events: TailRead,
}

impl RoomState {
    /// An empty room at the start of its log.
    #[must_use]
    pub fn new(name: RoomName) -> Self {
        Self {
            tail: Tail::default(),
            members: Slab::new(),
            lost: false,
            presence: (!name.is_broadcast()).then(|| Presence::new(name)),
        }
    }

    /// See [`super::Room::open`].
    pub fn open_at(&mut self, head: Seq) {
        self.tail.open_at(head);
    }

    /// The newest event that members can read.
    #[must_use]
    pub fn head(&self) -> Seq {
        self.tail.head()
    }

    /// See [`super::Room::admit`].
    pub fn admit(
        &mut self,
        user: User,
        recipient: Arc<dyn Recipient>,
        membership: MembershipKey,
    ) -> (MemberKey, bool) {
        let key = self.members.insert(Member {
            user: user.id.clone(),
            recipient,
            membership,
            // Its cursor is not placed yet; it reads for the first time by itself.
            woken: true,
        });
        let changed = self
            .presence
            .as_mut()
            .is_some_and(|presence| presence.enter(user));
        (key, changed)
    }

    /// See [`super::Room::dismiss`].
    pub fn dismiss(&mut self, member: MemberKey) -> (bool, bool) {
        let gone = self.members.try_remove(member);
        let changed = match (gone, self.presence.as_mut()) {
            (Some(member), Some(presence)) => presence.exit(&member.user),
            _ => false,
        };
        (self.members.is_empty(), changed)
    }

    /// See [`super::Room::append`].
    pub fn append(&mut self, seq: Seq, frame: Frame) {
        self.tail.append(seq, frame);
    }

    /// See [`super::Room::append`].
    pub fn lose(&mut self) {
        self.lost = true;
        self.wake_all();
    }

    /// See [`super::Room::erase`].
    pub fn replace(&mut self, seq: Seq, frame: Frame) {
        self.tail.replace(seq, frame);
    }

    /// See [`super::Room::wake`].
    pub fn wake_all(&mut self) {
        for (_, member) in &mut self.members {
            member.wake();
        }
    }

    /// See [`super::Room::read`].
    pub fn read(&mut self, member: MemberKey, cursor: Seq, presence: u64) -> Reading {
        if let Some(member) = self.members.get_mut(member) {
            member.woken = false;
        }
        let (presence, presence_cursor) = match &self.presence {
            Some(known) => known.read(presence),
            None => (Vec::new(), 0),
        };
        Reading {
            presence,
            presence_cursor,
            events: if self.lost {
                TailRead::Lost
            } else {
                self.tail.read(cursor)
            },
        }
    }

    /// See [`super::Room::presence_snapshot`].
    #[must_use]
    pub fn presence_snapshot(&self) -> (Frame, u64) {
        self.presence
            .as_ref()
            .map_or_else(Default::default, Presence::snapshot)
    }

    /// See [`super::Room::flush_presence`].
    pub fn flush_presence(&mut self) {
        if self.presence.as_mut().is_some_and(Presence::flush) {
            self.wake_all();
        }
    }

    /// How many users are online.
    #[must_use]
    pub fn online(&self) -> usize {
        self.presence.as_ref().map_or(0, Presence::count)
    }

    /// The users who are online.
    #[must_use]
    pub fn users(&self) -> Vec<User> {
        self.presence
            .as_ref()
            .map_or_else(Vec::new, Presence::users)
    }
}

//! A room's state as a plain value: what is decided under its lock.

use super::Frame;
use super::presence::Presence;
use super::tail::{Chunk, Tail, TailRead};
use common::ids::{Seq, UserId};
use common::text::RoomName;
use common::user::User;

/// See the module.
pub struct RoomState {
    tail: Tail,
    /// The log has begun anew under this room.
    lost: bool,
    /// None in the built-in room, where everybody is.
    presence: Option<Presence>,
}

/// What is ready for a member.
#[derive(Debug, Clone, PartialEq, Eq)]
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

    /// A connection of this user came. Returns whether presence changed.
    pub fn user_joined(&mut self, user: User) -> bool {
        let presence = self.presence.as_mut();
        presence.is_some_and(|presence| presence.user_joined(user))
    }

    /// A connection of this user went. Returns whether presence changed.
    pub fn user_left(&mut self, user: &UserId) -> bool {
        let presence = self.presence.as_mut();
        presence.is_some_and(|presence| presence.user_left(user))
    }

    /// See [`super::Room::append`].
    #[must_use]
    pub fn append(&mut self, seq: Seq, frame: &[u8]) -> Vec<Chunk> {
        self.tail.append(seq, frame)
    }

    /// Drops the bytes of the tail; its position stays.
    pub fn forget(&mut self) {
        self.tail.forget();
    }

    /// See [`super::Room::append`].
    pub fn lose(&mut self) {
        self.lost = true;
    }

    /// See [`super::Room::erase`].
    pub fn replace(&mut self, seq: Seq, frame: &[u8]) {
        self.tail.replace(seq, frame);
    }

    /// See [`super::Room::read`].
    pub fn read(&mut self, cursor: Seq, presence: u64) -> Reading {
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

    /// Makes the gathered changes of presence readable. Returns whether there were any.
    pub fn flush_presence(&mut self) -> bool {
        self.presence.as_mut().is_some_and(Presence::flush)
    }

    /// How many users are online.
    #[must_use]
    pub fn online(&self) -> usize {
        self.presence.as_ref().map_or(0, Presence::count)
    }

    /// A user who is online.
    #[must_use]
    pub fn user(&self, id: &UserId) -> Option<User> {
        self.presence.as_ref()?.user(id)
    }

    /// The users who are online.
    #[must_use]
    pub fn users(&self) -> Vec<User> {
        self.presence
            .as_ref()
            .map_or_else(Vec::new, Presence::users)
    }
}

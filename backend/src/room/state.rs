//! A room's state as a plain value: what is decided under its lock.

use super::Frame;
use super::early::Early;
use super::presence::Presence;
use super::tail::{Chunk, Tail, TailRead};
use crate::bus::PresenceHint;
use common::ids::{Seq, UserId};
use common::text::RoomName;
use common::user::User;

/// See the module.
pub struct RoomState {
    tail: Tail,
    /// What cannot enter the tail yet.
    early: Early,
    /// The log has begun anew under this room.
    lost: bool,
    /// None in the built-in room, where everybody is.
    presence: Option<Presence>,
}

/// How much of a room a member has been given.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Position {
    /// The last event.
    pub event: Seq,
    /// The number of changes of presence.
    pub presence: u64,
}

/// What follows one position: read once, and given to every member that stands there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Batch {
    /// The position.
    pub from: Position,
    /// The position of a member that has been given the frames.
    pub to: Position,
    /// Whole frames in order, one or more in each piece: changes of presence, then events.
    pub frames: Vec<Frame>,
    /// What follows `to`.
    pub rest: Rest,
}

/// What follows a [`Batch`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rest {
    /// Nothing yet.
    Nothing,
    /// More events, to be read in the next batch.
    More,
    /// Events that the tail no longer has: they are read from the store.
    Stored,
    /// The log has begun anew: the position means nothing any more.
    Lost,
}

impl RoomState {
    /// An empty room at the start of its log.
    #[must_use]
    pub fn new(name: RoomName) -> Self {
        Self {
            tail: Tail::default(),
            early: Early::default(),
            lost: false,
            presence: (!name.is_broadcast()).then(|| Presence::new(name)),
        }
    }

    /// See [`super::Room::open`].
    ///
    /// Returns what had to make room in the tail.
    #[must_use]
    pub fn open_at(&mut self, head: Seq) -> Vec<Chunk> {
        self.tail.open_at(head);
        self.admit_early()
    }

    /// Moves what waited for its predecessor into the tail, as far as it follows.
    fn admit_early(&mut self) -> Vec<Chunk> {
        let mut gone = Vec::new();
        while let Some(frame) = self.early.take(self.tail.head().next()) {
            gone.extend(self.tail.append(self.tail.head().next(), &frame));
        }
        gone
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

    /// See [`super::Room::append`]. Where there is no event before it yet, it waits, if it may; else
    /// the tail begins anew with it.
    ///
    /// Returns what had to make room in the tail.
    #[must_use]
    pub fn append(&mut self, seq: Seq, frame: &[u8], may_wait: bool) -> Vec<Chunk> {
        if may_wait && seq > self.tail.head().next() {
            self.early.insert(seq, frame);
            return Vec::new();
        }
        let mut gone = self.tail.append(seq, frame);
        gone.extend(self.admit_early());
        gone
    }

    /// Notes that there is an event at `seq`.
    pub fn note(&mut self, seq: Seq) {
        self.early.note(seq);
    }

    /// The newest event that waits for others before it.
    #[must_use]
    pub fn newest_early(&self) -> Option<Seq> {
        self.early.newest_beyond(self.tail.head())
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
        self.early.replace(seq, frame);
    }

    /// See [`super::Room::read`].
    pub fn read(&mut self, from: Position) -> Batch {
        let (mut frames, presence) = match &self.presence {
            Some(known) => known.read(from.presence),
            None => (Vec::new(), 0),
        };
        let (mut event, mut rest) = (from.event, Rest::Lost);
        if !self.lost {
            rest = match self.tail.read(from.event) {
                TailRead::UpToDate => Rest::Nothing,
                TailRead::Behind => Rest::Stored,
                TailRead::Pieces {
                    pieces,
                    cursor,
                    more,
                } => {
                    event = cursor;
                    match frames.is_empty() {
                        true => frames = pieces,
                        false => frames.extend(pieces),
                    }
                    if more { Rest::More } else { Rest::Nothing }
                }
            };
        }
        let to = Position { event, presence };
        Batch {
            from,
            to,
            frames,
            rest,
        }
    }

    /// The position of a member that has been given everything.
    #[must_use]
    pub fn end(&self) -> Position {
        Position {
            event: self.tail.head(),
            presence: self.presence.as_ref().map_or(0, Presence::told),
        }
    }

    /// See [`super::Room::presence_snapshot`].
    #[must_use]
    pub fn presence_snapshot(&self) -> (Frame, u64) {
        self.presence
            .as_ref()
            .map_or_else(Default::default, Presence::snapshot)
    }

    /// See [`Presence::receive`].
    pub fn receive_presence(
        &mut self,
        node: u64,
        hint: PresenceHint,
    ) -> (bool, Option<PresenceHint>) {
        let presence = self.presence.as_mut();
        presence.map_or((false, None), |presence| presence.receive(node, hint))
    }

    /// See [`Presence::forget_node`].
    pub fn forget_node(&mut self, node: u64) -> bool {
        let presence = self.presence.as_mut();
        presence.is_some_and(|presence| presence.forget_node(node))
    }

    /// See [`Presence::take_untold`].
    pub fn take_untold_presence(&mut self) -> Option<PresenceHint> {
        self.presence.as_mut()?.take_untold()
    }

    /// See [`Presence::all_here`].
    #[must_use]
    pub fn presence_here(&self) -> Option<PresenceHint> {
        self.presence.as_ref().map(Presence::all_here)
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

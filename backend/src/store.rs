//! Storage: traits with a written guarantee. Every engine passes the contract suite in [`contract`],
//! and nothing outside this folder knows which engine is used.

mod accounts;
mod audit;
mod columns;
#[cfg(test)]
pub(crate) mod contract;
mod coordination;
mod error;
pub mod health;
pub mod memory;
pub(crate) mod names;
mod pages;
mod people;
pub mod postgres;
mod reactions;
pub mod redis_streams;
mod rooms;
pub mod sqlite;
pub mod transfer;
mod visits;

use async_trait::async_trait;
use common::ids::{Epoch, RequestId, Seq};
use common::text::{Content, Data, Emoji, RoomName};
use common::time::Timestamp;
use common::user::User;
use std::collections::HashMap;

pub use accounts::{
    Account, AccountChange, AccountStore, Created, Credentials, Hash, Invalidation, Key, KeyStore,
    Known, NewAccount, PeopleStore, Previous, SIGN_INS_MAX, SignIn, SignInStore, TokenHashes,
};
pub use audit::{AuditEntry, AuditStore};
pub use coordination::{CoordinationStore, Leases, Task};
pub use error::StoreError;
pub use people::{Claim, Guest, GuestStore, Marker, MarkerStore};
pub use rooms::{
    Accepted, INVITATIONS_MAX, Invitation, Invited, MEMBERS_MAX, Member, MemberChange,
    MemberOutcome, OwnRoom, RoomChange, RoomRecord, RoomStore, SANCTIONS_MAX, Sanction,
    StoredRules,
};

/// Bytes of events ([`Body::bytes`]) in what a store reads at once, one event at the least.
pub const PAGE_BYTES_MAX: usize = 1024 * 1024;

/// An event on its way into the log: it has no place yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewEvent {
    /// The room whose log it joins; the built-in room for a broadcast.
    pub room: RoomName,
    /// Who caused it.
    pub author: User,
    /// Chosen by the author's client; makes a repeat recognizable.
    pub id: Option<RequestId>,
    /// What happened.
    pub body: Body,
    /// When the server took it.
    pub timestamp: Timestamp,
}

/// What happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Body {
    /// Somebody said something. Neither part is there when it was deleted since.
    Message {
        /// The text.
        content: Option<Content>,
        /// Any JSON value.
        data: Option<Data>,
    },
    /// The author put other words in a message's place. Neither part is there when the message was
    /// deleted since.
    Edit {
        /// The message.
        target: Seq,
        /// The text.
        content: Option<Content>,
        /// Any JSON value.
        data: Option<Data>,
    },
    /// A message was taken back. What it said is gone from the log.
    Delete {
        /// The message.
        target: Seq,
        /// Whether the user may delete messages of others. Not stored.
        any: bool,
    },
    /// Somebody put a reaction to a message, or took it away.
    React {
        /// The message.
        target: Seq,
        /// The reaction.
        emoji: Emoji,
        /// Whether it is there from now on.
        on: bool,
    },
}

impl Body {
    /// About what it takes, encoded.
    #[must_use]
    pub fn bytes(&self) -> usize {
        const BESIDE: usize = 256;
        let said = match self {
            Self::Message { content, data } | Self::Edit { content, data, .. } => {
                content.as_ref().map_or(0, |content| content.as_str().len())
                    + data.as_ref().map_or(0, |data| data.as_str().len())
            }
            Self::Delete { .. } | Self::React { .. } => 0,
        };
        BESIDE + said
    }

    /// Whether it is a message that says something still.
    #[must_use]
    pub fn says_something(&self) -> bool {
        match self {
            Self::Message { content, data } => content.is_some() || data.is_some(),
            _ => false,
        }
    }

    /// The message it changes; none where it is one.
    #[must_use]
    pub fn target(&self) -> Option<Seq> {
        match self {
            Self::Message { .. } => None,
            Self::Edit { target, .. }
            | Self::Delete { target, .. }
            | Self::React { target, .. } => Some(*target),
        }
    }
}

/// What became of one event of a batch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Appended {
    /// It has a place.
    Placed(Placed),
    /// It is not in the log, and will not be if it is sent again.
    Refused(Refusal),
}

/// Why the log does not take an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// It changes a message that is not there, or is deleted.
    #[error("there is no such message")]
    NoSuchMessage,
    /// It changes somebody else's message.
    #[error("the message is somebody else's")]
    NotYours,
    /// The message has as many different reactions as it may.
    #[error("the message has too many different reactions")]
    TooManyReactions,
    /// It takes a reaction away that is not there.
    #[error("there is no such reaction")]
    NoSuchReaction,
    /// The message was changed as often as it may be.
    #[error("the message was changed as often as it may be")]
    TooManyChanges,
    /// The author used the `id` before, for another room or another kind of event.
    #[error("that id was used before, for something else")]
    IdReused,
    /// There are as many logs as there may be.
    #[error("the node keeps as many rooms in memory as it may")]
    TooManyLogs,
}

/// The place an event was given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Placed {
    /// The room it is in. For a repeat, the room of the first.
    pub room: RoomName,
    /// The life of that room's log.
    pub epoch: Epoch,
    /// Its place.
    pub seq: Seq,
    /// When the server took it; for a repeat, the first one.
    pub timestamp: Timestamp,
    /// Whether this author's event with this `id` was stored before: nothing was added.
    pub repeat: bool,
    /// Events whose content this one, a deletion, has erased, as they are now.
    pub erased: Vec<StoredEvent>,
}

/// An event in the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredEvent {
    /// Its place.
    pub seq: Seq,
    /// What it is.
    pub event: NewEvent,
}

/// The state of a room's log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoomHead {
    /// Its life.
    pub epoch: Epoch,
    /// The event below the oldest one that is kept: a reader that has seen this one can be given
    /// everything since. [`Seq::ZERO`] when all are kept.
    pub floor: Seq,
    /// Its newest event; [`Seq::ZERO`] when it is empty.
    pub head: Seq,
}

impl RoomHead {
    /// The start of a log that nothing is in.
    #[must_use]
    pub fn empty(epoch: Epoch) -> Self {
        Self {
            epoch,
            floor: Seq::ZERO,
            head: Seq::ZERO,
        }
    }
}

/// Which events of a room to read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Range {
    /// The newest ones.
    Newest,
    /// The newest ones below this place.
    Before(Seq),
    /// The oldest ones above this place.
    After(Seq),
}

/// What was read, in ascending order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// The log's state when it was read.
    pub at: RoomHead,
    /// The events.
    pub events: Vec<StoredEvent>,
    /// Whether there are more in the direction of reading.
    pub more: bool,
}

/// A page of messages with what became of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MessagePage {
    /// The log's state when it was read.
    pub at: RoomHead,
    /// The messages, in ascending order.
    pub messages: Vec<StoredEvent>,
    /// The events that make their present state, in ascending order.
    pub changes: Vec<StoredEvent>,
    /// Whether there are more messages in the direction of reading.
    pub more: bool,
}

/// How much of a room's log is kept. Both bounds hold; one that is none does not bind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Retention {
    /// Events older than this are dropped.
    pub before: Option<Timestamp>,
    /// At most this many events are kept.
    pub events_max: Option<u64>,
}

/// A room that has been written to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoomRow {
    /// The room.
    pub room: RoomName,
    /// Its newest event.
    pub head: Seq,
    /// When that was.
    pub last_at: Timestamp,
}

/// Edits and reactions that one message may have in the log, taken back ones included.
pub const CHANGES_MAX: usize = 1000;

/// Different reactions that one message may have.
pub const REACTIONS_MAX: usize = 20;

/// The log of every room.
#[async_trait]
pub trait EventStore: Send + Sync {
    /// Appends a batch, all of it or none, save for events that are refused one by one.
    ///
    /// Guarantees, when it returns `Ok`: the batch is on stable storage (fsync); each accepted event
    /// that is no repeat has the sequence number after its room's last one, in the order of the batch
    /// and without gaps; an event whose author and `id` are already in the log, or earlier in the
    /// batch, gets the first one's sequence number and adds nothing, for at least 24 hours, whatever
    /// retention drops (it is refused where the first was another kind of event or in another room);
    /// a deletion has erased the content of its message and of its edits. One answer for each event,
    /// in order.
    ///
    /// The timestamp of an event is that of the one before it in its room, if it would be earlier.
    ///
    /// Blocks the calling thread until then. All rooms of a batch are of one
    /// [queue](Self::append_queue), and of each queue one batch at a time is appended: events of a
    /// room are seen by readers in the order of commits.
    fn append(&self, batch: &[NewEvent]) -> Result<Vec<Appended>, StoreError>;

    /// How many batches may usefully be on their way at once; 1 at the least.
    fn append_queues(&self) -> usize {
        1
    }

    /// The number of the queue in which a room's events wait, below
    /// [`append_queues`](Self::append_queues). Always the same one.
    fn append_queue(&self, _room: &RoomName) -> usize {
        0
    }

    /// The state of a room's log. A room nobody has written to is empty, and occupies nothing.
    async fn head(&self, room: &RoomName) -> Result<RoomHead, StoreError>;

    /// The state of the logs of those of these rooms that have been written to.
    async fn heads(&self, rooms: Vec<RoomName>) -> Result<HashMap<RoomName, RoomHead>, StoreError> {
        let mut heads = HashMap::new();
        for room in rooms {
            let at = self.head(&room).await?;
            if at.head > Seq::ZERO {
                heads.insert(room, at);
            }
        }
        Ok(heads)
    }

    /// Whether other nodes may write to the same logs.
    fn is_shared(&self) -> bool {
        false
    }

    /// The floor of a room's log in an engine that raises it while appending; `None` where only
    /// [`prune`](Self::prune) raises it. Does not block.
    fn rising_floor(&self, _room: &RoomName) -> Option<Seq> {
        None
    }

    /// Reads up to `limit` events, and no more than [`PAGE_BYTES_MAX`] of them, one at the least.
    /// Sees every batch whose `append` has returned.
    async fn read(&self, room: &RoomName, range: Range, limit: usize) -> Result<Page, StoreError>;

    /// Reads up to `limit` messages, bounded like [`read`](Self::read), with what they have become:
    /// the last edit of each, deletions and reactions. Those are bounded by [`PAGE_BYTES_MAX`], too,
    /// except for what changes the first message that is read.
    async fn messages(
        &self,
        room: &RoomName,
        range: Range,
        limit: usize,
    ) -> Result<MessagePage, StoreError>;

    /// Drops some of what retention does not keep of a room's log, and raises its `floor`; a slice
    /// at a time, so that senders need not wait for all of it. The newest event is always kept, so
    /// that a place is never given out twice. Returns whether there is more to drop.
    async fn prune(
        &self,
        room: &RoomName,
        keep: Retention,
        now: Timestamp,
    ) -> Result<bool, StoreError>;

    /// Forgets sends that are too old to be sent again, in an engine that keeps them beside the log.
    async fn forget_sends(&self, _now: Timestamp) -> Result<(), StoreError> {
        Ok(())
    }

    /// Up to `limit` rooms that have been written to, in the order of their names and after `after`,
    /// without the built-in one: one page of all of them.
    async fn rooms(
        &self,
        after: Option<&RoomName>,
        limit: usize,
    ) -> Result<Vec<RoomRow>, StoreError>;

    /// Up to `limit` public rooms that have been written to, the latest first, without the built-in one.
    async fn public_rooms(&self, limit: usize) -> Result<Vec<RoomRow>, StoreError>;

    /// Up to `limit` public rooms that have been written to, or that have a record in the same engine,
    /// whose names are [hard to tell](crate::unicode::look_key) from this one: this room itself, too.
    /// The latest first.
    async fn similar(&self, room: &RoomName, limit: usize) -> Result<Vec<RoomName>, StoreError>;

    /// Those of these rooms that have been written to, in any order.
    async fn rows(&self, rooms: Vec<RoomName>) -> Result<Vec<RoomRow>, StoreError>;
}

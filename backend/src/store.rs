//! Where events live. Two traits with a written guarantee; every engine passes the one contract
//! suite in [`contract`], and nothing outside this folder knows which engine it is.

#[cfg(test)]
pub(crate) mod contract;
pub mod sqlite;

use async_trait::async_trait;
use common::ids::{Epoch, RequestId, Seq, UserId};
use common::reply::User;
use common::text::{Content, Data, RoomName, UserName};
use common::time::Timestamp;
use std::sync::Arc;

/// An event on its way into the log: it has no place yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewEvent {
    /// The room whose log it joins; the built-in room for a broadcast.
    pub room: RoomName,
    /// Who caused it.
    pub author: User,
    /// Chosen by the author's client; makes a repeat recognizable.
    pub id: Option<RequestId>,
    /// The text.
    pub content: Option<Content>,
    /// Any JSON value.
    pub data: Option<Data>,
    /// When the server took it.
    pub timestamp: Timestamp,
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
    /// Its newest event; [`Seq::ZERO`] when it is empty.
    pub head: Seq,
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

/// Why the store did not do what it was asked. Details go to the log, not to clients.
#[derive(Debug, Clone, thiserror::Error)]
pub enum StoreError {
    /// The engine failed: full disk, lost file, broken connection. Nothing of the batch is stored.
    #[error("{0}")]
    Engine(Arc<str>),
    /// The store has been closed.
    #[error("the store is closed")]
    Closed,
}

/// The log of every room.
#[async_trait]
pub trait EventStore: Send + Sync {
    /// Appends a batch, all of it or none.
    ///
    /// Guarantees, when it returns `Ok`: the batch is on stable storage (fsync); each event that
    /// is not a repeat has the place after its room's last one, in the order of the batch, with no
    /// gap; an event whose author and `id` are already in the log, or earlier in the batch, is
    /// answered with the first one's place and adds nothing. One answer for each event, in order.
    ///
    /// A caller appends one batch at a time: events are seen by readers in the order of commits.
    async fn append(&self, batch: Arc<[NewEvent]>) -> Result<Vec<Placed>, StoreError>;

    /// The state of a room's log. A room nobody has written to is empty, and occupies nothing.
    async fn head(&self, room: &RoomName) -> Result<RoomHead, StoreError>;

    /// Reads up to `limit` events. Sees every batch whose `append` has returned.
    async fn read(&self, room: &RoomName, range: Range, limit: usize) -> Result<Page, StoreError>;

    /// Up to `limit` rooms that have been written to, the latest first; without the built-in one.
    async fn rooms(&self, limit: usize) -> Result<Vec<RoomRow>, StoreError>;
}

/// A guest's stay, known by the hash of a secret that only the guest's browser holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Guest {
    /// SHA-256 of the secret.
    pub secret_hash: [u8; 32],
    /// The guest.
    pub user: User,
    /// When the guest was last seen.
    pub seen_at: Timestamp,
}

/// What became of a claim to a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Claim {
    /// The guest has it now.
    Granted,
    /// Somebody else has it.
    Taken,
}

/// The guests and the names they hold.
#[async_trait]
pub trait GuestStore: Send + Sync {
    /// Gives a guest a name that nobody else holds. Names are compared without regard to case. A
    /// holder last seen before `stale_before` loses the name.
    async fn claim(&self, guest: Guest, stale_before: Timestamp) -> Result<Claim, StoreError>;

    /// The guest whose secret has this hash, marked as seen `now`.
    async fn guest(&self, hash: [u8; 32], now: Timestamp) -> Result<Option<User>, StoreError>;

    /// Whether a guest holds this name.
    async fn holder(&self, name: &UserName) -> Result<Option<UserId>, StoreError>;

    /// Forgets a guest; the name is free.
    async fn forget(&self, hash: [u8; 32]) -> Result<(), StoreError>;
}

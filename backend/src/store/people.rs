//! What is stored about users: read markers, and the names of guests.

use super::StoreError;
use async_trait::async_trait;
use common::ids::{Epoch, Seq, UserId};
use common::text::{RoomName, UserName};
use common::time::Timestamp;
use common::user::User;

/// How far a user has read a room.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Marker {
    /// The user.
    pub user: UserId,
    /// The room.
    pub room: RoomName,
    /// The life of the log that `seq` belongs to.
    pub epoch: Epoch,
    /// The newest event that was read.
    pub seq: Seq,
}

/// How far users have read their rooms.
#[async_trait]
pub trait MarkerStore: Send + Sync {
    /// Moves markers forward, all in one go; a place behind a marker of the same epoch changes
    /// nothing, another epoch replaces it.
    async fn mark(&self, markers: Vec<Marker>) -> Result<(), StoreError>;

    /// How far the user has read this life of the room's log; none where that was never said.
    async fn marker(
        &self,
        user: &UserId,
        room: &RoomName,
        epoch: &Epoch,
    ) -> Result<Option<Seq>, StoreError>;
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
    /// Gives a guest a name that nobody else holds, be it a guest, an account or a key, in exchange
    /// for what the guest whose secret has the hash `instead_of` held. Names are the same without
    /// regard to case, and when they look alike. A guest last seen before `stale_before` loses the
    /// name.
    async fn claim(
        &self,
        guest: Guest,
        instead_of: Option<[u8; 32]>,
        stale_before: Timestamp,
    ) -> Result<Claim, StoreError>;

    /// The guest whose secret has this hash, marked as seen `now` (a moment later; not being able
    /// to write that down keeps nobody out).
    async fn guest(&self, hash: [u8; 32], now: Timestamp) -> Result<Option<User>, StoreError>;

    /// Who holds this name, or one that is the same: a guest, an account or a key.
    async fn holder(&self, name: &UserName) -> Result<Option<UserId>, StoreError>;

    /// Forgets a guest; the name is free.
    async fn forget(&self, hash: [u8; 32]) -> Result<(), StoreError>;
}

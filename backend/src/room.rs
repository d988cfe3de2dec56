//! A live room on this node: its tail, its members, and who is online.
//!
//! The room's state is a plain value behind a short lock ([`state::RoomState`]); nothing is awaited
//! while it is held. The log's truth is in the store: a room here only holds its newest part, ready
//! to send, and dies with its last member.

pub mod presence;
pub mod state;
pub mod tail;

use crate::store::{EventStore, Placed, RoomHead, StoreError};
use bytes::Bytes;
use common::ErrorFrame;
use common::ids::{Epoch, RequestId, Seq};
use common::reply::User;
use common::text::RoomName;
use parking_lot::Mutex;
use state::{MemberKey, Reading, RoomState};
use std::sync::Arc;
use tokio::sync::OnceCell;

/// One encoded frame, shared by all who are sent it. Always UTF-8.
pub type Frame = Bytes;

/// The number by which a connection knows one of its own memberships.
pub type MembershipKey = usize;

/// A connection, as rooms and the committer see it. Both calls return at once.
pub trait Recipient: Send + Sync {
    /// Something in the room of this membership is ready to be read.
    fn wake(&self, membership: MembershipKey);

    /// What this connection posted was stored, or was not. Called once for each post.
    fn settled(&self, id: Option<&RequestId>, outcome: Result<&Placed, &ErrorFrame>);
}

/// See the module.
pub struct Room {
    name: RoomName,
    epoch: OnceCell<Epoch>,
    state: Mutex<RoomState>,
}

impl Room {
    /// A room that has not read its head from the store yet.
    #[must_use]
    pub fn new(name: RoomName) -> Self {
        Self {
            state: Mutex::new(RoomState::new(name.clone())),
            epoch: OnceCell::new(),
            name,
        }
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &RoomName {
        &self.name
    }

    /// Reads the head from the store the first time; later calls wait for that one.
    ///
    /// What is published meanwhile is kept: the tail begins at the later of the two.
    ///
    /// # Errors
    /// The store cannot be read. The next call tries again.
    pub async fn open(&self, store: &dyn EventStore) -> Result<RoomHead, StoreError> {
        let epoch = self
            .epoch
            .get_or_try_init(|| async {
                let at = store.head(&self.name).await?;
                self.state.lock().open_at(at.head);
                Ok::<_, StoreError>(at.epoch)
            })
            .await?;
        Ok(RoomHead {
            epoch: epoch.clone(),
            head: self.head(),
        })
    }

    /// The newest event that members can read.
    #[must_use]
    pub fn head(&self) -> Seq {
        self.state.lock().head()
    }

    /// Lets a connection in. Returns its key, and whether `presence` changed.
    pub fn admit(
        &self,
        user: User,
        recipient: Arc<dyn Recipient>,
        membership: MembershipKey,
    ) -> (MemberKey, bool) {
        self.state.lock().admit(user, recipient, membership)
    }

    /// Lets a connection go. Returns whether the room is empty now, and whether presence changed.
    pub fn dismiss(&self, member: MemberKey) -> (bool, bool) {
        self.state.lock().dismiss(member)
    }

    /// Adds a stored event to the tail and wakes the members. Repeats and stragglers are dropped.
    pub fn publish(&self, seq: Seq, frame: Frame) {
        self.state.lock().publish(seq, frame);
    }

    /// What is ready for a member beyond its cursors.
    pub fn read(&self, member: MemberKey, cursor: Seq, presence: u64) -> Reading {
        self.state.lock().read(member, cursor, presence)
    }

    /// The presence frame a new member starts from, and the cursor behind it.
    #[must_use]
    pub fn presence_snapshot(&self) -> (Frame, u64) {
        self.state.lock().presence_snapshot()
    }

    /// Makes the gathered changes of presence readable.
    pub fn flush_presence(&self) {
        self.state.lock().flush_presence();
    }

    /// How many users are online, each counted once.
    #[must_use]
    pub fn online(&self) -> usize {
        self.state.lock().online()
    }

    /// The users who are online.
    #[must_use]
    pub fn users(&self) -> Vec<User> {
        self.state.lock().users()
    }
}

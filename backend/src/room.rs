//! A live room on this node: its tail, its members, and who is online.
//!
//! The room's state is a plain value behind a short lock ([`state::RoomState`]); nothing is awaited
//! while it is held. The log's truth is in the store: a room here only holds its newest part, ready
//! to send, and dies with its last member.

pub mod backlog;
pub mod encode;
pub mod presence;
pub mod state;
pub mod tail;

use crate::store::{EventStore, Placed, RoomHead, StoreError};
use backlog::{Backlog, CatchUp};
use bytes::Bytes;
use common::ErrorFrame;
use common::ids::{Epoch, RequestId, Seq};
use common::reply::User;
use common::text::RoomName;
use parking_lot::Mutex;
use state::{MemberKey, Reading, RoomState};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use tokio::sync::OnceCell;

/// One encoded frame, shared by all who are sent it. Always UTF-8.
pub type Frame = Bytes;

/// The number by which a connection knows one of its own memberships.
pub type MembershipKey = usize;

/// A connection, as rooms and the committer see it. Both calls return at once.
pub trait Recipient: Send + Sync {
    /// Something in the room of this membership is ready to be read.
    fn wake(&self, membership: MembershipKey);

    /// A frame for this connection alone, of the kind that may be dropped under load.
    fn tell(&self, frame: Frame);

    /// What this connection posted was stored, or was not. Called once for each post.
    fn settled(&self, id: Option<&RequestId>, outcome: Result<&Placed, &ErrorFrame>);
}

/// See the module.
pub struct Room {
    name: RoomName,
    store: Arc<dyn EventStore>,
    /// The log's epoch, once it has been read.
    opened: OnceCell<Epoch>,
    /// The log's floor; retention raises it.
    floor: AtomicU64,
    state: Mutex<RoomState>,
    backlog: Backlog,
}

impl Room {
    /// A room that has not read its head from the store yet.
    #[must_use]
    pub fn new(name: RoomName, store: Arc<dyn EventStore>) -> Self {
        Self {
            state: Mutex::new(RoomState::new(name.clone())),
            opened: OnceCell::new(),
            floor: AtomicU64::new(0),
            backlog: Backlog::default(),
            name,
            store,
        }
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &RoomName {
        &self.name
    }

    /// The log's state. Reads the head from the store the first time; later calls wait for that
    /// one.
    ///
    /// What is published meanwhile is kept: the tail begins at the later of the two.
    ///
    /// # Errors
    /// The store cannot be read. The next call tries again.
    pub async fn open(&self) -> Result<RoomHead, StoreError> {
        let read = || async {
            let at = self.store.head(&self.name).await?;
            self.state.lock().open_at(at.head);
            self.raise_floor(at.floor);
            Ok::<_, StoreError>(at.epoch)
        };
        let epoch = self.opened.get_or_try_init(read).await?;
        Ok(RoomHead {
            epoch: epoch.clone(),
            floor: Seq(self.floor.load(Ordering::Relaxed)),
            head: self.head(),
        })
    }

    /// Retention has dropped what lies below.
    pub fn raise_floor(&self, floor: Seq) {
        self.floor.fetch_max(floor.0, Ordering::Relaxed);
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

    /// Adds a stored event to the tail; [`Room::wake`] is to follow. Repeats and stragglers are
    /// dropped.
    ///
    /// Returns whether the event is of the log this room has opened. Where it is not, the log has
    /// begun anew under a live room: its members are told that they have lost it, and the room
    /// must not be entered any more.
    pub fn append(&self, epoch: &Epoch, seq: Seq, frame: Frame) -> bool {
        let is_same = self.opened.get().is_none_or(|opened| opened == epoch);
        let mut state = self.state.lock();
        if is_same {
            state.append(seq, frame);
        } else {
            state.lose();
        }
        is_same
    }

    /// Wakes the members to what was added.
    pub fn wake(&self) {
        self.state.lock().wake_all();
    }

    /// Puts the erased form of an event in its place, so that nobody is sent what it said.
    pub fn erase(&self, seq: Seq, frame: Frame) {
        self.state.lock().replace(seq, frame);
        self.backlog.clear();
    }

    /// What is ready for a member beyond its cursors.
    pub fn read(&self, member: MemberKey, cursor: Seq, presence: u64) -> Reading {
        self.state.lock().read(member, cursor, presence)
    }

    /// The next events for a reader that has fallen off the tail.
    ///
    /// # Errors
    /// The store cannot be read.
    pub async fn catch_up(&self, cursor: Seq) -> Result<CatchUp, StoreError> {
        let read = self
            .backlog
            .read(self.store.as_ref(), &self.name, cursor, self.head())
            .await?;
        if read == CatchUp::Gone {
            // So that the reader is told when it comes back, instead of being sent here again.
            self.raise_floor(self.store.head(&self.name).await?.floor);
        }
        Ok(read)
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

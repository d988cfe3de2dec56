//! A live room on this node: its tail, its members, and who is online.
//!
//! The room's state is a plain value behind a short lock ([`state::RoomState`]); nothing is awaited
//! while the lock is held. The store has the complete log: a live room holds only its newest part,
//! ready to send, and ends with its last member.

pub mod advance;
pub mod backlog;
pub mod delivery;
mod early;
pub mod encode;
pub mod permissions;
pub mod presence;
pub mod remote;
pub mod rules;
pub mod sanctions;
pub mod spill;
pub mod state;
pub mod tail;

use crate::bus::Subscription;
use crate::store::{EventStore, RoomHead, RoomStore, StoreError};
use backlog::{Backlog, CatchUp};
use common::ids::{Epoch, Seq, UserId};
use common::text::RoomName;
use common::time::Timestamp;
use common::user::User;
use delivery::members::Members;
use delivery::shard::Shards;
use parking_lot::Mutex;
use rules::{AffectedUsers, Rules, RulesCell};
use spill::{Spill, SpillDisk};
use state::RoomState;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use tokio::sync::OnceCell;

pub use crate::wire::Frame;
pub use delivery::{
    Delivery, ManagedConnection, MemberKey, MembershipKey, PermissionHolder, SendOrigin,
    ShardConnection, Subscriber,
};
pub use state::{Batch, Position, Rest};

/// See the module.
pub struct Room {
    name: RoomName,
    store: Arc<dyn EventStore>,
    /// The log's epoch, once it has been read.
    opened: OnceCell<Epoch>,
    /// The log's floor; retention raises it.
    floor: AtomicU64,
    state: Mutex<RoomState>,
    /// One for each shard.
    members: Box<[Members]>,
    shards: Shards,
    /// Changes of presence wait to be told.
    presence_due: AtomicBool,
    backlog: Backlog,
    /// Where the store keeps too little to feed slow readers from.
    is_committed_in_groups: bool,
    spill: Option<Arc<Spill>>,
    rules: RulesCell,
    /// Other nodes tell this one of the room for as long as it is live.
    subscription: Option<Subscription>,
}

impl Room {
    /// A room that has not read its head from the store yet.
    #[must_use]
    pub fn new(name: RoomName, store: Arc<dyn EventStore>, shards: Shards) -> Self {
        Self {
            members: shards.iter().map(|_| Members::default()).collect(),
            shards,
            presence_due: AtomicBool::new(false),
            state: Mutex::new(RoomState::new(name.clone())),
            opened: OnceCell::new(),
            floor: AtomicU64::new(0),
            backlog: Backlog::default(),
            spill: None,
            is_committed_in_groups: false,
            rules: RulesCell::default(),
            subscription: None,
            name,
            store,
        }
    }

    /// Its events are published in groups, one for each commit of the store: passes over its members
    /// are paced.
    #[must_use]
    pub fn committed_in_groups(mut self) -> Self {
        self.is_committed_in_groups = true;
        self
    }

    /// Whether passes over its members are paced.
    #[must_use]
    pub fn is_committed_in_groups(&self) -> bool {
        self.is_committed_in_groups
    }

    /// What slow readers have not read is kept on this disk.
    #[must_use]
    pub fn spilling(mut self, disk: Arc<SpillDisk>) -> Self {
        self.spill = Some(Arc::new(Spill::new(disk)));
        self
    }

    /// Hints about it come for as long as it lives.
    #[must_use]
    pub fn subscribed(mut self, subscription: Option<Subscription>) -> Self {
        self.subscription = subscription;
        self
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
            let gone = self.state.lock().open_at(at.head);
            drop(gone);
            self.raise_floor(at.floor);
            Ok::<_, StoreError>(at.epoch)
        };
        let epoch = self.opened.get_or_try_init(read).await?;
        if let Some(floor) = self.store.rising_floor(&self.name) {
            self.raise_floor(floor);
        }
        Ok(RoomHead {
            epoch: epoch.clone(),
            floor: Seq(self.floor.load(Ordering::Relaxed)),
            head: self.head(),
        })
    }

    /// What holds here; none where nothing was set.
    #[must_use]
    pub fn rules(&self) -> Option<Arc<Rules>> {
        self.rules.get()
    }

    /// Whether it is known what holds here.
    #[must_use]
    pub fn has_loaded_rules(&self) -> bool {
        self.rules.is_known()
    }

    /// Nothing holds here, and nothing ever will.
    pub fn disable_rules(&self) {
        self.rules.disable();
    }

    /// Asks what holds here, unless that is known.
    ///
    /// # Errors
    /// The store cannot be read.
    pub async fn load_rules(
        &self,
        store: &dyn RoomStore,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        self.rules.learn(&self.name, store, now).await
    }

    /// Asks anew what holds here. Returns whom what has changed concerns.
    ///
    /// # Errors
    /// The store cannot be read.
    pub async fn reload_rules(
        &self,
        store: &dyn RoomStore,
        now: Timestamp,
    ) -> Result<AffectedUsers, StoreError> {
        self.rules.renew(&self.name, store, now).await
    }

    /// All members look anew at what they may.
    pub fn recheck_permissions(&self) {
        for members in &self.members {
            members.recheck_permissions();
        }
    }

    /// Whether no connection is here.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.members.iter().all(Members::is_empty)
    }

    /// A user who is online here.
    #[must_use]
    pub fn user(&self, id: &UserId) -> Option<User> {
        self.state.lock().user(id)
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

    /// Lets a connection in, on the shard that serves it. Returns its key, and whether presence
    /// changed.
    pub fn admit(
        &self,
        shard: usize,
        user: User,
        recipient: Arc<dyn Subscriber>,
        membership: MembershipKey,
    ) -> (MemberKey, bool) {
        let members = self.members.get(shard);
        let key = members.map_or(MemberKey::MAX, |members| members.add(recipient, membership));
        (key, self.state.lock().user_joined(user))
    }

    /// Lets a connection go. Returns whether the room is empty now, and whether presence changed.
    pub fn dismiss(
        self: &Arc<Self>,
        shard: usize,
        member: MemberKey,
        user: &UserId,
    ) -> (bool, bool) {
        if let Some(members) = self.members.get(shard) {
            members.remove(member);
        }
        self.update_spill_readers();
        let changed = self.state.lock().user_left(user);
        (self.is_empty(), changed)
    }

    /// Adds a stored event, one whole frame, to the tail; [`Room::mark`] is to follow. Repeats and stragglers are
    /// dropped.
    ///
    /// Returns whether the event is of the log this room has opened. Where it is not, the log has
    /// begun anew under a live room: its members are told that they have lost it, and the room
    /// must not be entered any more.
    pub fn append(&self, epoch: &Epoch, seq: Seq, frame: &[u8]) -> bool {
        let is_same = self.is_same_log(epoch);
        let _moving = self.spill.as_ref().map(|spill| spill.moving());
        let mut state = self.state.lock();
        if is_same {
            // Before the head was read, this may be the first that is known of the log.
            let gone = state.append(seq, frame, self.opened.initialized());
            drop(state);
            if !gone.is_empty() {
                self.spill_over(&gone);
            }
        } else {
            state.lose();
        }
        is_same
    }

    /// Whether this is the log that the room has opened.
    #[must_use]
    pub fn is_same_log(&self, epoch: &Epoch) -> bool {
        self.opened.get().is_none_or(|opened| opened == epoch)
    }

    /// Tells the shards that have members here of what was added; [`Shards::notify`] is to follow.
    pub fn mark(self: &Arc<Self>) {
        for (members, shard) in self.members.iter().zip(self.shards.iter()) {
            if members.mark() {
                shard.mark(Arc::clone(self));
            }
        }
    }

    /// How many members a shard has.
    pub(super) fn members_on(&self, shard: usize) -> usize {
        self.members.get(shard).map_or(0, Members::count)
    }

    /// Puts the erased form of an event in its place, so that nobody is sent what it said.
    pub fn erase(&self, seq: Seq, frame: &[u8]) {
        self.state.lock().replace(seq, frame);
        self.backlog.clear();
        if let Some(spill) = &self.spill {
            spill.erase(seq, frame);
        }
    }

    /// What follows a position.
    #[must_use]
    pub fn read(&self, from: Position) -> Batch {
        self.state.lock().read(from)
    }

    /// The position of a member that has been given everything.
    #[must_use]
    pub fn end(&self) -> Position {
        self.state.lock().end()
    }

    /// The next events for a reader that has fallen off the tail.
    ///
    /// # Errors
    /// The store cannot be read.
    pub async fn catch_up(self: &Arc<Self>, cursor: Seq) -> Result<CatchUp, StoreError> {
        if let Some(read) = self.read_spilled(cursor).await {
            return Ok(read);
        }
        let read = self
            .backlog
            .read(self.store.as_ref(), &self.name, cursor, self.head())
            .await?;
        if read == CatchUp::Gone
            && let Some(spill) = &self.spill
        {
            // It may have been on its way from the tail to there.
            drop(spill.moving());
            if let Some(read) = self.read_spilled(cursor).await {
                return Ok(read);
            }
        }
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

    /// Whether somebody must see to it that changes of presence are told; the first who asks must.
    pub fn presence_is_due(&self) -> bool {
        !self.presence_due.swap(true, Ordering::AcqRel)
    }

    /// Tells the members the changes of presence that have gathered. Returns whether there were any:
    /// then whoever sees to the room looks again later, and otherwise no more.
    pub fn flush_presence(self: &Arc<Self>) -> bool {
        let mut state = self.state.lock();
        if !state.flush_presence() {
            // Under the lock: a change either is seen here, or comes after this.
            self.presence_due.store(false, Ordering::Release);
            return false;
        }
        drop(state);
        self.mark();
        self.shards.notify();
        true
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

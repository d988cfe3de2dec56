//! Room settings and sanctions as the store has them: loaded when a room becomes live, and again after
//! each invalidation.

use super::registry::Registry;
use super::slow_mode::SlowMode;
use super::user_connections::UserConnections;
use crate::clock::Environment;
use crate::limits::Payer;
use crate::room::Room;
use crate::room::delivery::shard::Shards;
use crate::room::permissions::{Requester, RoomPermissions, explained};
use crate::room::rules::{AffectedUsers, Rules};
use crate::room::sanctions::Sanctions;
use crate::store::{RoomStore, StoreError};
use common::ids::UserId;
use common::role::Role;
use common::room::RoomRole;
use common::text::RoomName;
use common::time::Timestamp;
use common::{ErrorCode, ErrorFrame};
use parking_lot::Mutex;
use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Who is banned or muted on the whole node. Mostly nobody is, and then a look at a flag suffices.
#[derive(Default)]
pub(super) struct NodeSanctions {
    some: AtomicBool,
    value: Mutex<Arc<Sanctions>>,
}

impl NodeSanctions {
    fn get(&self) -> Option<Arc<Sanctions>> {
        let some = self.some.load(Ordering::Acquire);
        some.then(|| Arc::clone(&self.value.lock()))
    }

    fn put(&self, sanctions: Sanctions) {
        let mut value = self.value.lock();
        self.some.store(!sanctions.is_empty(), Ordering::Release);
        *value = Arc::new(sanctions);
    }
}

/// When bans and mutes end, so that those concerned hear of it: in a live room, or (none) on the
/// node.
pub(super) type Ends = Mutex<BTreeSet<(Timestamp, Option<RoomName>)>>;

/// The owner of what holds in rooms and on the node.
pub struct RoomRules {
    pub(super) store: Arc<dyn RoomStore>,
    pub(super) registry: Arc<Registry>,
    pub(super) connections: Arc<UserConnections>,
    pub(super) shards: Shards,
    pub(super) node: NodeSanctions,
    pub(super) ends: Ends,
    pub(super) slow_mode: SlowMode,
    pub(super) environment: Environment,
}

impl RoomRules {
    fn now(&self) -> Timestamp {
        self.environment.clock.now()
    }

    /// What was set of rooms, and who is what in them.
    #[must_use]
    pub fn store(&self) -> &Arc<dyn RoomStore> {
        &self.store
    }

    /// What somebody may do in a live room.
    #[must_use]
    pub fn permissions_in<'a>(
        &self,
        room: &'a Room,
        requester: Requester<'a>,
    ) -> RoomPermissions<'a> {
        self.permissions_by(room.name(), requester, room.rules())
    }

    fn permissions_by<'a>(
        &self,
        room: &'a RoomName,
        requester: Requester<'a>,
        rules: Option<Arc<Rules>>,
    ) -> RoomPermissions<'a> {
        let node = self.node.get();
        // Where nothing holds, nothing ends: there the clock need not be looked at.
        let now = match rules.is_none() && node.is_none() {
            true => Timestamp::default(),
            false => self.now(),
        };
        RoomPermissions {
            room,
            requester,
            rules,
            node,
            now,
        }
    }

    /// What somebody may do in any room, live or not. Of a hidden room that they may not know of it
    /// has no rules, and has asked the store for just what it asks for where there is no such room.
    ///
    /// # Errors
    /// The store cannot be read.
    pub async fn permissions<'a>(
        &self,
        room: &'a RoomName,
        requester: Requester<'a>,
    ) -> Result<RoomPermissions<'a>, StoreError> {
        let live = self
            .registry
            .get(room)
            .filter(|live| live.has_loaded_rules());
        if let Some(live) = &live {
            let permissions = self.permissions_by(room, requester, live.rules());
            if !room.is_hidden() || permissions.standing() != RoomRole::Outsider {
                return Ok(permissions);
            }
        }
        let user = &requester.visitor.user.id;
        if room.is_hidden() && self.store.standing(room, user).await? == RoomRole::Outsider {
            return Ok(self.permissions_by(room, requester, None));
        }
        let found = self.store.rules(room, self.now()).await?;
        let rules = found.map(|found| Arc::new(Rules::new(found)));
        Ok(self.permissions_by(room, requester, rules))
    }

    /// Sees to it that a room knows its rules.
    pub(super) async fn ensure_rules(&self, room: &Room) -> Result<(), StoreError> {
        if room.has_loaded_rules() {
            return Ok(());
        }
        room.load_rules(self.store.as_ref(), self.now()).await?;
        self.await_end(room);
        Ok(())
    }

    fn await_end(&self, room: &Room) {
        let rules = room.rules();
        if let Some(end) = rules.and_then(|rules| rules.sanctions.next_end()) {
            self.ends.lock().insert((end, Some(room.name().clone())));
        }
    }

    /// What holds in a room has changed: if it is live, whom that concerns looks anew.
    ///
    /// # Errors
    /// The store cannot be read.
    pub async fn reload_rules(&self, room: &RoomName) -> Result<(), StoreError> {
        let Some(live) = self.registry.get(room) else {
            return Ok(());
        };
        let concerned = live.reload_rules(self.store.as_ref(), self.now()).await?;
        // Connections whose join was checked before this are in the room by now.
        drop(self.registry.lock(room));
        self.await_end(&live);
        match concerned {
            AffectedUsers::All => live.recheck_permissions(),
            AffectedUsers::Users(users) => users
                .iter()
                .for_each(|user| self.connections.recheck_permissions(user)),
        }
        Ok(())
    }

    /// Who is banned from the node, or muted on it, has changed: everybody looks anew.
    ///
    /// # Errors
    /// The store cannot be read.
    pub async fn reload_node_sanctions(&self) -> Result<(), StoreError> {
        let found = Sanctions::of(&self.store.node_sanctions(self.now()).await?);
        let end = found.next_end();
        self.node.put(found);
        self.ends.lock().extend(end.map(|end| (end, None)));
        for shard in self.shards.iter() {
            shard.for_each(|connection| connection.recheck_permissions());
        }
        Ok(())
    }

    /// Bans and mutes that have run out: those concerned look anew.
    ///
    /// # Errors
    /// The store cannot be read; what is left comes the next time.
    pub async fn end_sanctions(&self) -> Result<(), StoreError> {
        let now = self.now();
        loop {
            let due = self
                .ends
                .lock()
                .first()
                .filter(|(end, _)| *end <= now)
                .cloned();
            let Some(due) = due else {
                return Ok(());
            };
            match &due.1 {
                Some(room) => self.reload_rules(room).await?,
                None => self.reload_node_sanctions().await?,
            }
            self.ends.lock().remove(&due);
        }
    }

    /// Puts a user out of a live room, who may come back.
    pub fn kick(&self, room: &RoomName, user: &UserId) {
        if let Some(live) = self.registry.get(room) {
            self.connections.remove_from_room(user, &live);
        }
    }

    /// The refusal of somebody who is banned from the node. Those who look after it are exempt from
    /// bans of an address.
    ///
    /// # Errors
    /// They are.
    pub fn admit(&self, requester: Requester<'_>) -> Result<(), ErrorFrame> {
        let Some(node) = self.node.get() else {
            return Ok(());
        };
        let visitor = requester.visitor;
        let address = (visitor.role < Role::Moderator).then_some(requester.address);
        let now = self.now();
        match node.ban(&visitor.user.id, address, now) {
            None => Ok(()),
            Some(term) => {
                let what = "banned from this node";
                Err(explained(ErrorCode::Banned, what, term, now))
            }
        }
    }

    /// Whether they may not write anywhere on the node.
    ///
    /// # Errors
    /// They may not.
    pub fn admit_writing(&self, requester: Requester<'_>) -> Result<(), ErrorFrame> {
        let room = RoomName::broadcast();
        self.permissions_by(&room, requester, None).check_mute()
    }

    /// Takes leave to say something in a room where one message may be said in so many
    /// milliseconds; zero is no such rule.
    ///
    /// # Errors
    /// It is too soon, or the store does not say.
    pub async fn pace(
        &self,
        room: &RoomName,
        payer: &Payer,
        interval_ms: u64,
    ) -> Result<(), ErrorFrame> {
        if interval_ms == 0 {
            return Ok(());
        }
        let taken = self.slow_mode.take(room, payer, interval_ms, self.now());
        let taken = taken.await;
        let taken = taken.map_err(|error| error.to_frame().about(room.clone()))?;
        taken.map_err(|wait_ms| {
            let why = "the room is in slow mode: one message in so much time";
            let mut error = ErrorFrame::new(ErrorCode::SlowMode, why).about(room.clone());
            error.retry_after_ms = Some(wait_ms);
            error
        })
    }
}

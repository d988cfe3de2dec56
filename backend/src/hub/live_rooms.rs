//! The live rooms of this node, and who is in them. A room is live from the first join to the drop of
//! the last [`Membership`]; the built-in room always is.

use super::logs::Logs;
use super::presence::PresenceQueue;
use super::registry::{Registry, remove};
use super::rooms_elsewhere::RoomsElsewhere;
use super::rules::RoomRules;
use crate::bus::{Bus, NodeMessage, PresenceHint, Received};
use crate::room::delivery::shard::Shards;
use crate::room::spill::SpillDisk;
use crate::room::{MemberKey, Room};
use crate::store::StoreError;
use crate::store::names::NameKeys;
use common::ids::{Seq, UserId};
use common::text::RoomName;
use common::user::User;
use std::collections::HashMap;
use std::sync::Arc;

/// See the module.
pub struct LiveRooms {
    pub(super) registry: Arc<Registry>,
    pub(super) logs: Arc<Logs>,
    pub(super) rules: Arc<RoomRules>,
    pub(super) presence: PresenceQueue,
    pub(super) shards: Shards,
    pub(super) spill: Option<Arc<SpillDisk>>,
    pub(super) bus: Arc<dyn Bus>,
    pub(super) elsewhere: RoomsElsewhere,
}

impl LiveRooms {
    pub(super) fn new_room(&self, name: &RoomName) -> Room {
        let room = Room::new(name.clone(), self.logs.store(name), self.shards.clone());
        if self.logs.store(name).is_shared() || self.logs.is_durable(name) {
            let room = room.subscribed(self.bus.subscribe(name));
            return room.committed_in_groups();
        }
        match &self.spill {
            Some(disk) => room.spilling(Arc::clone(disk)),
            None => room,
        }
    }

    fn leave(&self, gone: &Membership) {
        let room = &gone.room;
        let mut rooms = self.registry.lock(room.name());
        let (empty, changed) = room.dismiss(gone.shard, gone.member, &gone.user);
        if empty && !room.name().is_broadcast() {
            remove(&mut rooms, room);
            drop(rooms);
            // Nobody will look at the room again to tell the others.
            if let Some(nobody) = room.presence_here() {
                self.bus.publish_presence(room.name(), &nobody);
            }
        } else if changed {
            drop(rooms);
            self.presence.push(room);
        }
    }

    /// Takes what another node says of who is online.
    pub(super) fn receive(&self, received: Received) {
        match received {
            Received::Presence(room, node, hint) => {
                if let Some(live) = self.registry.get(&room) {
                    let (is_changed, answer) = live.receive_presence(node, hint);
                    if let Some(answer) = answer {
                        self.bus.publish_presence(&room, &answer);
                    }
                    if is_changed {
                        self.presence.push(&live);
                    }
                }
            }
            Received::NodeGone(node) => {
                self.elsewhere.forget_node(node);
                for room in self.registry.all() {
                    if room.forget_node(node) {
                        self.presence.push(&room);
                    }
                }
            }
            Received::Subscribed(rooms) => {
                for room in rooms.iter().filter_map(|room| self.registry.get(room)) {
                    if let Some(here) = room.presence_here() {
                        self.bus.publish_presence(room.name(), &here);
                        self.bus
                            .publish_presence(room.name(), &PresenceHint::Request);
                    }
                }
            }
            Received::Node(node, NodeMessage::Online(rooms)) => self.elsewhere.set(node, rooms),
            Received::Hint(..) | Received::Read(..) | Received::Node(..) => {}
        }
    }

    /// Whether the room has been written to, or somebody is in it.
    ///
    /// # Errors
    /// The store cannot be read.
    pub async fn is_used(&self, room: &RoomName) -> Result<bool, StoreError> {
        Ok(self.online(room) > 0 || self.logs.head(room).await?.head > Seq::ZERO)
    }

    /// Up to `limit` public rooms whose names are hard to tell from this one, those with members first:
    /// this room itself, too, if it is there.
    ///
    /// # Errors
    /// A store cannot be read.
    pub async fn similar(
        &self,
        room: &RoomName,
        limit: usize,
    ) -> Result<Vec<RoomName>, StoreError> {
        let keys = NameKeys::of_room(room);
        let live = self.live_rooms().into_iter().map(|(room, _)| room);
        let mut found: Vec<_> = live
            .filter(|live| NameKeys::of_room(live).collide(&keys))
            .collect();
        for stored in self.logs.similar(room, limit).await? {
            if !found.contains(&stored) {
                found.push(stored);
            }
        }
        found.truncate(limit);
        Ok(found)
    }

    /// How many users are in a room, on all nodes.
    #[must_use]
    pub fn online(&self, room: &RoomName) -> usize {
        let live = self.registry.get(room).map(|room| room.online());
        live.unwrap_or_else(|| self.elsewhere.online(room))
    }

    /// The public rooms with users, on all nodes, with the number of users in each.
    #[must_use]
    pub fn public_online(&self) -> HashMap<RoomName, usize> {
        let mut counts = self.live_rooms().into_iter().collect();
        self.elsewhere.add_to(&mut counts);
        counts
    }

    /// The rooms of this node with the most users, up to `limit`.
    #[must_use]
    pub fn busiest(&self, limit: usize) -> Vec<(RoomName, usize)> {
        let rooms = self.registry.all().into_iter();
        let counts = rooms
            .filter(|room| !room.name().is_broadcast())
            .map(|room| (room.name().clone(), room.online()));
        let mut counts: Vec<_> = counts.filter(|(_, online)| *online > 0).collect();
        counts.sort_unstable_by(|one, other| {
            let by_count = other.1.cmp(&one.1);
            by_count.then_with(|| one.0.cmp(&other.0))
        });
        counts.truncate(limit);
        counts
    }

    /// The public rooms that are live on this node with the number of users in each, without the
    /// built-in one.
    #[must_use]
    pub fn live_rooms(&self) -> Vec<(RoomName, usize)> {
        let rooms = self.registry.all();
        let mut counts: Vec<_> = rooms
            .iter()
            .filter(|room| !room.name().is_broadcast() && !room.name().is_hidden())
            .map(|room| (room.name().clone(), room.online()))
            .collect();
        counts.sort();
        counts
    }

    /// Who is in a room; nobody where it is not live.
    #[must_use]
    pub fn users(&self, room: &RoomName) -> Vec<User> {
        self.registry
            .get(room)
            .map_or_else(Vec::new, |room| room.users())
    }

    /// A user who is in some room now.
    #[must_use]
    pub fn present(&self, user: &UserId) -> Option<User> {
        let rooms = self.registry.all();
        rooms.iter().find_map(|room| room.user(user))
    }
}

/// A connection's place in a room. Dropping it is leaving: whatever way a connection ends, this
/// is its clean-up.
pub struct Membership {
    pub(super) rooms: Arc<LiveRooms>,
    /// The room.
    pub room: Arc<Room>,
    pub(super) user: UserId,
    pub(super) shard: usize,
    pub(super) member: MemberKey,
}

impl Drop for Membership {
    fn drop(&mut self) {
        self.rooms.leave(self);
    }
}

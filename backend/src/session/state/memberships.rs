//! The rooms of one connection, found by number or by name.
//!
//! Most connections are in few rooms, and there are many connections: names are indexed only when a
//! linear search would be slower.

use super::JoinedRoom;
use crate::room::MembershipKey;
use common::text::RoomName;
use slab::Slab;
use std::collections::HashMap;

/// Rooms up to which there is no index.
const UNINDEXED_MAX: usize = 16;

/// The built-in room and one more: room for four would be twice what most connections need.
const USUAL: usize = 2;

/// See the module.
pub(super) struct Memberships {
    all: Slab<JoinedRoom>,
    /// Once there are more than [`UNINDEXED_MAX`].
    #[expect(
        clippy::box_collection,
        reason = "an empty one takes 48 bytes of every connection that has none"
    )]
    by_room: Option<Box<HashMap<RoomName, MembershipKey>>>,
}

impl Memberships {
    pub(super) fn new() -> Self {
        Self {
            all: Slab::with_capacity(USUAL),
            by_room: None,
        }
    }

    pub(super) fn len(&self) -> usize {
        self.all.len()
    }

    pub(super) fn find(&self, room: &RoomName) -> Option<MembershipKey> {
        if let Some(by_room) = &self.by_room {
            return by_room.get(room).copied();
        }
        let mut all = self.all.iter();
        let found = all.find(|(_, joined)| joined.membership.room.name() == room);
        found.map(|(key, _)| key)
    }

    pub(super) fn get(&self, key: MembershipKey) -> Option<&JoinedRoom> {
        self.all.get(key)
    }

    pub(super) fn get_mut(&mut self, key: MembershipKey) -> Option<&mut JoinedRoom> {
        self.all.get_mut(key)
    }

    pub(super) fn keys(&self) -> Vec<MembershipKey> {
        self.all.iter().map(|(key, _)| key).collect()
    }

    /// The number the next one will have.
    pub(super) fn next_key(&self) -> MembershipKey {
        self.all.vacant_key()
    }

    pub(super) fn add(&mut self, joined: JoinedRoom) {
        let room = joined.membership.room.name().clone();
        let key = self.all.insert(joined);
        if let Some(by_room) = &mut self.by_room {
            by_room.insert(room, key);
        } else if self.all.len() > UNINDEXED_MAX {
            let all = self.all.iter();
            let named = all.map(|(key, joined)| (joined.membership.room.name().clone(), key));
            self.by_room = Some(Box::new(named.collect()));
        }
    }

    pub(super) fn remove(&mut self, key: MembershipKey) {
        let gone = self.all.try_remove(key);
        if let (Some(by_room), Some(gone)) = (&mut self.by_room, &gone) {
            by_room.remove(gone.membership.room.name());
        }
    }

    pub(super) fn clear(&mut self) {
        self.by_room = None;
        self.all.clear();
    }
}

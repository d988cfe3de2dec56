//! The rooms that are live on this node.

use crate::room::Room;
use crate::sharded_lock::ShardedLock;
use common::text::RoomName;
use parking_lot::{Mutex, MutexGuard};
use std::collections::HashMap;
use std::sync::Arc;

/// Some of the live rooms.
pub(super) type Rooms = HashMap<RoomName, Arc<Room>>;

/// The live rooms. Locked for moments only, one shard at once, and always before a room, never
/// after.
#[derive(Default)]
pub(super) struct Registry(ShardedLock<Rooms>);

impl Registry {
    /// The room, where it is live.
    pub(super) fn get(&self, name: &RoomName) -> Option<Arc<Room>> {
        self.lock(name).get(name).cloned()
    }

    /// The rooms among which this one is, if it is live, for as long as nothing may change there.
    pub(super) fn lock(&self, name: &RoomName) -> MutexGuard<'_, Rooms> {
        self.0.of(name).lock()
    }

    /// All of them, as of some moment in between.
    pub(super) fn all(&self) -> Vec<Arc<Room>> {
        let shards = self.0.iter().map(Mutex::lock);
        shards
            .flat_map(|rooms| rooms.values().cloned().collect::<Vec<_>>())
            .collect()
    }

    /// Takes a room out, unless another has its name by now.
    pub(super) fn remove(&self, room: &Arc<Room>) {
        remove(&mut self.lock(room.name()), room);
    }
}

/// Takes a room out, unless another has its name by now.
pub(super) fn remove(rooms: &mut Rooms, room: &Arc<Room>) {
    if rooms
        .get(room.name())
        .is_some_and(|known| Arc::ptr_eq(known, room))
    {
        rooms.remove(room.name());
    }
}

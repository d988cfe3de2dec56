//! Which rooms are live on this node.

use crate::room::Room;
use common::text::RoomName;
use parking_lot::Mutex;
use std::collections::HashMap;
use std::sync::Arc;

/// The live rooms. Locked for moments only, and always before a room, never after.
#[derive(Default)]
pub(super) struct Registry {
    pub(super) rooms: Mutex<HashMap<RoomName, Arc<Room>>>,
}

impl Registry {
    /// The room, where it is live.
    pub(super) fn get(&self, name: &RoomName) -> Option<Arc<Room>> {
        self.rooms.lock().get(name).cloned()
    }

    /// Takes a room out, unless another has its name by now.
    pub(super) fn remove(&self, room: &Arc<Room>) {
        remove(&mut self.rooms.lock(), room);
    }
}

/// Takes a room out, unless another has its name by now.
pub(super) fn remove(rooms: &mut HashMap<RoomName, Arc<Room>>, room: &Arc<Room>) {
    if rooms
        .get(room.name())
        .is_some_and(|known| Arc::ptr_eq(known, room))
    {
        rooms.remove(room.name());
    }
}

//! The feed: the only place that advances the tails of live rooms.
//!
//! Two kinds of source use it. A source that has stored events passes them on, encoded
//! ([`Feed::append`]): the committers of this node. A source that only learns that a log has grown
//! names the position ([`Feed::advance_to`]), and the room reads the store: a bus between nodes, or
//! another program that writes to the store. Both may repeat events, deliver them late or leave some
//! out: every member receives each event once, in order.

use super::registry::Registry;
use crate::room::Room;
use crate::room::advance::LogState;
use crate::room::delivery::shard::Shards;
use crate::store::StoreError;
use common::ids::{Epoch, Seq};
use common::text::RoomName;
use std::sync::Arc;

/// See the module.
#[derive(Clone)]
pub struct Feed {
    registry: Arc<Registry>,
    shards: Shards,
}

impl Feed {
    pub(super) fn new(registry: Arc<Registry>, shards: Shards) -> Self {
        Self { registry, shards }
    }

    /// The room, if it is live on this node.
    pub(super) fn live(&self, room: &RoomName) -> Option<Arc<Room>> {
        self.registry.get(room)
    }

    /// Adds a stored event to a live room; [`Feed::deliver`] is to follow.
    pub(super) fn append(&self, room: &Arc<Room>, epoch: &Epoch, seq: Seq, frame: &[u8]) {
        if !room.append(epoch, seq, frame) {
            self.replaced(room);
        }
    }

    /// Has the members of these rooms written to.
    pub(super) fn deliver(&self, rooms: impl IntoIterator<Item = Arc<Room>>) {
        for room in rooms {
            room.mark();
        }
        self.shards.notify();
    }

    /// The room's log has grown up to `head`, as far as somebody says: if the room is live here, it
    /// reads what it does not have from the store, and its members receive it.
    ///
    /// # Errors
    /// The store cannot be read. The next call goes on where this one stopped.
    pub async fn advance_to(&self, room: &RoomName, head: Seq) -> Result<(), StoreError> {
        let Some(live) = self.live(room) else {
            return Ok(());
        };
        let advanced = live.advance_to(head).await;
        if matches!(advanced, Ok(LogState::Replaced)) {
            self.replaced(&live);
        }
        // Also after an error: some of it may be there.
        self.deliver([live]);
        advanced.map(drop)
    }

    fn replaced(&self, room: &Arc<Room>) {
        tracing::warn!(room = %room.name(), "the room's log was replaced");
        self.registry.remove(room);
    }
}

//! The feed: the only place that advances the tails of live rooms.
//!
//! Two kinds of source use it. A source that has stored events passes them on, encoded
//! ([`Feed::append`]): the committers of this node. A source that only learns that a log has grown
//! names the position ([`Feed::advance_to`]), and the room reads the store: a bus between nodes, or
//! another program that writes to the store. Both may repeat events, deliver them late or leave some
//! out: every member receives each event once, in order.

use super::registry::Registry;
use crate::bus::{Hint, Received};
use crate::room::Room;
use crate::room::advance::LogState;
use crate::room::delivery::shard::Shards;
use crate::store::{RoomHead, StoreError};
use common::ids::{Epoch, Seq};
use common::text::RoomName;
use parking_lot::Mutex;
use std::sync::Arc;
use tokio::sync::Notify;

/// See the module.
#[derive(Clone)]
pub struct Feed {
    registry: Arc<Registry>,
    shards: Shards,
    /// Rooms in which an event waits for one before it.
    pub(super) gaps: Arc<Gaps>,
}

/// Rooms that wait for events which others have stored.
#[derive(Default)]
pub(super) struct Gaps {
    rooms: Mutex<Vec<Arc<Room>>>,
    unchecked: Mutex<Vec<Arc<Room>>>,
    changed: Notify,
}

impl Gaps {
    fn note(&self, room: &Arc<Room>) {
        let mut rooms = self.rooms.lock();
        if !rooms.iter().any(|known| Arc::ptr_eq(known, room)) {
            rooms.push(Arc::clone(room));
            self.changed.notify_one();
        }
    }

    /// What the room has is to be compared with the store.
    fn check(&self, room: Arc<Room>) {
        self.unchecked.lock().push(room);
        self.changed.notify_one();
    }

    pub(super) fn take_unchecked(&self) -> Vec<Arc<Room>> {
        std::mem::take(&mut *self.unchecked.lock())
    }

    /// Waits until there is one.
    pub(super) async fn wait(&self) {
        self.changed.notified().await;
    }

    pub(super) fn take(&self) -> Vec<Arc<Room>> {
        std::mem::take(&mut *self.rooms.lock())
    }
}

impl Feed {
    pub(super) fn new(registry: Arc<Registry>, shards: Shards) -> Self {
        Self {
            registry,
            shards,
            gaps: Arc::default(),
        }
    }

    /// The room, if it is live on this node.
    pub(super) fn live(&self, room: &RoomName) -> Option<Arc<Room>> {
        self.registry.get(room)
    }

    /// Adds a stored event to a live room; [`Feed::published`] is to follow.
    pub(super) fn append(&self, room: &Arc<Room>, epoch: &Epoch, seq: Seq, frame: &[u8]) {
        if !room.append(epoch, seq, frame) {
            self.replaced(room);
        }
    }

    /// Takes what another node says. It may be late, repeated or out of order.
    pub(super) fn receive(&self, received: &Received) {
        match received {
            Received::Hint(room, hint) => {
                if let Some(live) = self.live(room) {
                    self.receive_hint(live, hint);
                }
            }
            Received::Subscribed(rooms) => {
                let live = rooms.iter().filter_map(|room| self.live(room));
                live.for_each(|room| self.gaps.check(room));
            }
            _ => {}
        }
    }

    fn receive_hint(&self, room: Arc<Room>, hint: &Hint) {
        if !room.is_same_log(&hint.epoch) {
            // One of the two is the past; the store knows which.
            return self.gaps.check(room);
        }
        room.note(hint.head);
        for (seq, frame) in &hint.events {
            self.append(&room, &hint.epoch, *seq, frame);
        }
        self.published([room]);
    }

    /// Has the members of these rooms, to which events were added, written to. Gaps before those events
    /// are read later.
    pub(super) fn published(&self, rooms: impl IntoIterator<Item = Arc<Room>>) {
        self.deliver(rooms.into_iter().inspect(|room| {
            if room.newest_early().is_some() {
                self.gaps.note(room);
            }
        }));
    }

    /// Has the members of these rooms written to.
    fn deliver(&self, rooms: impl IntoIterator<Item = Arc<Room>>) {
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
        match self.live(room) {
            Some(live) => self.advance(live, head).await,
            None => Ok(()),
        }
    }

    /// The same, for a room that is at hand.
    pub(super) async fn advance(&self, room: Arc<Room>, head: Seq) -> Result<(), StoreError> {
        let advanced = room.advance_to(head).await;
        self.advanced(room, advanced)
    }

    /// The same, where the state of the log is known.
    pub(super) async fn catch_up(&self, room: Arc<Room>, at: RoomHead) -> Result<(), StoreError> {
        let advanced = room.catch_up_with(&at).await;
        self.advanced(room, advanced)
    }

    fn advanced(
        &self,
        room: Arc<Room>,
        advanced: Result<LogState, StoreError>,
    ) -> Result<(), StoreError> {
        if matches!(advanced, Ok(LogState::Replaced)) {
            self.replaced(&room);
        }
        // Also after an error: some of it may be there.
        self.deliver([room]);
        advanced.map(drop)
    }

    fn replaced(&self, room: &Arc<Room>) {
        tracing::warn!(room = %room.name(), "the room's log was replaced");
        self.registry.remove(room);
    }
}

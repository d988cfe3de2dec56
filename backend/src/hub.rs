//! The hub: this node's registry of live rooms, and the door to the log.
//!
//! It owns which rooms are live. A room is live from the first `enter` to the drop of the last
//! [`Membership`]; the built-in room always is. What is posted goes to the [`committer`], which
//! stores first and publishes then.

pub mod committer;
mod encode;
mod presence;

use crate::clock::Ambient;
use crate::room::state::MemberKey;
use crate::room::{MembershipKey, Recipient, Room};
use crate::store::{EventStore, Page, Range, RoomHead, RoomRow, StoreError};
use committer::{Committer, Overloaded, Post};
use common::ServerFrame;
use common::event::MessagePosted;
use common::ids::{Epoch, Seq};
use common::reply::{HistoryPage, User};
use common::text::RoomName;
use common::time::Timestamp;
use parking_lot::Mutex;
use presence::PresenceQueue;
use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

pub use committer::Origin;

/// See the module.
pub struct Hub {
    registry: Arc<Registry>,
    store: Arc<dyn EventStore>,
    committer: Committer,
    presence: PresenceQueue,
    clients: AtomicUsize,
    /// What the hub reads the time from.
    pub ambient: Ambient,
}

/// The live rooms. Locked for moments only, and always before a room, never after.
#[derive(Default)]
pub(crate) struct Registry {
    rooms: Mutex<HashMap<RoomName, Arc<Room>>>,
}

impl Registry {
    /// The room, where it is live.
    pub(crate) fn get(&self, name: &RoomName) -> Option<Arc<Room>> {
        self.rooms.lock().get(name).cloned()
    }
}

impl Hub {
    /// Starts the committer and the presence actor, and opens the built-in room.
    ///
    /// # Errors
    /// The store cannot be read.
    pub async fn start(
        store: Arc<dyn EventStore>,
        ambient: Ambient,
        posts_max: usize,
    ) -> Result<Arc<Self>, StoreError> {
        let registry = Arc::new(Registry::default());
        let broadcast = Arc::new(Room::new(RoomName::broadcast()));
        broadcast.open(store.as_ref()).await?;
        registry
            .rooms
            .lock()
            .insert(RoomName::broadcast(), broadcast);
        Ok(Arc::new(Self {
            committer: Committer::start(Arc::clone(&store), Arc::clone(&registry), posts_max),
            presence: PresenceQueue::start(),
            registry,
            store,
            clients: AtomicUsize::new(0),
            ambient,
        }))
    }

    /// Lets a connection into a room, which becomes live where it was not.
    ///
    /// # Errors
    /// The store cannot be read; the connection is not in the room then.
    pub async fn enter(
        self: &Arc<Self>,
        name: &RoomName,
        user: User,
        recipient: Arc<dyn Recipient>,
        key: MembershipKey,
    ) -> Result<(Membership, RoomHead), StoreError> {
        let (room, member, changed) = {
            let mut rooms = self.registry.rooms.lock();
            let room = rooms
                .entry(name.clone())
                .or_insert_with(|| Arc::new(Room::new(name.clone())));
            let (member, changed) = room.admit(user, recipient, key);
            (Arc::clone(room), member, changed)
        };
        // From here on the membership undoes itself, also when the store cannot be read or the
        // connection goes away while it is.
        let membership = Membership {
            hub: Arc::clone(self),
            room,
            member,
        };
        if changed {
            self.presence.push(&membership.room);
        }
        let head = membership.room.open(self.store.as_ref()).await?;
        Ok((membership, head))
    }

    /// The state of a live room's log.
    ///
    /// # Errors
    /// The store cannot be read.
    pub async fn head(&self, room: &Room) -> Result<RoomHead, StoreError> {
        room.open(self.store.as_ref()).await
    }

    fn leave(&self, room: &Arc<Room>, member: MemberKey) {
        let mut rooms = self.registry.rooms.lock();
        let (empty, changed) = room.dismiss(member);
        if empty && !room.name().is_broadcast() {
            rooms.remove(room.name());
        } else if changed {
            drop(rooms);
            self.presence.push(room);
        }
    }

    /// Hands an event to the committer. Whoever is named as its origin hears once what became of
    /// it.
    ///
    /// # Errors
    /// The queue is full: nothing happens with the event.
    pub fn post(&self, post: Post) -> Result<(), Overloaded> {
        self.committer.post(post)
    }

    /// Reads events of a room, live or not.
    ///
    /// # Errors
    /// The store cannot be read.
    pub async fn read(
        &self,
        room: &RoomName,
        range: Range,
        limit: usize,
    ) -> Result<Page, StoreError> {
        self.store.read(room, range, limit).await
    }

    /// A page of a room's messages, as clients are given it.
    ///
    /// # Errors
    /// The store cannot be read.
    pub async fn history(
        &self,
        room: &RoomName,
        range: Range,
        limit: usize,
    ) -> Result<HistoryPage, StoreError> {
        let page = self.store.read(room, range, limit).await?;
        let messages = page
            .events
            .into_iter()
            .map(|e| encode::message(e.event, e.seq));
        Ok(HistoryPage {
            room: room.clone(),
            epoch: page.at.epoch,
            head: page.at.head,
            messages: messages.collect::<Vec<MessagePosted>>(),
            more: page.more,
        })
    }

    /// Rooms that have been written to, the latest first.
    ///
    /// # Errors
    /// The store cannot be read.
    pub async fn rooms(&self, limit: usize) -> Result<Vec<RoomRow>, StoreError> {
        self.store.rooms(limit).await
    }

    /// The live rooms with the number of users in each, without the built-in one.
    #[must_use]
    pub fn live_rooms(&self) -> Vec<(RoomName, usize)> {
        let rooms: Vec<_> = self.registry.rooms.lock().values().cloned().collect();
        let mut counts: Vec<_> = rooms
            .iter()
            .filter(|room| !room.name().is_broadcast())
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

    /// Open WebSocket connections.
    #[must_use]
    pub fn clients(&self) -> usize {
        self.clients.load(Ordering::Relaxed)
    }

    /// Counts a connection until what it returns is dropped; none where `max` are open.
    #[must_use]
    pub fn count_client(self: &Arc<Self>, max: usize) -> Option<ClientCount> {
        let before = self.clients.fetch_add(1, Ordering::Relaxed);
        let count = ClientCount(Arc::clone(self));
        (before < max).then_some(count)
    }

    /// The time.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.ambient.clock.now()
    }

    /// Lets the committer finish what it has been given, and stops it.
    pub async fn close(&self) {
        self.committer.close().await;
    }

    /// A stored event as members are sent it.
    #[must_use]
    pub fn frame(event: crate::store::StoredEvent) -> ServerFrame {
        encode::frame(event.event, event.seq)
    }
}

/// One open connection, for as long as this lives.
pub struct ClientCount(Arc<Hub>);

impl Drop for ClientCount {
    fn drop(&mut self) {
        self.0.clients.fetch_sub(1, Ordering::Relaxed);
    }
}

/// A connection's place in a room. Dropping it is leaving: whatever way a connection ends, this
/// is its clean-up.
pub struct Membership {
    hub: Arc<Hub>,
    /// The room.
    pub room: Arc<Room>,
    /// The place.
    pub member: MemberKey,
}

impl Drop for Membership {
    fn drop(&mut self) {
        self.hub.leave(&self.room, self.member);
    }
}

/// Where a join places its cursor, and whether everything the client asked for follows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cursor {
    /// The first event to follow is the one behind it.
    pub after: Seq,
    /// Whether `since` was honoured; true where none was named.
    pub complete: bool,
}

impl Cursor {
    /// Places a cursor: at `since` where it belongs to this epoch and is not ahead of the log;
    /// else `last` events before the head, or at the head.
    #[must_use]
    pub fn place(at: &RoomHead, since: Option<(Seq, &Epoch)>, last: Option<u64>) -> Self {
        let fallback = at.head.back(last.unwrap_or(0));
        match since {
            Some((seq, epoch)) if *epoch == at.epoch && seq <= at.head => Self {
                after: seq,
                complete: true,
            },
            Some(_) => Self {
                after: fallback,
                complete: false,
            },
            None => Self {
                after: fallback,
                complete: true,
            },
        }
    }
}

#[cfg(test)]
mod tests;

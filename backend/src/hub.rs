//! The hub: this node's registry of live rooms, and the door to the log.
//!
//! It owns which rooms are live. A room is live from the first `enter` to the drop of the last
//! [`Membership`]; the built-in room always is. What is posted goes to the [`committer`], which
//! stores first and publishes then.

pub mod committer;
mod lane;
mod markers;
pub mod namespace;
mod people;
mod presence;
mod upkeep;

use crate::clock::Ambient;
use crate::room::encode::fold;
use crate::room::state::MemberKey;
use crate::room::{MembershipKey, Recipient, Room};
use crate::store::memory::MemoryStore;
use crate::store::{EventStore, MarkerStore, Range, RoomHead, RoomRow, StoreError};
use committer::{Overloaded, Post};
use common::ServerFrame;
use common::codec::encode_server;
use common::ids::{Epoch, Seq, UserId};
use common::reply::{HistoryPage, ReadUpTo, User};
use common::text::RoomName;
use common::time::Timestamp;
use lane::Lane;
use markers::Markers;
use namespace::Namespaces;
use parking_lot::Mutex;
use people::People;
use presence::PresenceQueue;
use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

pub use committer::Origin;

/// Bytes of messages in a page of history: what a slow reader can take in a reasonable time.
const PAGE_BYTES_MAX: usize = 256 * 1024;

/// See the module.
pub struct Hub {
    registry: Arc<Registry>,
    namespaces: Namespaces,
    durable_lane: Lane,
    memory_lane: Lane,
    memory: Arc<MemoryStore>,
    presence: PresenceQueue,
    people: People,
    markers: Markers,
    clients: AtomicUsize,
    /// What the hub reads the time from.
    pub ambient: Ambient,
}

/// What a hub keeps things in.
pub struct Stores {
    /// The logs of durable rooms.
    pub durable: Arc<dyn EventStore>,
    /// The logs of the others.
    pub memory: Arc<MemoryStore>,
    /// How far users have read.
    pub markers: Arc<dyn MarkerStore>,
}

/// What a hub is told at its start.
pub struct HubConfig {
    /// Events that may wait for each store.
    pub posts_max: usize,
    /// What is kept of which rooms.
    pub namespaces: Namespaces,
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

    /// Takes a room out, unless another has its name by now.
    pub(crate) fn remove(&self, room: &Arc<Room>) {
        remove(&mut self.rooms.lock(), room);
    }
}

fn remove(rooms: &mut HashMap<RoomName, Arc<Room>>, room: &Arc<Room>) {
    if rooms
        .get(room.name())
        .is_some_and(|known| Arc::ptr_eq(known, room))
    {
        rooms.remove(room.name());
    }
}

impl Hub {
    /// Starts the committers, the presence actor and the upkeep, and opens the built-in room.
    ///
    /// # Errors
    /// The store cannot be read.
    pub async fn start(
        stores: Stores,
        ambient: Ambient,
        config: HubConfig,
    ) -> Result<Arc<Self>, StoreError> {
        let registry = Arc::new(Registry::default());
        let Stores {
            durable,
            memory,
            markers,
        } = stores;
        let broadcast = Arc::new(Room::new(RoomName::broadcast(), Arc::clone(&durable)));
        broadcast.open().await?;
        registry
            .rooms
            .lock()
            .insert(RoomName::broadcast(), broadcast);
        let hub = Arc::new(Self {
            durable_lane: Lane::start(durable, &registry, config.posts_max),
            memory_lane: Lane::start(memory.clone(), &registry, config.posts_max),
            presence: PresenceQueue::start(),
            people: People::default(),
            markers: Markers::start(markers),
            namespaces: config.namespaces,
            registry,
            memory,
            clients: AtomicUsize::new(0),
            ambient,
        });
        upkeep::start(&hub);
        Ok(hub)
    }

    fn lane(&self, room: &RoomName) -> &Lane {
        if self.namespaces.of(room).durable {
            &self.durable_lane
        } else {
            &self.memory_lane
        }
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
            let new = || Arc::new(Room::new(name.clone(), Arc::clone(&self.lane(name).store)));
            let room = rooms.entry(name.clone()).or_insert_with(new);
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
        let head = membership.room.open().await?;
        Ok((membership, head))
    }

    fn leave(&self, room: &Arc<Room>, member: MemberKey) {
        let mut rooms = self.registry.rooms.lock();
        let (empty, changed) = room.dismiss(member);
        if empty && !room.name().is_broadcast() {
            remove(&mut rooms, room);
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
        self.lane(&post.event.room).committer.post(post)
    }

    /// A page of a room's messages in their present state.
    ///
    /// # Errors
    /// The store cannot be read.
    pub async fn history(
        &self,
        room: &RoomName,
        range: Range,
        limit: usize,
    ) -> Result<HistoryPage, StoreError> {
        let mut page = self.lane(room).store.messages(room, range, limit).await?;
        page.trim(range, PAGE_BYTES_MAX);
        Ok(HistoryPage {
            room: room.clone(),
            epoch: page.at.epoch,
            head: page.at.head,
            messages: fold(page.messages, page.changes),
            more: page.more,
        })
    }

    /// Rooms that have been written to, the latest first.
    ///
    /// # Errors
    /// The store cannot be read.
    pub async fn rooms(&self, limit: usize) -> Result<Vec<RoomRow>, StoreError> {
        let mut rooms = self.durable_lane.store.rooms(limit).await?;
        rooms.extend(self.memory_lane.store.rooms(limit).await?);
        rooms.sort_by_key(|row| std::cmp::Reverse(row.last_at));
        rooms.truncate(limit);
        Ok(rooms)
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

    /// Notes that a connection is its user's, until what it returns is dropped.
    #[must_use]
    pub fn arrive(self: &Arc<Self>, user: &UserId, connection: Arc<dyn Recipient>) -> Arrival {
        Arrival {
            number: self.people.add(user, connection),
            user: user.clone(),
            hub: Arc::clone(self),
        }
    }

    /// How far the user has read this life of the room's log.
    ///
    /// # Errors
    /// The store cannot be read.
    pub async fn marker(
        &self,
        user: &UserId,
        room: &RoomName,
        epoch: &Epoch,
    ) -> Result<Option<Seq>, StoreError> {
        self.markers.of(user, room, epoch).await
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
        self.durable_lane.committer.close().await;
        self.memory_lane.committer.close().await;
        self.markers.flush().await;
    }
}

/// One open connection, for as long as this lives.
pub struct ClientCount(Arc<Hub>);

impl Drop for ClientCount {
    fn drop(&mut self) {
        self.0.clients.fetch_sub(1, Ordering::Relaxed);
    }
}

/// A connection among its user's, for as long as this lives.
pub struct Arrival {
    hub: Arc<Hub>,
    user: UserId,
    number: usize,
}

impl Arrival {
    /// The user has read a room up to here: the other connections are told. With the log's epoch it
    /// is kept, too.
    pub fn read_up_to(&self, room: RoomName, epoch: Option<Epoch>, seq: Seq) {
        let read = ReadUpTo { room, seq };
        let frame = encode_server(&ServerFrame::Read(read.clone())).into();
        self.hub.people.tell_others(&self.user, self.number, &frame);
        if let Some(epoch) = epoch {
            self.hub
                .markers
                .mark(self.user.clone(), read.room, epoch, seq);
        }
    }
}

impl Drop for Arrival {
    fn drop(&mut self) {
        self.hub.people.remove(&self.user, self.number);
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
    /// Places a cursor: at `since` where it belongs to this epoch and the log has all behind it;
    /// else `last` events before the head, or at the head.
    #[must_use]
    pub fn place(at: &RoomHead, since: Option<(Seq, &Epoch)>, last: Option<u64>) -> Self {
        let fallback = at.head.back(last.unwrap_or(0)).max(at.floor);
        match since {
            Some((seq, epoch)) if *epoch == at.epoch && (at.floor..=at.head).contains(&seq) => {
                Self {
                    after: seq,
                    complete: true,
                }
            }
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

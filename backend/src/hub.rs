//! The hub: this node's registry of live rooms, and the door to the log.
//!
//! It owns which rooms are live. A room is live from the first `enter` to the drop of the last
//! [`Membership`]; the built-in room always is. What is posted goes to the [`committer`], which
//! stores first and publishes then.

mod committer;
mod cursor;
mod feed;
mod history;
mod join;
mod maintenance;
mod markers;
pub mod namespace;
pub mod post;
mod presence;
mod publish;
mod registration;
mod registry;
mod rules;
mod slow_mode;
mod user_connections;
mod write_path;

use crate::audit::Audit;
use crate::clock::Ambient;
use crate::room::shard::Shards;
use crate::room::spill::SpillDisk;
use crate::room::{MemberKey, Recipient, Room};
use crate::store::memory::MemoryStore;
use crate::store::{EventStore, MarkerStore, Range, RoomRow, RoomStore, StoreError};
use crate::supervisor::Supervisor;
use common::ids::{Epoch, Seq, SignInId, UserId};
use common::reply::{HistoryPage, User};
use common::text::RoomName;
use common::time::Timestamp;
use markers::Markers;
use namespace::Namespaces;
use post::{Overloaded, Post};
use presence::PresenceQueue;
use publish::Publisher;
use registry::{Registry, remove};
use rules::{Ends, NodeSanctions};
use slow_mode::SlowMode;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use user_connections::UserConnections;
use write_path::{DurableWritePath, MemoryWritePath};

pub use cursor::Cursor;
pub use feed::Feed;
pub use history::PAGE_BYTES_MAX as HISTORY_PAGE_BYTES_MAX;
pub use join::{JoinError, JoinRequest};
pub use post::Origin;
pub use registration::{ConnectionCount, ConnectionRegistration};
pub use user_connections::Disconnect;

/// See the module.
pub struct Hub {
    registry: Arc<Registry>,
    feed: Feed,
    namespaces: Namespaces,
    spill: Option<Arc<SpillDisk>>,
    durable_path: DurableWritePath,
    memory_path: MemoryWritePath,
    shards: Shards,
    presence: PresenceQueue,
    user_connections: UserConnections,
    markers: Markers,
    rooms: Arc<dyn RoomStore>,
    node: NodeSanctions,
    ends: Ends,
    slow_mode: SlowMode,
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
    /// What was set of rooms.
    pub rooms: Arc<dyn RoomStore>,
}

/// What a hub is told at its start.
pub struct HubConfig {
    /// Events that may wait for each store.
    pub posts_max: usize,
    /// What is kept of which rooms.
    pub namespaces: Namespaces,
    /// Where it is kept what slow readers of rooms in memory have not read; none where it is not.
    pub spill: Option<Arc<SpillDisk>>,
    /// The workers' shares of the connections.
    pub shards: Shards,
    /// Where it is noted who took back what others have said.
    pub audit: Arc<Audit>,
    /// Who is told of a part that panics.
    pub supervisor: Supervisor,
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
            rooms,
        } = stores;
        let shards = config.shards;
        let broadcast = Room::new(RoomName::broadcast(), Arc::clone(&durable), shards.clone());
        let broadcast = Arc::new(broadcast);
        broadcast.disable_rules();
        broadcast.open().await?;
        let name = RoomName::broadcast();
        registry.lock(&name).insert(name.clone(), broadcast);
        let feed = Feed::new(Arc::clone(&registry), shards.clone());
        let publisher = Publisher {
            feed: feed.clone(),
            audit: config.audit,
        };
        let committing = DurableWritePath::start(
            durable,
            publisher.clone(),
            config.posts_max,
            &config.supervisor,
        );
        let no_thread = |error: std::io::Error| StoreError::Unavailable(error.to_string().into());
        let hub = Arc::new(Self {
            durable_path: committing.map_err(no_thread)?,
            memory_path: MemoryWritePath::new(memory, publisher),
            shards,
            presence: PresenceQueue::start(&config.supervisor),
            user_connections: UserConnections::default(),
            markers: Markers::start(markers, &config.supervisor),
            rooms,
            node: NodeSanctions::default(),
            ends: Ends::default(),
            slow_mode: SlowMode::default(),
            namespaces: config.namespaces,
            spill: config.spill,
            registry,
            feed,
            clients: AtomicUsize::new(0),
            ambient,
        });
        maintenance::start(&hub, &config.supervisor);
        Ok(hub)
    }

    fn is_durable(&self, room: &RoomName) -> bool {
        self.namespaces.of(room).durable
    }

    fn store(&self, room: &RoomName) -> Arc<dyn EventStore> {
        if self.is_durable(room) {
            Arc::clone(&self.durable_path.store)
        } else {
            Arc::clone(&self.memory_path.store) as Arc<dyn EventStore>
        }
    }

    fn new_room(&self, name: &RoomName) -> Room {
        let room = Room::new(name.clone(), self.store(name), self.shards.clone());
        match self.spill.as_ref().filter(|_| !self.is_durable(name)) {
            Some(disk) => room.spilling(Arc::clone(disk)),
            None => room,
        }
    }

    /// What moves the tails of live rooms forward.
    #[must_use]
    pub fn feed(&self) -> &Feed {
        &self.feed
    }

    /// The workers' shares of the connections.
    #[must_use]
    pub fn shards(&self) -> &Shards {
        &self.shards
    }

    fn leave(&self, gone: &Membership) {
        let room = &gone.room;
        let mut rooms = self.registry.lock(room.name());
        let (empty, changed) = room.dismiss(gone.shard, gone.member, &gone.user);
        if empty && !room.name().is_broadcast() {
            remove(&mut rooms, room);
        } else if changed {
            drop(rooms);
            self.presence.push(room);
        }
    }

    /// ManualClock an event to the committer. Whoever is named as its origin hears once what became of
    /// it.
    ///
    /// # Errors
    /// The queue is full: nothing happens with the event.
    pub fn post(&self, post: Post) -> Result<(), Overloaded> {
        if self.is_durable(&post.event.room) {
            self.durable_path.committer.post(post)
        } else {
            self.memory_path.post(post)
        }
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
        let page = self.store(room).messages(room, range, limit).await?;
        Ok(history::history_page(room, range, page))
    }

    /// Public rooms that have been written to, the latest first.
    ///
    /// # Errors
    /// The store cannot be read.
    pub async fn rooms(&self, limit: usize) -> Result<Vec<RoomRow>, StoreError> {
        let mut rooms = self.durable_path.store.public_rooms(limit).await?;
        rooms.extend(self.memory_path.store.public_rooms(limit).await?);
        rooms.sort_by_key(|row| std::cmp::Reverse(row.last_at));
        rooms.truncate(limit);
        Ok(rooms)
    }

    /// Those of these rooms that have been written to.
    ///
    /// # Errors
    /// The store cannot be read.
    pub async fn rows(&self, rooms: &[RoomName]) -> Result<Vec<RoomRow>, StoreError> {
        let mut rows = self.durable_path.store.rows(rooms.to_vec()).await?;
        rows.extend(self.memory_path.store.rows(rooms.to_vec()).await?);
        Ok(rows)
    }

    /// Whether the room has been written to, or somebody is in it.
    ///
    /// # Errors
    /// The store cannot be read.
    pub async fn is_used(&self, room: &RoomName) -> Result<bool, StoreError> {
        Ok(self.online(room) > 0 || self.store(room).head(room).await?.head > Seq::ZERO)
    }

    /// How many users are in a room.
    #[must_use]
    pub fn online(&self, room: &RoomName) -> usize {
        self.registry.get(room).map_or(0, |room| room.online())
    }

    /// The live public rooms with the number of users in each, without the built-in one.
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

    /// Open WebSocket connections.
    #[must_use]
    pub fn clients(&self) -> usize {
        self.clients.load(Ordering::Relaxed)
    }

    /// Notes that a connection is its user's, until what it returns is dropped. Where it rests on a
    /// sign-in, or its user may be ended, it says which, and how many [`Hub::disconnects`] there had been
    /// when it was let in.
    #[must_use]
    pub fn register_connection(
        self: &Arc<Self>,
        user: &UserId,
        sign_in: Option<&SignInId>,
        as_of: Option<u64>,
        connection: Arc<dyn Recipient>,
    ) -> ConnectionRegistration {
        ConnectionRegistration {
            number: self.user_connections.add(user, sign_in, as_of, connection),
            user: user.clone(),
            hub: Arc::clone(self),
        }
    }

    /// How many disconnects there have been. To be asked before the store is whether somebody may come
    /// in: what ends in between is then found by [`Hub::register_connection`].
    #[must_use]
    pub fn disconnects(&self) -> u64 {
        self.user_connections.disconnects()
    }

    /// Closes the connections that an ending concerns.
    pub fn end(&self, disconnect: Disconnect) {
        self.user_connections.end(disconnect);
    }

    /// A user's open connections.
    #[must_use]
    pub fn connections_of(&self, user: &UserId) -> usize {
        self.user_connections.count(user)
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
    pub fn count_client(self: &Arc<Self>, max: usize) -> Option<ConnectionCount> {
        let before = self.clients.fetch_add(1, Ordering::Relaxed);
        let count = ConnectionCount(Arc::clone(self));
        (before < max).then_some(count)
    }

    /// The time.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.ambient.clock.now()
    }

    /// One round of what is otherwise done now and then: retention, and logs in memory that nobody
    /// needs any more. Public for whoever cannot wait for the clock: the simulation.
    ///
    /// # Errors
    /// The store cannot be read.
    pub async fn run_maintenance(&self) -> Result<(), StoreError> {
        maintenance::round(self).await
    }

    /// Stores what was accepted and stops the committer. Returns whether everything was stored; what
    /// the disk has not taken after `timeout` is given up.
    pub async fn close(&self, timeout: Duration) -> bool {
        self.durable_path.committer.close(timeout).await
            && tokio::time::timeout(timeout, self.markers.flush())
                .await
                .is_ok()
    }
}

/// A connection's place in a room. Dropping it is leaving: whatever way a connection ends, this
/// is its clean-up.
pub struct Membership {
    hub: Arc<Hub>,
    /// The room.
    pub room: Arc<Room>,
    user: UserId,
    shard: usize,
    member: MemberKey,
}

impl Drop for Membership {
    fn drop(&mut self) {
        self.hub.leave(self);
    }
}

#[cfg(test)]
mod tests;

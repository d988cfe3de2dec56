//! The hub of this node: the live rooms, the logs of all rooms, the connections by user, and the
//! rules and sanctions that hold. Each has one owner; [`Hub`] puts them together.
//!
//! What is posted goes to the [`committer`], which stores first and publishes then.

mod committer;
mod cursor;
mod feed;
mod follower;
mod history;
mod join;
mod live_rooms;
mod logs;
mod maintenance;
mod markers;
pub mod namespace;
pub mod post;
mod presence;
mod publish;
mod registry;
mod room_list;
mod rooms_elsewhere;
mod rules;
mod slow_mode;
mod user_connections;
mod write_path;

use crate::audit::Audit;
use crate::bus::{Bus, NodeMessage, Received, Subscription};
use crate::clock::Environment;
use crate::room::Room;
use crate::room::delivery::shard::Shards;
use crate::room::spill::SpillDisk;
use crate::store::memory::MemoryStore;
use crate::store::{
    CoordinationStore, EventStore, Leases, MarkerStore, RoomHead, RoomStore, StoreError,
};
use crate::supervisor::Supervisor;
use common::api::ClusterStats;
use common::ids::Seq;
use common::text::RoomName;
use common::time::Timestamp;
use markers::Markers;
use namespace::Namespaces;
use presence::PresenceQueue;
use publish::Publisher;
use registry::Registry;
use rooms_elsewhere::RoomsElsewhere;
use rules::{Ends, NodeSanctions};
use slow_mode::SlowMode;
use std::sync::Arc;
use std::time::Duration;
use write_path::{MemoryWritePath, QueuedWritePath};

pub use cursor::Cursor;
pub use feed::Feed;
use follower::Follower;
pub use history::PAGE_BYTES_MAX as HISTORY_PAGE_BYTES_MAX;
pub use join::{JoinError, JoinRequest};
pub use live_rooms::{LiveRooms, Membership};
pub use logs::Logs;
pub use post::Origin;
pub use room_list::{RoomDirectory, RoomListWatch};
pub use rules::RoomRules;
pub use user_connections::{
    ConnectionCount, ConnectionRegistration, Disconnect, Reservation, UserConnections,
};

/// See the module.
pub struct Hub {
    /// The live rooms, and who is in them.
    pub rooms: Arc<LiveRooms>,
    /// The logs of all rooms.
    pub logs: Arc<Logs>,
    /// The list of rooms, and who watches it.
    pub room_list: Arc<RoomDirectory>,
    /// The open connections, by user.
    pub connections: Arc<UserConnections>,
    /// What holds in rooms and on the node.
    pub rules: Arc<RoomRules>,
    feed: Feed,
    follower: Follower,
    leases: Leases,
    shards: Shards,
    /// What the hub reads the time from.
    pub environment: Environment,
}

/// What a hub keeps things in.
pub struct Stores {
    /// The logs of durable rooms.
    pub durable: Arc<dyn EventStore>,
    /// The logs of the others.
    pub memory: MemoryLogs,
    /// How far users have read.
    pub markers: Arc<dyn MarkerStore>,
    /// What was set of rooms.
    pub rooms: Arc<dyn RoomStore>,
    /// What nodes agree on; none where this is the only one.
    pub coordination: Option<Arc<dyn CoordinationStore>>,
}

/// The logs of rooms that are not durable.
pub enum MemoryLogs {
    /// In this node's memory: they end with it.
    Local(Arc<MemoryStore>),
    /// In a store that nodes share.
    Shared(Arc<dyn EventStore>),
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
    /// How other nodes are told, and tell.
    pub bus: Arc<dyn Bus>,
    /// Time between two comparisons of the heads of live rooms with the store's, where other nodes
    /// may write to it.
    pub head_check: Duration,
}

impl Hub {
    /// Starts the committers, the presence actor and the maintenance, and opens the built-in room.
    ///
    /// # Errors
    /// The store cannot be read.
    pub async fn start(
        stores: Stores,
        environment: Environment,
        config: HubConfig,
    ) -> Result<Arc<Self>, StoreError> {
        let registry = Arc::new(Registry::default());
        let Stores {
            durable,
            memory,
            markers,
            rooms,
            coordination,
        } = stores;
        let shards = config.shards;
        let subscription = config.bus.subscribe(&RoomName::broadcast());
        let broadcast = Arc::clone(&durable);
        open_broadcast_room(&registry, broadcast, shards.clone(), subscription).await?;
        let feed = Feed::new(Arc::clone(&registry), shards.clone());
        let publisher = Publisher {
            feed: feed.clone(),
            bus: Arc::clone(&config.bus),
            audit: config.audit,
        };
        let committing =
            QueuedWritePath::start(durable, &publisher, config.posts_max, &config.supervisor);
        let memory =
            MemoryWritePath::start(memory, &publisher, config.posts_max, &config.supervisor);
        let logs = Arc::new(Logs {
            namespaces: config.namespaces,
            durable: committing.map_err(|error| no_thread(&error))?,
            memory: memory.map_err(|error| no_thread(&error))?,
        });
        let markers = Markers::start(markers, Arc::clone(&config.bus), &config.supervisor);
        let connections = Arc::new(UserConnections::new(markers, shards.clone()));
        let rules = Arc::new(RoomRules {
            store: rooms,
            registry: Arc::clone(&registry),
            connections: Arc::clone(&connections),
            shards: shards.clone(),
            node: NodeSanctions::default(),
            ends: Ends::default(),
            slow_mode: SlowMode::new(coordination.clone()),
            environment: environment.clone(),
        });
        let rooms = Arc::new(LiveRooms {
            registry,
            logs: Arc::clone(&logs),
            rules: Arc::clone(&rules),
            presence: PresenceQueue::start(Arc::clone(&config.bus), &config.supervisor),
            shards: shards.clone(),
            spill: config.spill,
            bus: Arc::clone(&config.bus),
            elsewhere: RoomsElsewhere::default(),
        });
        let room_list = RoomDirectory::new(&rooms, &logs, &rules, &shards);
        let room_list = Arc::new(room_list);
        let hub = Arc::new(Self {
            room_list,
            rooms,
            logs,
            connections,
            rules,
            feed,
            follower: Follower::default(),
            leases: Leases::new(coordination),
            shards,
            environment,
        });
        hub.start_tasks(config.head_check, &config.supervisor);
        Ok(hub)
    }

    fn start_tasks(self: &Arc<Self>, head_check: Duration, supervisor: &Supervisor) {
        self.room_list.start(supervisor);
        maintenance::start(self, supervisor);
        if self.logs.durable.store.is_shared() {
            follower::start(self, head_check, supervisor);
        }
    }

    /// Takes what another node says of rooms.
    pub fn receive(&self, received: Received) {
        self.feed.receive(&received);
        match received {
            Received::Read(room, hint) => {
                let live = self.rooms.registry.get(&room);
                if live.is_some_and(|live| live.is_same_log(&hint.epoch)) {
                    self.connections.tell_read(&room, &hint.read);
                }
            }
            received => self.rooms.receive(received),
        }
    }

    /// Tells all other nodes something.
    pub fn tell_nodes(&self, message: &NodeMessage) {
        self.rooms.bus.publish_to_nodes(message);
    }

    /// Which node does what is done once.
    #[must_use]
    pub fn leases(&self) -> &Leases {
        &self.leases
    }

    /// What moves the tails of live rooms forward.
    #[must_use]
    pub fn feed(&self) -> &Feed {
        &self.feed
    }

    /// Tells every client to reconnect, to another node where there is one.
    pub fn send_clients_away(&self) {
        for shard in self.shards.iter() {
            shard.for_each(|connection| connection.shut_down());
        }
    }

    /// The workers' shares of the connections.
    #[must_use]
    pub fn shards(&self) -> &Shards {
        &self.shards
    }

    /// The time.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.environment.clock.now()
    }

    /// One round of what is otherwise done now and then: retention, and logs in memory that nobody
    /// needs any more. Public for the simulation, which cannot wait for the clock.
    ///
    /// # Errors
    /// The store cannot be read.
    pub async fn run_maintenance(&self) -> Result<(), StoreError> {
        maintenance::round(self).await
    }

    /// The state of a live room's log, for a reader that has seen it up to `seen`: perhaps on another
    /// node, of whose newest events this one has not heard yet.
    ///
    /// # Errors
    /// The store cannot be read.
    pub async fn head_seen(
        &self,
        room: &Arc<Room>,
        at: RoomHead,
        seen: Option<Seq>,
    ) -> Result<RoomHead, StoreError> {
        let is_ahead = seen.is_some_and(|seen| seen > at.head);
        if !is_ahead || !self.logs.store(room.name()).is_shared() {
            return Ok(at);
        }
        let head = self.logs.head(room.name()).await?;
        self.feed.catch_up(Arc::clone(room), head).await?;
        room.open().await
    }

    /// Compares the heads of all live rooms with the store's, and reads what others have written.
    /// Otherwise done at an interval; public for simulations, which cannot wait for the clock.
    ///
    /// # Errors
    /// The store cannot be read.
    pub async fn check_heads(&self) -> Result<(), StoreError> {
        let (logs, registry) = (&self.logs, &self.rooms.registry);
        self.follower.check_heads(logs, registry, &self.feed).await
    }

    /// How this node hears of others; none where it is alone.
    #[must_use]
    pub fn cluster_stats(&self) -> Option<ClusterStats> {
        let bus = &self.rooms.bus;
        self.logs.durable.store.is_shared().then(|| ClusterStats {
            bus_connected: bus.is_connected(),
            hints_dropped: bus.dropped(),
            found_by_head_check: self.follower.found(),
        })
    }

    /// Stores what was accepted and stops the committer. Returns whether everything was stored; what
    /// the disk has not taken after `timeout` is given up.
    pub async fn close(&self, timeout: Duration) -> bool {
        if !self.logs.close(timeout).await {
            return false;
        }
        let flushed = tokio::time::timeout(timeout, self.connections.markers.flush()).await;
        matches!(flushed, Ok(Ok(())))
    }
}

fn no_thread(error: &std::io::Error) -> StoreError {
    StoreError::Unavailable(error.to_string().into())
}

/// Makes the built-in room live, for as long as the hub is.
async fn open_broadcast_room(
    registry: &Registry,
    store: Arc<dyn EventStore>,
    shards: Shards,
    subscription: Option<Subscription>,
) -> Result<(), StoreError> {
    let name = RoomName::broadcast();
    let room = Room::new(name.clone(), store, shards).committed_in_groups();
    let room = room.subscribed(subscription);
    let room = Arc::new(room);
    room.disable_rules();
    room.open().await?;
    registry.lock(&name).insert(name, room);
    Ok(())
}

#[cfg(test)]
mod tests;

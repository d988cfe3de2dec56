//! A node: a hub on the store that all of them use, with a clock of its own.

use crate::bus::{FaultyBus, Network};
use crate::mutants::Mutant;
use crate::rng::Rng;
use crate::waiting::wait_for;
use async_trait::async_trait;
use backend::audit::Audit;
use backend::clock::{Clock, Environment, NoRandomness, RandomSource};
use backend::hub::namespace::Namespaces;
use backend::hub::post::Post;
use backend::hub::{Hub, HubConfig, MemoryLogs, Origin, Stores};
use backend::room::delivery::shard::Shards;
use backend::store::memory::MemoryStore;
use backend::store::sqlite::SqliteStore;
use backend::store::{
    Appended, Body, EventStore, MessagePage, NewEvent, Page, Placed, Range, Retention, RoomHead,
    RoomRow, StoreError,
};
use backend::supervisor::Supervisor;
use common::ids::{RequestId, Seq};
use common::text::RoomName;
use common::time::Timestamp;
use common::user::User;
use parking_lot::Mutex;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::oneshot;

/// Far more often is decided by the world.
const HEAD_CHECK: Duration = Duration::from_secs(3600);

/// For the committer's last batch; it is a thread of its own.
const CLOSE_MAX: Duration = Duration::from_secs(60);

/// A room that nobody reads: what is posted there is behind all else of its node.
pub(crate) fn barrier() -> RoomName {
    "barrier".parse().unwrap()
}

pub(crate) struct Node {
    pub(crate) hub: Arc<Hub>,
    /// It does nothing, and hears nothing, until it goes on.
    pub(crate) is_frozen: bool,
    /// The bus does not reach it, nor it the bus.
    pub(crate) is_cut_off: bool,
}

/// What a node is started with.
pub(crate) struct NodePlan {
    pub(crate) node: usize,
    pub(crate) nodes: usize,
    pub(crate) life: u64,
    /// Milliseconds by which its clock is off.
    pub(crate) clock_off_ms: u64,
    pub(crate) mutant: Option<Mutant>,
}

struct Fate {
    off_ms: u64,
    rng: Mutex<Rng>,
}

impl Clock for Fate {
    fn now(&self) -> Timestamp {
        Timestamp(1_700_000_000_000 + self.off_ms)
    }
}

impl RandomSource for Fate {
    fn fill(&self, buffer: &mut [u8]) -> Result<(), NoRandomness> {
        let mut rng = self.rng.lock();
        buffer.fill_with(|| rng.next().to_le_bytes()[0]);
        Ok(())
    }
}

impl Node {
    pub(crate) async fn start(store: &Arc<SqliteStore>, network: &Network, plan: NodePlan) -> Self {
        let fate = Arc::new(Fate {
            off_ms: plan.clock_off_ms,
            rng: Mutex::new(Rng(plan.life)),
        });
        let environment = Environment {
            clock: fate.clone(),
            random: fate,
        };
        let durable = SharedStore {
            store: Arc::clone(store),
            mutant: plan.mutant,
            appended: Mutex::new(0),
        };
        let stores = Stores {
            durable: Arc::new(durable),
            memory: MemoryLogs::Local(Arc::new(MemoryStore::new("m".parse().unwrap()))),
            markers: store.clone(),
            rooms: store.clone(),
            coordination: None,
        };
        let config = HubConfig {
            spill: None,
            audit: Audit::new(store.clone(), Arc::clone(&environment.clock)),
            bus: Arc::new(FaultyBus {
                node: plan.node,
                nodes: plan.nodes,
                life: plan.life,
                network: Arc::clone(network),
                mutant: plan.mutant,
            }),
            head_check: HEAD_CHECK,
            posts_max: 64,
            namespaces: Namespaces::default(),
            supervisor: Supervisor::default(),
            shards: Shards::new(1),
        };
        let hub = Hub::start(stores, environment, config).await;
        Self {
            hub: hub.unwrap(),
            is_frozen: false,
            is_cut_off: false,
        }
    }

    /// Posts, and waits until all that this node does about it is done.
    pub(crate) fn post(
        &self,
        room: &RoomName,
        user: &User,
        id: &RequestId,
        content: &str,
    ) -> Placed {
        let placed = self.post_one(room, user, Some(id.clone()), content);
        self.settle(user);
        placed
    }

    /// Waits until the committer has done all that it has begun.
    pub(crate) fn settle(&self, user: &User) {
        self.post_one(&barrier(), user, None, "behind all else");
    }

    fn post_one(
        &self,
        room: &RoomName,
        user: &User,
        id: Option<RequestId>,
        content: &str,
    ) -> Placed {
        let event = NewEvent {
            room: room.clone(),
            author: user.clone(),
            id,
            body: Body::Message {
                content: Some(content.parse().unwrap()),
                data: None,
            },
            timestamp: self.hub.now(),
        };
        let (caller, outcome) = oneshot::channel();
        let origin = Origin::Caller(caller);
        self.hub.logs.post(Post { event, origin }).unwrap();
        // Time stands still meanwhile.
        wait_for(outcome).unwrap().unwrap()
    }

    /// Its end, whatever way: what its committer has begun is done, and nobody hears of it.
    pub(crate) fn kill(self) {
        assert!(wait_for(self.hub.close(CLOSE_MAX)));
    }
}

/// The store as nodes share it.
struct SharedStore {
    store: Arc<SqliteStore>,
    mutant: Option<Mutant>,
    appended: Mutex<u64>,
}

impl SharedStore {
    /// A mistake that a store may make.
    fn spoil(&self, batch: &[NewEvent], answers: &mut [Appended]) {
        for (event, answer) in batch.iter().zip(answers) {
            let Appended::Placed(placed) = answer else {
                continue;
            };
            match self.mutant {
                Some(Mutant::ClocksGoBack) => placed.timestamp = event.timestamp,
                Some(Mutant::Gaps) => {
                    let mut appended = self.appended.lock();
                    *appended += 1;
                    placed.seq = Seq(placed.seq.0 + *appended / 20);
                }
                _ => {}
            }
        }
    }
}

#[async_trait]
impl EventStore for SharedStore {
    fn append(&self, batch: &[NewEvent]) -> Result<Vec<Appended>, StoreError> {
        let mut batch = batch.to_vec();
        if self.mutant == Some(Mutant::RepeatsAreStored) {
            batch.iter_mut().for_each(|event| event.id = None);
        }
        let mut answers = self.store.append(&batch)?;
        self.spoil(&batch, &mut answers);
        Ok(answers)
    }

    fn is_shared(&self) -> bool {
        true
    }

    async fn head(&self, room: &RoomName) -> Result<RoomHead, StoreError> {
        self.store.head(room).await
    }

    async fn read(&self, room: &RoomName, range: Range, limit: usize) -> Result<Page, StoreError> {
        self.store.read(room, range, limit).await
    }

    async fn messages(
        &self,
        room: &RoomName,
        range: Range,
        limit: usize,
    ) -> Result<MessagePage, StoreError> {
        self.store.messages(room, range, limit).await
    }

    async fn prune(
        &self,
        room: &RoomName,
        keep: Retention,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        self.store.prune(room, keep, now).await
    }

    async fn rooms(
        &self,
        after: Option<&RoomName>,
        limit: usize,
    ) -> Result<Vec<RoomRow>, StoreError> {
        self.store.rooms(after, limit).await
    }

    async fn public_rooms(&self, limit: usize) -> Result<Vec<RoomRow>, StoreError> {
        self.store.public_rooms(limit).await
    }

    async fn similar(&self, room: &RoomName, limit: usize) -> Result<Vec<RoomName>, StoreError> {
        self.store.similar(room, limit).await
    }

    async fn rows(&self, rooms: Vec<RoomName>) -> Result<Vec<RoomRow>, StoreError> {
        self.store.rows(rooms).await
    }
}

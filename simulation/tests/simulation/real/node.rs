//! One life of the real program, turned by hand.
//!
//! All that a worker does is done on one paused runtime: its time is the world's, and its tasks run
//! while [`Node::turn`] does, on the calling thread. Only the committer has a thread of its own, as
//! it always has; see `disk`.

use super::disk::{Decision, Disk, sign_ins_changed};
use crate::rng::Rng;
use crate::time::Time;
use crate::waiting::wait_for;
use backend::audit::Audit;
use backend::auth::{Accounts, Kind, Visitor};
use backend::clock::{Clock, Environment, NoRandomness, RandomSource};
use backend::config::{AuthConfig, LimitsConfig};
use backend::hub::namespace::{Namespace, Namespaces};
use backend::hub::post::Post;
use backend::hub::{Hub, HubConfig, MemoryLogs, Origin, Stores};
use backend::room::delivery::shard::Shards;
use backend::session::link::{Link, WorkerHandle};
use backend::session::{Session, SessionConfig};
use backend::store::memory::MemoryStore;
use backend::store::sqlite::SqliteStore;
use backend::store::{Body, NewEvent};
use backend::supervisor::Supervisor;
use common::ids::{Epoch, Seq};
use common::limits::Limits;
use common::time::Timestamp;
use common::user::User;
use futures_util::FutureExt;
use parking_lot::Mutex;
use std::net::TcpStream;
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tokio::runtime::Runtime;
use tokio::task::{JoinHandle, yield_now};
use tokio_util::sync::CancellationToken;

/// The server's time of day. It stands still: nothing may depend on it, and so the model knows what
/// every event says of it.
pub(super) const TODAY: Timestamp = Timestamp(1_700_000_000_000);

/// When the event at any place was taken.
pub(super) fn today(_: Seq) -> Timestamp {
    TODAY
}

/// Events that may wait for the disk; few, so that it comes to that.
const POSTS_MAX: usize = 8;

/// Events that are kept of room `b`.
const KEPT: u64 = 12;

/// The room that lives in memory.
pub(crate) const MEMORY: &str = "c";

/// Bytes that a socket takes for the network to fetch; the system makes more of it.
const SOCKET_BYTES: usize = 2048;

/// Longer than the simulation lets its disk think; time stands still meanwhile.
const HANG_MAX: Duration = Duration::from_secs(3600);

pub(crate) struct Node {
    runtime: Runtime,
    pub(crate) hub: Arc<Hub>,
    pub(crate) disk: Arc<Disk>,
    pub(crate) memory: Arc<MemoryStore>,
    worker: WorkerHandle,
    config: Arc<SessionConfig>,
    shutdown: CancellationToken,
    sessions: Vec<JoinHandle<()>>,
    now: Time,
}

struct Fate(Mutex<Rng>);

impl Clock for Fate {
    fn now(&self) -> Timestamp {
        TODAY
    }
}

impl RandomSource for Fate {
    fn fill(&self, buffer: &mut [u8]) -> Result<(), NoRandomness> {
        let mut rng = self.0.lock();
        buffer.fill_with(|| rng.next() as u8);
        Ok(())
    }
}

/// `a` is kept whole, `b` in part, and [`MEMORY`] lives in memory.
fn namespaces() -> Namespaces {
    let rule = |rooms: &str, durable, keep_count| Namespace {
        rooms: rooms.into(),
        durable,
        keep_age: None,
        keep_count,
    };
    Namespaces::new(vec![rule("b", true, Some(KEPT)), rule(MEMORY, false, None)])
}

/// What is not simulated: nobody has an account, and nobody is too fast.
async fn session_config(
    store: Arc<SqliteStore>,
    environment: Environment,
    audit: Arc<Audit>,
) -> SessionConfig {
    let accounts = Accounts::start(store, environment, audit, AuthConfig::default(), None);
    let rates = LimitsConfig {
        messages_per_second: 0,
        joins_per_second: 0,
        rooms_per_minute: 0,
        ..LimitsConfig::default()
    };
    SessionConfig {
        accounts: Arc::new(accounts.await.unwrap()),
        rates: backend::limits::Limits::new(
            rates,
            Arc::new(backend::clock::ManualMonotonic::default()),
            usize::MAX,
        ),
        limits: Limits::default(),
        heartbeat: Duration::from_secs(2),
        stall_max: Duration::from_secs(3),
        drain_max: Duration::from_secs(2),
    }
}

impl Node {
    pub(crate) fn start(path: &Path, epoch: &Epoch, life: &Epoch, now: Time, seed: u64) -> Self {
        let mut builder = tokio::runtime::Builder::new_current_thread();
        let runtime = builder.enable_all().start_paused(true).build().unwrap();
        let store = Arc::new(SqliteStore::open(path, epoch).unwrap());
        let disk = Arc::new(Disk::new(Arc::clone(&store), seed));
        let memory = Arc::new(MemoryStore::new(life.clone()));
        let stores = Stores {
            durable: disk.clone(),
            memory: MemoryLogs::Local(memory.clone()),
            markers: disk.clone(),
            rooms: store.clone(),
            coordination: None,
        };
        let fate = Arc::new(Fate(Mutex::new(Rng(seed))));
        let environment = Environment {
            clock: fate.clone(),
            random: fate,
        };
        let shards = Shards::new(1);
        let shard = Arc::clone(shards.get(0).unwrap());
        let audit = Audit::new(store.clone(), Arc::clone(&environment.clock));
        let hub_config = HubConfig {
            spill: None,
            audit: Arc::clone(&audit),
            bus: Arc::new(backend::bus::LocalBus),
            head_check: Duration::from_secs(1),
            posts_max: POSTS_MAX,
            namespaces: namespaces(),
            supervisor: Supervisor::default(),
            shards,
        };
        // The store's threads are waited for without the runtime, whose time would go on meanwhile.
        let (hub, config) = {
            let _in_runtime = runtime.enter();
            let hub = wait_for(Hub::start(stores, environment.clone(), hub_config));
            (hub, wait_for(session_config(store, environment, audit)))
        };
        let tick = config.timeouts().tick();
        let flushed = Arc::clone(&shard);
        runtime.spawn(async move { flushed.flush_forever(0).await });
        let ticked = Arc::clone(&shard);
        runtime.spawn(async move { ticked.tick_forever(tick).await });
        let node = Self {
            runtime,
            hub: hub.unwrap(),
            disk,
            memory,
            worker: WorkerHandle { shard, number: 0 },
            config: Arc::new(config),
            shutdown: CancellationToken::new(),
            sessions: vec![],
            now,
        };
        node.ring();
        node.disk.meet();
        node
    }

    /// Gives the committer something to do, so that it comes to the gate.
    fn ring(&self) {
        let event = NewEvent {
            room: sign_ins_changed(),
            author: User {
                id: "bell".parse().unwrap(),
                name: "bell".parse().unwrap(),
            },
            id: None,
            body: Body::Delete {
                target: Seq(1),
                any: false,
            },
            timestamp: TODAY,
        };
        let (caller, _) = tokio::sync::oneshot::channel();
        let origin = Origin::Caller(caller);
        // Where the queue is full, the committer comes anyway.
        let _ = self.hub.logs.post(Post { event, origin });
    }

    /// What has gathered goes to disk, and the next batch comes to the gate.
    pub(crate) fn commit(&self, decision: Decision) {
        self.ring();
        self.disk.decide(decision);
    }

    /// Lets it be `now`, and whatever is ready have its turn, so many times.
    pub(crate) fn turn(&mut self, now: Time, rounds: usize) {
        let passed = Duration::from_millis(now - self.now);
        self.now = now;
        self.runtime.block_on(async {
            if !passed.is_zero() {
                tokio::time::advance(passed).await;
            }
            for _ in 0..rounds {
                yield_now().await;
            }
        });
        self.sessions.retain_mut(|session| {
            let ended = session.is_finished().then(|| session.now_or_never());
            match ended {
                Some(Some(result)) => result.expect("a session panicked"),
                _ => return true,
            }
            false
        });
    }

    /// A connection that has been upgraded. Returns the network's end of it.
    pub(crate) fn connect(&mut self, user: &User, number: u64, back_after: u64) -> UnixStream {
        let (ours, theirs) = UnixStream::pair().unwrap();
        ours.set_nonblocking(true).unwrap();
        theirs.set_nonblocking(true).unwrap();
        socket2::SockRef::from(&theirs)
            .set_send_buffer_size(SOCKET_BYTES)
            .unwrap();
        // A stream socket is a stream socket; and between two ends on one machine it does the same
        // every time.
        let socket = TcpStream::from(OwnedFd::from(theirs));
        let _in_runtime = self.runtime.enter();
        let socket = tokio::net::TcpStream::from_std(socket).unwrap();
        let visitor = Visitor::guest(user.clone(), Kind::Guest);
        let timeouts = self.config.timeouts();
        let link = Link::new(socket, 0, self.worker.clone(), timeouts, Vec::new());
        let (hub, config) = (Arc::clone(&self.hub), Arc::clone(&self.config));
        let session = Box::new(Session::new(hub, config, link, number, visitor, &[]));
        let shutdown = self.shutdown.clone();
        let run = session.run(shutdown, move |_: &Hub| Duration::from_millis(back_after));
        self.sessions.push(self.runtime.spawn(run));
        ours
    }

    /// Tells every client that the node goes away.
    pub(crate) fn say_goodbye(&self) {
        self.shutdown.cancel();
        self.worker
            .shard
            .for_each(|connection| connection.shut_down());
    }

    /// Upkeep has its turn, sooner than it would.
    pub(crate) fn run_maintenance(&self) {
        let hub = Arc::clone(&self.hub);
        // Where the disk fails, it is tried again some time.
        self.runtime
            .spawn(async move { hub.run_maintenance().await });
    }

    /// The end of a polite restart: what was accepted is stored.
    pub(crate) fn close(&mut self) {
        self.disk.let_go();
        {
            let _in_runtime = self.runtime.enter();
            wait_for(self.hub.close(HANG_MAX));
        }
        let now = self.now;
        self.turn(now, 8);
    }

    /// The program is killed.
    pub(crate) fn kill(&self) {
        self.disk.kill();
        let _in_runtime = self.runtime.enter();
        wait_for(self.hub.close(HANG_MAX));
    }

    /// Asks the store, or the hub, as somebody who was not there before would.
    pub(crate) fn ask<T>(&self, question: impl Future<Output = T>) -> T {
        let _in_runtime = self.runtime.enter();
        wait_for(question)
    }
}

//! Assembles the parts of a node.

use crate::audit::Audit;
use crate::auth::{Accounts, AuthError, Guests};
use crate::bus::{self, BusError};
use crate::clock::{Environment, NoRandomness, SystemMonotonic};
use crate::config::{AuthConfig, Config, ServerConfig, StoreConfig};
use crate::descriptors;
use crate::engine::{self, Engine, EngineError};
use crate::http;
use crate::hub::namespace::{Namespace, Namespaces};
use crate::hub::{Hub, HubConfig, Stores};
use crate::invalidation;
use crate::limits::{Limits, Proxies};
use crate::request::AppState;
use crate::request::cookies::Cookies;
use crate::request::host::Hosts;
use crate::room::delivery::shard::Shards;
use crate::room::spill::SpillDisk;
use crate::session::SessionConfig;
use crate::session::link::WorkerHandle;
use crate::socket;
use crate::store::StoreError;
use crate::store::health;
use crate::store::memory::MemoryStore;
use crate::supervisor::Supervisor;
use crate::worker::{Worker, WorkerSettings};
use common::ids::Epoch;
use std::fs::{File, TryLockError};
use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// Held by the one server that may use the data folder.
const LOCK: &str = "hubbub.lock";

/// Why the server did not start, or ended badly.
#[derive(Debug, thiserror::Error)]
pub enum AppError {
    /// The data folder cannot be made or written to.
    #[error("cannot use the data folder {path}: {reason}")]
    DataDir {
        /// The folder.
        path: PathBuf,
        /// Why.
        reason: std::io::Error,
    },
    /// Another server uses the data folder. Two would give out the same places.
    #[error("another server is using the data folder {0}")]
    InUse(PathBuf),
    /// The store cannot be opened.
    #[error(transparent)]
    Open(#[from] EngineError),
    /// The bus cannot be used.
    #[error(transparent)]
    Bus(#[from] BusError),
    /// The database cannot be read.
    #[error("cannot read the database: {0}")]
    Store(#[from] StoreError),
    /// The address cannot be listened on.
    #[error("cannot listen on {address}: {reason}")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// Why.
        reason: std::io::Error,
    },
    /// No randomness.
    #[error(transparent)]
    RandomSource(#[from] NoRandomness),
    /// The disk did not answer when the server went away.
    #[error("the disk does not answer: what waited for it is not stored, and not acknowledged")]
    Stuck,
    /// A part of the server has panicked.
    #[error("a part of the server has panicked: {0}")]
    Panicked(String),
    /// The accounts cannot be read.
    #[error("cannot read the accounts: {0}")]
    Accounts(#[from] AuthError),
    /// Serving failed.
    #[error("the server failed: {0}")]
    Serve(#[from] std::io::Error),
}

/// A server that is running.
pub struct Running {
    address: SocketAddr,
    state: AppState,
    config: Config,
    workers: Vec<Worker>,
    closed: CancellationToken,
    ended: CancellationToken,
    lock: File,
    supervisor: Supervisor,
}

/// Starts a server: when this returns, it answers.
///
/// # Errors
/// See [`AppError`].
pub async fn start(config: Config, environment: Environment) -> Result<Running, AppError> {
    let listener = listen(&config.server)?;
    let lock = take_folder(&config.store.data_dir)?;
    let engine = Engine::open(&config.store, &environment).await?;
    let supervisor = Supervisor::default();
    let shards = Shards::new(config.server.workers());
    let audit = Audit::new(engine.audit.clone(), Arc::clone(&environment.clock));
    let hub_config = HubConfig {
        spill: start_spill(&config, &supervisor)?,
        audit: Arc::clone(&audit),
        supervisor: supervisor.clone(),
        shards: shards.clone(),
        posts_max: config.store.posts_max,
        head_check: config.bus.head_check,
        bus: bus::open(&config.bus, &environment, &supervisor)?,
        namespaces: Namespaces::new(config.namespace.iter().map(Namespace::from).collect()),
    };
    let stores = stores(&engine, &environment)?;
    let hub = Hub::start(stores, environment.clone(), hub_config).await?;
    let accounts = start_accounts(&config, &engine, &environment, &audit).await?;
    let shutdown = CancellationToken::new();
    let invalidations = invalidation::start(
        Arc::clone(&accounts),
        Arc::clone(&hub),
        shutdown.clone(),
        &supervisor,
    )
    .await?;
    spawn_upkeep(&supervisor, &engine, &audit, &config, &shutdown);
    let limits = limits(&config);
    let state = AppState {
        audit,
        hub,
        invalidations,
        store_health: Arc::clone(engine.monitored.health()),
        guests: Guests::new(engine.people, environment),
        accounts: Arc::clone(&accounts),
        cookies: Cookies {
            secure: config.server.is_secure(),
        },
        session: Arc::new(session_config(&config, &accounts, &limits)),
        limits,
        proxies: Arc::new(Proxies::from(&config.proxy)),
        hosts: Arc::new(hosts(&config.server)),
        allowed_origins: origins(&config.server).map(str::to_owned).collect(),
        shutdown,
        sessions: TaskTracker::new(),
    };
    let (closed, ended) = (CancellationToken::new(), CancellationToken::new());
    let settings = WorkerSettings {
        head_max: config.limits.head_max,
        tick: state.session.timeouts().tick(),
        router: http::router(state.clone(), config.server.page),
        app: state.clone(),
        closed: closed.clone(),
        ended: ended.clone(),
        supervisor: supervisor.clone(),
    };
    let workers = start_workers(&listener, &shards, &settings)?;
    Ok(Running {
        address: listener.local_addr()?,
        state,
        config,
        workers,
        closed,
        ended,
        lock,
        supervisor,
    })
}

fn listen(server: &ServerConfig) -> Result<TcpListener, AppError> {
    let address = SocketAddr::new(server.host, server.port);
    socket::listen(address).map_err(|reason| AppError::Listen { address, reason })
}

/// What goes on beside the workers, until the node goes away.
fn spawn_upkeep(
    supervisor: &Supervisor,
    engine: &Engine,
    audit: &Arc<Audit>,
    config: &Config,
    shutdown: &CancellationToken,
) {
    supervisor.spawn("the store's monitor", {
        let (store, ended) = (engine.monitored.clone(), shutdown.clone());
        async move {
            ended.run_until_cancelled(health::monitor(store)).await;
        }
    });
    supervisor.spawn("the audit log", {
        let (audit, keep, ended) = (audit.clone(), config.auth.audit_keep, shutdown.clone());
        async move { audit.run(keep, ended).await }
    });
}

async fn start_accounts(
    config: &Config,
    engine: &Engine,
    environment: &Environment,
    audit: &Arc<Audit>,
) -> Result<Arc<Accounts>, AuthError> {
    let accounts = Accounts::start(
        engine.people.clone(),
        environment.clone(),
        Arc::clone(audit),
        config.auth.clone(),
        config.server.is_exposed(),
    );
    Ok(Arc::new(accounts.await?))
}

fn limits(config: &Config) -> Arc<Limits> {
    let clock = Arc::new(SystemMonotonic::default());
    Limits::new(config.limits.clone(), clock, descriptors::connections_max())
}

fn session_config(
    config: &Config,
    accounts: &Arc<Accounts>,
    limits: &Arc<Limits>,
) -> SessionConfig {
    SessionConfig {
        limits: config.limits.wire(),
        heartbeat: config.server.heartbeat,
        stall_max: config.server.stall_max,
        drain_max: config.server.drain_max,
        accounts: Arc::clone(accounts),
        rates: Arc::clone(limits),
    }
}

/// One worker for each shard, all on the same listener.
fn start_workers(
    listener: &TcpListener,
    shards: &Shards,
    settings: &WorkerSettings,
) -> std::io::Result<Vec<Worker>> {
    let start = |(number, shard): (usize, &Arc<_>)| {
        let shard = Arc::clone(shard);
        let worker = WorkerHandle { shard, number };
        Worker::start(worker, listener.try_clone()?, settings.clone())
    };
    shards.iter().enumerate().map(start).collect()
}

fn stores(engine: &Engine, environment: &Environment) -> Result<Stores, AppError> {
    let life = Epoch::from_random(environment.random.bits()?);
    Ok(Stores {
        durable: engine.events.clone(),
        memory: Arc::new(MemoryStore::new(life)),
        markers: engine.markers.clone(),
        rooms: engine.rooms.clone(),
    })
}

/// The files for slow readers of rooms in memory, where they are wanted.
fn start_spill(
    config: &Config,
    supervisor: &Supervisor,
) -> std::io::Result<Option<Arc<SpillDisk>>> {
    let (folder, bytes_max) = (&config.store.data_dir, config.store.spill_bytes_max);
    (bytes_max > 0)
        .then(|| SpillDisk::start(folder.clone(), bytes_max, supervisor))
        .transpose()
}

fn make_folder(folder: &Path) -> Result<(), AppError> {
    std::fs::create_dir_all(folder).map_err(|reason| AppError::DataDir {
        path: folder.to_owned(),
        reason,
    })
}

/// Makes the data folder where it is missing, and takes it for this server.
fn take_folder(folder: &Path) -> Result<File, AppError> {
    make_folder(folder)?;
    let failed = |reason| AppError::DataDir {
        path: folder.to_owned(),
        reason,
    };
    let lock = File::create(folder.join(LOCK)).map_err(failed)?;
    match lock.try_lock() {
        Ok(()) => Ok(lock),
        Err(TryLockError::WouldBlock) => Err(AppError::InUse(folder.to_owned())),
        Err(TryLockError::Error(error)) => Err(failed(error)),
    }
}

/// Where pages may come from that use the server, besides the host that was asked.
fn origins(server: &ServerConfig) -> impl Iterator<Item = &str> {
    let allowed = server.allowed_origins.iter().map(String::as_str);
    allowed.chain(server.public_url.as_deref())
}

fn hosts(server: &ServerConfig) -> Hosts {
    Hosts::new(server.host.is_loopback(), origins(server))
}

/// Copies the database to a new file, also while a server is using it.
///
/// # Errors
/// The database cannot be read, or the copy exists or cannot be written; the store is not a file.
pub fn backup(config: &StoreConfig, to: &Path) -> Result<(), AppError> {
    Ok(engine::backup(config, to)?)
}

/// The accounts in this store, also while servers are using it.
///
/// # Errors
/// The folder cannot be made, or the store not be opened.
pub async fn accounts(
    config: &StoreConfig,
    environment: Environment,
) -> Result<Accounts, AppError> {
    make_folder(&config.data_dir)?;
    let engine = Engine::open(config, &environment).await?;
    let audit = Audit::new(engine.audit, Arc::clone(&environment.clock));
    let people = engine.people;
    let accounts = Accounts::start(people, environment, audit, AuthConfig::default(), false);
    Ok(accounts.await?)
}

impl Running {
    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Whether nobody has an account here yet, and the code that the first one needs, if any.
    #[must_use]
    pub fn unclaimed(&self) -> Option<Option<&str>> {
        let accounts = &self.state.accounts;
        (!accounts.is_claimed()).then(|| accounts.claim_code())
    }

    /// Learns of parts that panic.
    #[must_use]
    pub fn supervisor(&self) -> &Supervisor {
        &self.supervisor
    }

    /// Waits until a part panics without which the node would hang; its name. The node is then to
    /// be stopped: [`Running::stop`] will say that it failed.
    pub async fn failure(&self) -> String {
        self.supervisor.failure().await
    }

    /// Goes away politely: takes nothing new, tells every client, stores what was accepted.
    ///
    /// # Errors
    /// [`AppError::Stuck`]: threads are left that wait for the disk.
    pub async fn stop(self) -> Result<(), AppError> {
        let Self {
            state,
            config,
            workers,
            closed,
            ended,
            lock,
            supervisor,
            ..
        } = self;
        state.shutdown.cancel();
        state.sessions.close();
        for shard in state.hub.shards().iter() {
            shard.for_each(|connection| connection.shut_down());
        }
        // Sessions have `drain_max` for their acks, and a moment more for the closing handshake.
        let timeouts = config.server.drain_max + std::time::Duration::from_secs(3);
        // While they go, the node still answers: that it is not ready, and that it takes nothing.
        let gone = tokio::time::timeout(timeouts, state.sessions.wait()).await;
        if gone.is_err() {
            tracing::warn!("some clients were still connected at the end");
        }
        closed.cancel();
        let is_closed = state.hub.close(config.server.drain_max).await;
        // A store that is stuck would not take this either.
        if is_closed && let Err(error) = state.audit.flush().await {
            tracing::error!(%error, "the end of the audit log could not be written");
        }
        ended.cancel();
        let joined =
            tokio::task::spawn_blocking(move || workers.into_iter().for_each(Worker::join));
        if joined.await.is_err() {
            tracing::error!("the workers could not be waited for");
        }
        drop(lock);
        match (supervisor.failed_part(), is_closed) {
            (Some(part), _) => Err(AppError::Panicked(part)),
            (None, true) => Ok(()),
            (None, false) => Err(AppError::Stuck),
        }
    }
}

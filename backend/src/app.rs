//! Assembles the parts of a node.

mod copy;
mod folder;
mod running;

use crate::audit::Audit;
use crate::auth::{Accounts, AuthError, Guests};
use crate::bus::{self, Bus, BusError};
use crate::clock::{Environment, NoRandomness, SystemMonotonic};
use crate::cluster::Cluster;
use crate::config::{AuthConfig, Config, ServerConfig, StoreConfig};
use crate::descriptors;
use crate::engine::{self, Engine, EngineError};
use crate::http;
use crate::hub::namespace::{Namespace, Namespaces};
use crate::hub::{Hub, HubConfig, MemoryLogs, Stores};
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
use crate::store::health;
use crate::store::memory::MemoryStore;
use crate::store::transfer::CopyError;
use crate::store::{Leases, StoreError};
use crate::supervisor::Supervisor;
use crate::worker::{Worker, WorkerSettings};
use common::ids::{Epoch, SignInId};
use folder::{make_folder, take_folder};
use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

pub use copy::copy_store;
pub use running::Running;

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
    /// A store cannot be copied.
    #[error(transparent)]
    Copy(#[from] CopyError),
    /// There is nothing to copy.
    #[error("there is no database in {0}")]
    NoDatabase(PathBuf),
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
    let bus = bus::open(&config.bus, &environment, &supervisor)?;
    let parts = (&bus, &audit, &shards);
    let hub = start_hub(&config, &engine, &environment, parts, &supervisor).await?;
    let accounts = start_accounts(&config, &engine, &environment, &audit).await?;
    let limits = limits(&config, &engine);
    let store_health = engine.monitored.health();
    let cluster = Cluster::start(&hub, &limits, &bus, store_health, &supervisor);
    let shutdown = CancellationToken::new();
    let invalidations = invalidation::start(
        Arc::clone(&accounts),
        Arc::clone(&hub),
        Arc::clone(&cluster),
        shutdown.clone(),
        &supervisor,
    )
    .await?;
    spawn_upkeep(&supervisor, &engine, &audit, &config, &shutdown);
    let state = AppState {
        audit,
        hub,
        cluster,
        invalidations,
        store_health: Arc::clone(store_health),
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

async fn start_hub(
    config: &Config,
    engine: &Engine,
    environment: &Environment,
    (bus, audit, shards): (&Arc<dyn Bus>, &Arc<Audit>, &Shards),
    supervisor: &Supervisor,
) -> Result<Arc<Hub>, AppError> {
    let hub_config = HubConfig {
        spill: start_spill(config, supervisor)?,
        audit: Arc::clone(audit),
        supervisor: supervisor.clone(),
        shards: shards.clone(),
        posts_max: config.store.posts_max,
        head_check: config.bus.head_check,
        bus: Arc::clone(bus),
        namespaces: Namespaces::new(config.namespace.iter().map(Namespace::from).collect()),
    };
    let stores = stores(config, engine, environment)?;
    Ok(Hub::start(stores, environment.clone(), hub_config).await?)
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
        let leases = Leases::new(engine.coordination.clone());
        async move { audit.run(keep, leases, ended).await }
    });
}

/// What the first account needs where strangers can reach the node: the same on all nodes.
async fn claim_code(
    config: &Config,
    engine: &Engine,
    environment: &Environment,
) -> Result<Option<String>, AuthError> {
    if !config.server.is_exposed() {
        return Ok(None);
    }
    let code = SignInId::from_random(environment.random.bits()?).to_string();
    match &engine.coordination {
        Some(store) => Ok(Some(store.agree("claim code", &code).await?)),
        None => Ok(Some(code)),
    }
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
        claim_code(config, engine, environment).await?,
    );
    Ok(Arc::new(accounts.await?))
}

fn limits(config: &Config, engine: &Engine) -> Arc<Limits> {
    let clock = Arc::new(SystemMonotonic::default());
    let limits = Limits::new(config.limits.clone(), clock, descriptors::connections_max());
    if let Some(store) = &engine.coordination {
        limits.share_attempts(Arc::clone(store));
    }
    limits
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

fn stores(config: &Config, engine: &Engine, environment: &Environment) -> Result<Stores, AppError> {
    let life = Epoch::from_random(environment.random.bits()?);
    Ok(Stores {
        durable: engine.events.clone(),
        memory: match engine::shared_memory(&config.bus, environment)? {
            Some(logs) => MemoryLogs::Shared(logs),
            None => MemoryLogs::Local(Arc::new(MemoryStore::new(life))),
        },
        markers: engine.markers.clone(),
        rooms: engine.rooms.clone(),
        coordination: engine.coordination.clone(),
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
    let accounts = Accounts::start(people, environment, audit, AuthConfig::default(), None);
    Ok(accounts.await?)
}

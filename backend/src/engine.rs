//! Opening the store that the configuration names; the only file that knows the engines.

use crate::clock::{Environment, NoRandomness};
use crate::config::{BusConfig, StoreConfig, StoreEngine};
use crate::store::health::Monitored;
use crate::store::postgres::{self, PostgresStore};
use crate::store::redis_streams::{self, RedisStreams};
use crate::store::sqlite::{self, SqliteStore, SqliteTransfer};
use crate::store::transfer::Transfer;
use crate::store::{
    AuditStore, CoordinationStore, EventStore, MarkerStore, PeopleStore, RoomStore,
};
use common::ids::Epoch;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The database's file in the data folder.
const DATABASE: &str = "hubbub.sqlite";

/// Connections to each database while a store is copied.
const TRANSFER_CONNECTIONS: usize = 4;

/// Why the store cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    /// The file cannot be opened.
    #[error(transparent)]
    Sqlite(#[from] sqlite::OpenError),
    /// A PostgreSQL database cannot be opened.
    #[error(transparent)]
    Postgres(#[from] postgres::OpenError),
    /// The logs in Redis cannot be opened.
    #[error(transparent)]
    Streams(#[from] redis_streams::OpenError),
    /// The command is for the other engine.
    #[error(
        "this store is in PostgreSQL: copy it with PostgreSQL's own tools, such as pg_dump or continuous archiving"
    )]
    NotAFile,
    /// No randomness.
    #[error(transparent)]
    Random(#[from] NoRandomness),
}

/// An open store: one engine, as the parts of the server see it.
#[derive(Clone)]
pub struct Engine {
    /// The logs of durable rooms.
    pub events: Arc<dyn EventStore>,
    /// Accounts, guests, keys and sign-ins.
    pub people: Arc<dyn PeopleStore>,
    /// What is set of rooms.
    pub rooms: Arc<dyn RoomStore>,
    /// How far users have read.
    pub markers: Arc<dyn MarkerStore>,
    /// The audit log.
    pub audit: Arc<dyn AuditStore>,
    /// Whether it works.
    pub monitored: Arc<dyn Monitored>,
    /// What nodes that share it agree on; none where it is for a single node.
    pub coordination: Option<Arc<dyn CoordinationStore>>,
}

impl Engine {
    fn of<S>(store: &Arc<S>) -> Self
    where
        S: EventStore + PeopleStore + RoomStore + MarkerStore + AuditStore + Monitored + 'static,
    {
        Self {
            events: store.clone(),
            people: store.clone(),
            rooms: store.clone(),
            markers: store.clone(),
            audit: store.clone(),
            monitored: store.clone(),
            coordination: None,
        }
    }

    /// Opens the store, and creates or migrates it where that is needed. The data folder exists.
    ///
    /// # Errors
    /// The store cannot be used, or was written by a newer version.
    pub async fn open(
        config: &StoreConfig,
        environment: &Environment,
    ) -> Result<Self, EngineError> {
        match config.engine {
            StoreEngine::Sqlite => {
                let fresh_epoch = Epoch::from_random(environment.random.bits()?);
                let store = SqliteStore::open(&config.data_dir.join(DATABASE), &fresh_epoch)?;
                store.keep_free(config.free_bytes_min);
                Ok(Self::of(&Arc::new(store)))
            }
            StoreEngine::Postgres => {
                let random = Arc::clone(&environment.random);
                let store = PostgresStore::open(&config.urls, config.connections_max, random);
                let store = Arc::new(store.await?);
                Ok(Self {
                    coordination: Some(store.clone()),
                    ..Self::of(&store)
                })
            }
        }
    }
}

/// The logs of rooms in memory, where nodes share them; none where each node has its own.
///
/// # Errors
/// The address of Redis cannot be read, or the system gives no thread.
pub fn shared_memory(
    bus: &BusConfig,
    environment: &Environment,
) -> Result<Option<Arc<dyn EventStore>>, EngineError> {
    let Some(url) = &bus.url else {
        return Ok(None);
    };
    let random = Arc::clone(&environment.random);
    Ok(Some(Arc::new(RedisStreams::new(url, &bus.prefix, random)?)))
}

/// A store that is copied from, or to: a data folder, or databases.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// A folder with a SQLite database.
    Folder(PathBuf),
    /// The addresses of PostgreSQL databases, in their order.
    Databases(Vec<String>),
}

/// Opens a store to copy from it, or to it.
///
/// # Errors
/// It cannot be used, or was written by a newer version.
pub async fn open_transfer(
    place: &Place,
    environment: &Environment,
) -> Result<Box<dyn Transfer>, EngineError> {
    match place {
        Place::Folder(folder) => {
            let fresh_epoch = Epoch::from_random(environment.random.bits()?);
            let file = folder.join(DATABASE);
            Ok(Box::new(SqliteTransfer::open(&file, &fresh_epoch)?))
        }
        Place::Databases(urls) => {
            let random = Arc::clone(&environment.random);
            let store = PostgresStore::open_unfinished(urls, TRANSFER_CONNECTIONS, random);
            Ok(Box::new(store.await?))
        }
    }
}

/// Whether a folder has a database.
#[must_use]
pub fn has_database(folder: &Path) -> bool {
    folder.join(DATABASE).exists()
}

/// Copies the database to a new file, also while a server is using it.
///
/// # Errors
/// The database cannot be read, or the copy exists or cannot be written; the store is not a file.
pub fn backup(config: &StoreConfig, to: &Path) -> Result<(), EngineError> {
    match config.engine {
        StoreEngine::Sqlite => Ok(sqlite::copy(&config.data_dir.join(DATABASE), to)?),
        StoreEngine::Postgres => Err(EngineError::NotAFile),
    }
}

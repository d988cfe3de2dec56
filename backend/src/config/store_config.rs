//! `[store]`: where events are stored.

use super::{ConfigError, require};
use serde::Deserialize;
use std::path::PathBuf;

/// Connections to one PostgreSQL database, at the least: the queues of writers need one each, and
/// readers some beside them.
const CONNECTIONS_MIN: usize = 8;

/// What keeps the events of durable rooms, users, and what is set of rooms.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StoreEngine {
    /// A file in `data_dir`: one node.
    #[default]
    Sqlite,
    /// One or more PostgreSQL databases: any number of nodes.
    Postgres,
}

/// See the module.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct StoreConfig {
    /// Default `sqlite`.
    pub engine: StoreEngine,
    /// The PostgreSQL databases, such as `postgres://hubbub@db1/hubbub?sslmode=verify-full`, in an order
    /// that does not change: rooms are spread over them, and users live in the first. With `postgres`,
    /// one at the least.
    pub urls: Vec<String>,
    /// Connections to each PostgreSQL database, at least 8. Default 16.
    pub connections_max: usize,
    /// Folder of the SQLite database, and of temporary files; created where it is missing. Each node
    /// has its own. Default `data`, below the folder the server is started in.
    pub data_dir: PathBuf,
    /// Messages that may wait for the disk; beyond, senders are told `overloaded`. Default 8192.
    pub posts_max: usize,
    /// Free bytes on the disk of `data_dir` below which messages are refused (`store_unavailable`) and
    /// the node is not ready, so that what is on the disk already stays usable. 0 is no such bound.
    /// Default 134217728 (128 MiB).
    pub free_bytes_min: u64,
    /// Bytes on disk that slow readers of rooms in memory may cost together, those of one room an
    /// eighth of it; beyond, those furthest behind lose their place, and are told. 0 keeps nothing
    /// on disk. Default 256 MiB.
    pub spill_bytes_max: u64,
}

impl Default for StoreConfig {
    fn default() -> Self {
        Self {
            engine: StoreEngine::Sqlite,
            urls: Vec::new(),
            connections_max: 16,
            data_dir: PathBuf::from("data"),
            posts_max: 8192,
            free_bytes_min: 128 * 1024 * 1024,
            spill_bytes_max: 256 * 1024 * 1024,
        }
    }
}

impl StoreConfig {
    pub(super) fn check(&self) -> Result<(), ConfigError> {
        let is_postgres = self.engine == StoreEngine::Postgres;
        let bounds = "the addresses of one or more databases with `engine = \"postgres\"`, and left out otherwise";
        require(is_postgres != self.urls.is_empty(), "store.urls", bounds)?;
        let has_scheme =
            |url: &String| url.starts_with("postgres://") || url.starts_with("postgresql://");
        let bounds = "addresses that begin with postgres://";
        require(self.urls.iter().all(has_scheme), "store.urls", bounds)?;
        let is_enough = self.connections_max >= CONNECTIONS_MIN;
        require(is_enough, "store.connections_max", "8 or more")
    }
}

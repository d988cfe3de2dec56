//! `[store]`: where events are stored.

use serde::Deserialize;
use std::path::PathBuf;

/// See the module.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct StoreConfig {
    /// Folder of the database, made where it is missing. Default `data`, below the folder the
    /// server is started in.
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
            data_dir: PathBuf::from("data"),
            posts_max: 8192,
            free_bytes_min: 128 * 1024 * 1024,
            spill_bytes_max: 256 * 1024 * 1024,
        }
    }
}

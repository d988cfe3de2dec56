//! `[store]`: where events live.

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
            spill_bytes_max: 256 * 1024 * 1024,
        }
    }
}

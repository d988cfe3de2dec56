//! What every scenario can be told, and the bounds of what it can be told.

use anyhow::{Result, ensure};
use clap::Args;
use clap::builder::RangedU64ValueParser;
use serde::Serialize;
use std::path::PathBuf;

/// The options that all scenarios share.
#[derive(Debug, Clone, Args, Serialize)]
#[command(next_help_heading = "Every scenario")]
pub(crate) struct RunOptions {
    /// Write the figures to this file, as JSON.
    #[arg(long, value_name = "FILE")]
    #[serde(skip)]
    pub(crate) json: Option<PathBuf>,
    /// Folder for the server's data, whose disk is measured [default: a temporary one].
    #[arg(long, value_name = "FOLDER")]
    #[serde(skip)]
    pub(crate) dir: Option<PathBuf>,
    /// Keep the server on CPU 0 and this program on CPU 1.
    #[arg(long)]
    pub(crate) pin: bool,
    /// Keep durable rooms in a temporary PostgreSQL, synced as in operation, instead of SQLite.
    #[arg(long)]
    pub(crate) postgres: bool,
    /// Threads on which the server serves connections; 0 is one for each processor it may use.
    #[arg(long, value_name = "N", default_value_t = 0, value_parser = count(0, 256))]
    pub(crate) workers: usize,
}

/// What scenarios in which people talk share.
#[derive(Debug, Clone, Args, Serialize)]
pub(crate) struct TalkOptions {
    /// Bytes of text in each message, 32 to 16384.
    #[arg(long, default_value_t = 128, value_parser = count(32, 16_384))]
    pub(crate) bytes: usize,
    /// Seconds to measure, after a second of warming up, 1 to 3600.
    #[arg(long, default_value_t = 5, value_parser = seconds())]
    pub(crate) seconds: u64,
    /// Rooms that are kept in memory (`live:`) instead of on disk.
    #[arg(long)]
    pub(crate) live: bool,
}

/// A number of things, both bounds included.
pub(crate) fn count(least: u64, most: u64) -> RangedU64ValueParser<usize> {
    RangedU64ValueParser::new().range(least..=most)
}

/// A length of time that somebody waits for.
pub(crate) fn seconds() -> RangedU64ValueParser<u64> {
    RangedU64ValueParser::new().range(1..=3600)
}

/// Connections that one run opens at the most: what the server's own default takes, less some.
pub(crate) const CONNECTIONS_MAX: u64 = 90_000;

/// How many connections each room gets.
///
/// # Errors
/// They cannot be dealt out evenly.
pub(crate) fn members_per_room(connections: usize, rooms: usize) -> Result<usize> {
    ensure!(
        rooms <= connections,
        "--rooms {rooms} is more than --connections {connections}"
    );
    ensure!(
        connections.is_multiple_of(rooms),
        "--connections {connections} cannot be dealt out evenly to --rooms {rooms}"
    );
    Ok(connections / rooms)
}

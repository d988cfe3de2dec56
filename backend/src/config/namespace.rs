//! `[[namespace]]`: what is stored for which rooms, and for how long.

use super::{ConfigError, require};
use serde::Deserialize;
use std::time::Duration;

/// See the module.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NamespaceConfig {
    /// Which rooms: a name, or the beginning of names with `*` behind it.
    pub rooms: String,
    /// Whether events are stored. Default true. Where not, they live in memory, at most 2,000 of
    /// each room, and end with the node.
    #[serde(default = "yes")]
    pub durable: bool,
    /// Events older than this are dropped. Default `0s`: they are kept for ever.
    #[serde(default, with = "humantime_serde")]
    pub keep_age: Duration,
    /// Events beyond this many are dropped, the oldest first. Default 0: all are kept.
    #[serde(default)]
    pub keep_count: u64,
}

fn yes() -> bool {
    true
}

impl NamespaceConfig {
    /// The rule that holds where the file names none: ticks, cursors and dashboards are not stored.
    #[must_use]
    pub fn live() -> Self {
        Self {
            rooms: "live:*".to_owned(),
            durable: false,
            keep_age: Duration::ZERO,
            keep_count: 0,
        }
    }

    pub(super) fn check(&self) -> Result<(), ConfigError> {
        require(
            is_pattern(&self.rooms),
            "namespace.rooms",
            "a room's name, or the beginning of names followed by one `*`, such as live:*",
        )
    }
}

/// Whether a rule names one room or, with `*` at its end only, a prefix.
fn is_pattern(rooms: &str) -> bool {
    let name = rooms.strip_suffix('*').unwrap_or(rooms);
    !rooms.is_empty() && !name.contains('*')
}

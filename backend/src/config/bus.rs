//! `[bus]`: how nodes tell each other what has happened.

use super::{ConfigError, require};
use serde::Deserialize;
use std::time::Duration;

/// See the module.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct BusConfig {
    /// Time between two comparisons of the heads of this node's live rooms with those in PostgreSQL: so
    /// long a message of another node may be unseen where nothing told of it. At least `100ms`.
    /// Default `1s`.
    #[serde(with = "humantime_serde")]
    pub head_check: Duration,
}

impl Default for BusConfig {
    fn default() -> Self {
        Self {
            head_check: Duration::from_secs(1),
        }
    }
}

impl BusConfig {
    pub(super) fn check(&self) -> Result<(), ConfigError> {
        let is_rare = self.head_check >= Duration::from_millis(100);
        require(is_rare, "bus.head_check", "100ms or more")
    }
}

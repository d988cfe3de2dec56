//! `[limits]`: what a client may cost.

use super::{ConfigError, require};
use common::limits::{self, Limits};
use serde::Deserialize;

/// See the module.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct LimitsConfig {
    /// WebSocket connections the node takes. Default 100000; zero takes none.
    pub connections_max: usize,
    /// Rooms one connection may be in at once. Default 1000; at least 1.
    pub rooms_max: usize,
    /// Bytes in one frame from a client; a longer one closes the connection. Default 524288; at
    /// least 1024.
    pub frame_bytes_max: usize,
}

impl Default for LimitsConfig {
    fn default() -> Self {
        Self {
            connections_max: 100_000,
            rooms_max: limits::ROOMS_PER_CONNECTION_MAX,
            frame_bytes_max: limits::FRAME_BYTES_MAX,
        }
    }
}

impl LimitsConfig {
    pub(super) fn check(&self) -> Result<(), ConfigError> {
        require(self.rooms_max >= 1, "limits.rooms_max", "1 or more")?;
        require(
            self.frame_bytes_max >= 1024,
            "limits.frame_bytes_max",
            "1024 or more",
        )
    }

    /// As clients are told.
    #[must_use]
    pub fn wire(&self) -> Limits {
        Limits {
            frame_bytes_max: self.frame_bytes_max,
            rooms_max: self.rooms_max,
            ..Limits::default()
        }
    }
}

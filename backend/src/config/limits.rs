//! `[limits]`: the resources that a client may use.

use super::{ConfigError, require};
use common::limits::{self, Limits};
use serde::Deserialize;
use std::num::NonZeroU32;
use std::time::Duration;

/// See the module.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct LimitsConfig {
    /// WebSocket connections the node takes. Default 100000; zero takes none.
    pub connections_max: usize,
    /// WebSocket connections of one user. Default 200; zero is no limit.
    pub connections_per_user_max: usize,
    /// WebSocket connections from one address (of IPv6: from one network of 64 bits). Default 1000;
    /// zero is no limit.
    pub connections_per_address_max: u32,
    /// Rooms one connection may be in at once. Default 1000; at least 1.
    pub rooms_max: usize,
    /// Bytes in one frame from a client; a longer one closes the connection. Default 524288; at
    /// least 1024.
    pub frame_bytes_max: usize,
    /// Bytes in the body of a request. Default 262144; at least 1024.
    pub body_bytes_max: usize,
    /// How long the head of a request may take, an upgrade's too. Default `20s`; at least `100ms`.
    #[serde(with = "humantime_serde")]
    pub head_max: Duration,
    /// How long the body of a request may take, from its head on; after the first 5 seconds, a body
    /// slower than 1024 bytes a second is refused, too. Default `20s`; at least `100ms`.
    #[serde(with = "humantime_serde")]
    pub body_max: Duration,
    /// What one user may send in a second, on all connections and over HTTP: messages, edits,
    /// deletions, reactions, broadcasts. Default 50; zero is no limit.
    pub messages_per_second: u32,
    /// How many of these may come at once after a pause. Default 500; zero is one second's.
    pub messages_burst: u32,
    /// Rooms one user may join, pages of history read, or things done in rooms over HTTP, in a
    /// second. Default 50; zero is no limit.
    pub joins_per_second: u32,
    /// How many of these may come at once after a pause: a client comes back to all its rooms.
    /// Default 3000; zero is one second's.
    pub joins_burst: u32,
    /// Rooms that one user may begin in a minute, by the first message in them or over HTTP. Default 60;
    /// zero is no limit.
    pub rooms_per_minute: u32,
    /// How many of these may come at once after a pause. Default 600; zero is one minute's.
    pub rooms_burst: u32,
    /// Requests for history, lists, presence and statistics that one user may make over HTTP in a
    /// second. Default 20; zero is no limit.
    pub reads_per_second: u32,
    /// How many of these may come at once after a pause. Default 200; zero is one second's.
    pub reads_burst: u32,
    /// Bytes that these may be answered with in a second. Default 2097152 (2 MiB); zero is no limit.
    pub read_bytes_per_second: u32,
    /// How many of these may come at once after a pause. Default 33554432 (32 MiB); zero is one
    /// second's.
    pub read_bytes_burst: u32,
    /// Visitors who prove nothing are not counted one by one: all of one address together have this
    /// many times the rates of one user. Default 4; at least 1.
    pub unproven_factor: NonZeroU32,
    /// Attempts to sign in or up from one address in a minute. Default 30; zero is no limit.
    pub attempts_per_address: u32,
    /// How many of these may come at once after a pause. Default 60; zero is one minute's.
    pub attempts_per_address_burst: u32,
    /// Attempts to sign in by one name in a minute, whether or not the name exists. Default 6; zero is
    /// no limit.
    pub attempts_per_name: u32,
    /// How many of these may come at once after a pause. Default 10; zero is one minute's.
    pub attempts_per_name_burst: u32,
}

impl Default for LimitsConfig {
    fn default() -> Self {
        Self {
            connections_max: 100_000,
            connections_per_user_max: 200,
            connections_per_address_max: 1000,
            rooms_max: limits::ROOMS_PER_CONNECTION_MAX,
            frame_bytes_max: limits::FRAME_BYTES_MAX,
            body_bytes_max: 256 * 1024,
            head_max: Duration::from_secs(20),
            body_max: Duration::from_secs(20),
            messages_per_second: 50,
            messages_burst: 500,
            joins_per_second: 50,
            joins_burst: 3000,
            rooms_per_minute: 60,
            rooms_burst: 600,
            reads_per_second: 20,
            reads_burst: 200,
            read_bytes_per_second: 2 * 1024 * 1024,
            read_bytes_burst: 32 * 1024 * 1024,
            unproven_factor: UNPROVEN_FACTOR,
            attempts_per_address: 30,
            attempts_per_address_burst: 60,
            attempts_per_name: 6,
            attempts_per_name_burst: 10,
        }
    }
}

const UNPROVEN_FACTOR: NonZeroU32 = NonZeroU32::new(4).unwrap();

impl LimitsConfig {
    pub(super) fn check(&self) -> Result<(), ConfigError> {
        require(self.rooms_max >= 1, "limits.rooms_max", "1 or more")?;
        require(
            self.frame_bytes_max >= 1024,
            "limits.frame_bytes_max",
            "1024 or more",
        )?;
        require(
            self.body_bytes_max >= 1024,
            "limits.body_bytes_max",
            "1024 or more",
        )?;
        require(
            self.head_max >= Duration::from_millis(100),
            "limits.head_max",
            "100ms or more",
        )?;
        require(
            self.body_max >= Duration::from_millis(100),
            "limits.body_max",
            "100ms or more",
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

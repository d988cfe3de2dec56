//! What both connections to Redis have in common: names, bounds, and how a loss is told.

use common::text::RoomName;
use redis::RedisError;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::time::sleep;

/// Time between two messages that say that a node is there.
pub(super) const ALIVE_EVERY: Duration = Duration::from_secs(2);

/// Hints, or channels, in one request.
pub(super) const AT_ONCE: usize = 256;

/// How long a request may take.
pub(super) const ANSWER_MAX: Duration = Duration::from_secs(2);

/// Pauses between two attempts to connect.
const PAUSE_MIN: Duration = Duration::from_millis(100);
const PAUSE_MAX: Duration = Duration::from_secs(2);

/// The names of channels.
pub(super) struct Channels {
    /// The one on which nodes tell all others something, and that they are there.
    pub(super) nodes: String,
    /// What those of rooms begin with.
    rooms: String,
}

impl Channels {
    pub(super) fn new(prefix: &str) -> Self {
        Self {
            nodes: format!("{prefix}:nodes"),
            rooms: format!("{prefix}:room:"),
        }
    }

    pub(super) fn of(&self, room: &RoomName) -> String {
        format!("{}{room}", self.rooms)
    }

    /// That of a room, or that of all nodes.
    pub(super) fn to(&self, room: Option<&RoomName>) -> String {
        room.map_or_else(|| self.nodes.clone(), |room| self.of(room))
    }

    /// The room whose channel it is.
    pub(super) fn room(&self, channel: &str) -> Option<RoomName> {
        channel.strip_prefix(&self.rooms)?.parse().ok()
    }
}

/// Reports a lost connection once, and that it is back.
pub(super) struct Connection<'a> {
    what: &'static str,
    is_up: &'a AtomicBool,
    pause: Duration,
    is_told: bool,
}

impl<'a> Connection<'a> {
    pub(super) fn new(what: &'static str, is_up: &'a AtomicBool) -> Self {
        Self {
            what,
            is_up,
            pause: PAUSE_MIN,
            is_told: false,
        }
    }

    pub(super) fn up(&mut self) {
        self.is_up.store(true, Ordering::Release);
        self.pause = PAUSE_MIN;
        if std::mem::take(&mut self.is_told) {
            tracing::info!("Redis is back, for {}", self.what);
        }
    }

    pub(super) async fn lost(&mut self, error: &RedisError) {
        self.is_up.store(false, Ordering::Release);
        if !std::mem::replace(&mut self.is_told, true) {
            tracing::warn!(
                %error,
                "Redis cannot be used for {}; messages of other nodes are found in the store",
                self.what
            );
        }
        sleep(self.pause).await;
        self.pause = (self.pause * 2).min(PAUSE_MAX);
    }
}

pub(super) fn late() -> RedisError {
    (redis::ErrorKind::Io, "Redis does not answer").into()
}

pub(super) fn ended() -> RedisError {
    (redis::ErrorKind::Io, "Redis has closed the connection").into()
}

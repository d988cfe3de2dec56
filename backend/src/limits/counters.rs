//! How many requests each limit has refused since the node started.

use common::ErrorCode;
use std::sync::atomic::{AtomicU64, Ordering};

/// A limit that refuses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(usize)]
pub enum Limit {
    /// Connections of the node.
    Connections,
    /// Connections of one user.
    ConnectionsPerUser,
    /// Connections from one address.
    ConnectionsPerAddress,
    /// What one user sends, or all visitors without a proof from one address together; as for the
    /// next four.
    Messages,
    /// Rooms that one user joins.
    Joins,
    /// Rooms that one user begins.
    Rooms,
    /// What one user reads over HTTP, in requests.
    Reads,
    /// What one user reads over HTTP, in bytes.
    ReadBytes,
    /// Attempts to sign in from one address.
    AttemptsPerAddress,
    /// Attempts to sign in by one name.
    AttemptsPerName,
}

impl Limit {
    /// All there are.
    pub const ALL: [Self; 10] = [
        Self::Connections,
        Self::ConnectionsPerUser,
        Self::ConnectionsPerAddress,
        Self::Messages,
        Self::Joins,
        Self::Rooms,
        Self::Reads,
        Self::ReadBytes,
        Self::AttemptsPerAddress,
        Self::AttemptsPerName,
    ];

    /// The name of its counter.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Connections => "connections_total",
            Self::ConnectionsPerUser => "connections_per_user_total",
            Self::ConnectionsPerAddress => "connections_per_address_total",
            Self::Messages => "messages_total",
            Self::Joins => "joins_total",
            Self::Rooms => "rooms_total",
            Self::Reads => "reads_total",
            Self::ReadBytes => "read_bytes_total",
            Self::AttemptsPerAddress => "attempts_per_address_total",
            Self::AttemptsPerName => "attempts_per_name_total",
        }
    }

    /// What a client is told.
    #[must_use]
    pub fn code(self) -> ErrorCode {
        match self {
            Self::Connections => ErrorCode::Overloaded,
            Self::ConnectionsPerUser | Self::ConnectionsPerAddress => ErrorCode::TooManyConnections,
            _ => ErrorCode::RateLimited,
        }
    }

    /// What people are told.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::Connections => "the node has no room for more connections",
            Self::ConnectionsPerUser => "this user has as many connections as it may",
            Self::ConnectionsPerAddress => "this address has as many connections as it may",
            Self::Messages => "too many messages in a short time; wait",
            Self::Joins => "too many joins or reads in a short time; wait",
            Self::Rooms => "too many new rooms in a short time; wait",
            Self::Reads | Self::ReadBytes => "too much was read over HTTP in a short time; wait",
            // Whether it is the name or the address is nobody's business.
            Self::AttemptsPerAddress | Self::AttemptsPerName => {
                "too many attempts to sign in; wait a moment"
            }
        }
    }
}

/// See the module.
#[derive(Debug, Default)]
pub struct Counters([AtomicU64; Limit::ALL.len()]);

impl Counters {
    pub(super) fn count(&self, limit: Limit) {
        if let Some(counter) = self.0.get(limit as usize) {
            counter.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Each limit's name, with how often it has refused.
    pub fn iter(&self) -> impl Iterator<Item = (&'static str, u64)> {
        let counts = self.0.iter().map(|count| count.load(Ordering::Relaxed));
        Limit::ALL.into_iter().map(Limit::name).zip(counts)
    }
}

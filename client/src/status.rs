//! The state of the connection.

use crate::clock::Clock;
use crate::error::StopReason;
use common::client::Status as CoreStatus;
use std::time::Duration;

/// How the connection is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Status {
    /// A connection is being made, or its rooms are being joined.
    Connecting,
    /// Connected, and every room that is followed is joined, or was refused.
    Live,
    /// The connection was lost, or none can be made.
    Retrying {
        /// How long the client waits, from the time this status was set, before it tries again.
        wait: Duration,
    },
    /// The client has ended.
    Stopped(StopReason),
}

impl Status {
    /// The core's status; `None` where it has stopped, for a reason that is not known here.
    pub(crate) fn of(status: CoreStatus, clock: Clock) -> Option<Self> {
        match status {
            CoreStatus::Connecting | CoreStatus::Offline => Some(Self::Connecting),
            CoreStatus::Live => Some(Self::Live),
            CoreStatus::Retrying { at } => {
                let wait = Duration::from_millis(at.since(clock.now()));
                Some(Self::Retrying { wait })
            }
            CoreStatus::Stopped { .. } => None,
        }
    }
}

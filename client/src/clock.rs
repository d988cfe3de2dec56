//! The client core's clock: milliseconds since the client was made.

use common::client::Millis;
use std::time::Duration;
use tokio::time::Instant;

/// A monotonic clock that counts as the client core does, and as the runtime's timers do.
#[derive(Debug, Clone, Copy)]
pub struct Clock {
    start: Instant,
}

impl Clock {
    /// A clock that begins at 0 now.
    #[must_use]
    pub fn start() -> Self {
        Self {
            start: Instant::now(),
        }
    }

    /// Milliseconds since the start.
    #[must_use]
    pub fn now(self) -> Millis {
        Millis(u64::try_from(self.elapsed().as_millis()).unwrap_or(u64::MAX))
    }

    /// The instant of this time, for a timer.
    #[must_use]
    pub fn at(self, time: Millis) -> Instant {
        self.start + Duration::from_millis(time.0)
    }

    /// The time since the start.
    #[must_use]
    pub fn elapsed(self) -> Duration {
        self.start.elapsed()
    }
}

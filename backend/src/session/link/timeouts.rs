//! How long a connection may be silent, or accept no data.

use std::time::Duration;

/// How long what may take.
#[derive(Debug, Clone, Copy)]
pub struct Timeouts {
    /// A ping is sent this often; a peer silent for two of them is gone.
    pub heartbeat_ms: u64,
    /// A socket that takes nothing for this long ends the connection.
    pub stall_max_ms: u64,
}

impl Timeouts {
    /// In whole milliseconds.
    #[must_use]
    pub fn new(heartbeat: Duration, stall_max: Duration) -> Self {
        let ms = |time: Duration| u64::try_from(time.as_millis()).unwrap_or(u64::MAX);
        Self {
            heartbeat_ms: ms(heartbeat),
            stall_max_ms: ms(stall_max),
        }
    }

    /// How often connections must look at the time.
    #[must_use]
    pub fn tick(&self) -> Duration {
        let shortest = self.heartbeat_ms.min(self.stall_max_ms);
        Duration::from_millis((shortest / 8).clamp(2, 1000))
    }
}

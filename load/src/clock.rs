//! The calendar's clock, and the one bounded wait.

use anyhow::{Result, bail};
use std::time::{Duration, SystemTime};
use tokio::time::Instant;

/// Between two looks at whether a thing has come to pass.
const LOOK_EVERY: Duration = Duration::from_millis(20);

/// The calendar's clock, in seconds since 1970: says when a run was, and decides nothing.
pub(crate) fn unix_seconds() -> u64 {
    #[expect(
        clippy::disallowed_methods,
        reason = "a report says when it was made; nothing is decided by it"
    )]
    let now = SystemTime::now();
    now.duration_since(SystemTime::UNIX_EPOCH)
        .map_or(0, |since| since.as_secs())
}

/// Waits until `ready`, and says how long that took.
pub(crate) async fn wait_until(
    what: &str,
    time_max: Duration,
    mut ready: impl FnMut() -> bool,
) -> Result<Duration> {
    let start = Instant::now();
    while !ready() {
        if start.elapsed() > time_max {
            bail!("{what}: not within {} s", time_max.as_secs());
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
    Ok(start.elapsed())
}

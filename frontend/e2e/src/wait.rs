//! Waiting for something to become true, with a deadline and without guessing how long it takes.

use std::future::Future;
use std::time::Duration;
use tokio::time::{Instant, sleep};

/// Long enough for a busy machine with two cores; a test that passes never waits for it.
const TIME_MAX: Duration = Duration::from_secs(20);

const INTERVAL: Duration = Duration::from_millis(25);

/// Asks again and again until the answer is `Some`, and gives it back. Panics with `what` when that
/// does not happen in time.
pub async fn eventually<T, F>(what: &str, ask: impl FnMut() -> F) -> T
where
    F: Future<Output = Option<T>>,
{
    eventually_within(TIME_MAX, what, ask).await
}

/// As [`eventually`], for what is known to be slow.
pub async fn eventually_within<T, F>(
    time_max: Duration,
    what: &str,
    mut ask: impl FnMut() -> F,
) -> T
where
    F: Future<Output = Option<T>>,
{
    let deadline = Instant::now() + time_max;
    loop {
        if let Some(answer) = ask().await {
            return answer;
        }
        assert!(Instant::now() < deadline, "not within {time_max:?}: {what}");
        sleep(INTERVAL).await;
    }
}

//! Write-behind: what may be stored a moment later is gathered, and written many at once.
//!
//! Whoever gathers owns what is pending, and bounds it; a failed write keeps it. What is here decides
//! when to write: after a window, and again after a failure, whether or not anything new comes.

use std::time::Duration;
use tokio::sync::Notify;

/// From a failed write to the next attempt, at first and at most.
const RETRY: (Duration, Duration) = (Duration::from_secs(1), Duration::from_secs(60));

/// Writes what one part of the node gathers.
#[derive(Default)]
pub struct WriteBehind {
    changed: Notify,
}

impl WriteBehind {
    /// Something is pending.
    pub fn wake(&self) {
        self.changed.notify_one();
    }

    /// Calls `flush` whenever something has been pending for `window`, until the future is dropped.
    /// A flush that fails is repeated.
    pub async fn run<E, F, Flush>(&self, window: Duration, flush: F)
    where
        F: Fn() -> Flush,
        Flush: Future<Output = Result<(), E>>,
    {
        loop {
            self.changed.notified().await;
            tokio::time::sleep(window).await;
            until_written(&flush).await;
        }
    }
}

/// Calls `flush` until it succeeds, more and more seldom.
pub async fn until_written<E, F, Flush>(flush: F)
where
    F: Fn() -> Flush,
    Flush: Future<Output = Result<(), E>>,
{
    let (mut wait, max) = RETRY;
    while flush().await.is_err() {
        tokio::time::sleep(wait).await;
        wait = (wait * 2).min(max);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicU32, Ordering};
    use tokio::sync::mpsc;

    #[tokio::test(start_paused = true)]
    async fn a_failed_flush_is_repeated_although_nothing_new_comes() {
        let writer = Arc::new(WriteBehind::default());
        let (done, mut written) = mpsc::unbounded_channel();
        let attempts = Arc::<AtomicU32>::default();
        let task = tokio::spawn({
            let (writer, attempts) = (Arc::clone(&writer), Arc::clone(&attempts));
            async move {
                let flush = || async {
                    match attempts.fetch_add(1, Ordering::Relaxed) {
                        0..3 => Err(()),
                        _ => {
                            done.send(tokio::time::Instant::now()).unwrap();
                            Ok(())
                        }
                    }
                };
                writer.run(Duration::from_secs(1), flush).await;
            }
        });
        let began = tokio::time::Instant::now();
        writer.wake();
        let at = written.recv().await.unwrap();
        assert_eq!(attempts.load(Ordering::Relaxed), 4);
        // The window, and three waits.
        assert_eq!((at - began).as_secs(), 1 + 1 + 2 + 4);
        task.abort();
    }
}

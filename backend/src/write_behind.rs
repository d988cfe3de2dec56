//! Write-behind: values that may be stored a moment later are collected and written in one batch.
//!
//! The caller owns and bounds what is pending, and keeps it when a write fails. This module decides
//! when to write: after a window, and again after a failure, even if nothing new arrives.

use std::time::Duration;
use tokio::sync::Notify;

/// The first and the longest delay between a failed write and the next attempt.
const RETRY: (Duration, Duration) = (Duration::from_secs(1), Duration::from_secs(60));

/// Schedules the writes of one part of the node.
#[derive(Default)]
pub struct WriteBehind {
    changed: Notify,
}

impl WriteBehind {
    /// Reports that something is pending.
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

/// Calls `flush` until it succeeds; the delay doubles after each failure, up to 60 s.
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
    async fn a_failed_flush_is_repeated_without_new_input() {
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

//! Ends the node when an essential part of it panics.
//!
//! A panic ends only the thread or task in which it occurs. If that is a committer or a flusher,
//! senders would wait forever while the node reports that it is ready. Such a part holds a [`Guard`]
//! while it runs; if it panics, the node sends `goodbye` to its clients and exits with an error. A
//! service manager restarts it, and nothing that was acknowledged is lost.

use std::sync::Arc;
use tokio::sync::watch;

/// Learns which part has panicked. Clones share what they learn.
#[derive(Clone)]
pub struct Supervisor(Arc<watch::Sender<Option<String>>>);

/// Held by a part while it runs.
#[must_use = "the part is supervised only while this is held"]
pub struct Guard {
    supervisor: Supervisor,
    part: String,
}

impl Default for Supervisor {
    fn default() -> Self {
        Self(Arc::new(watch::Sender::new(None)))
    }
}

impl Supervisor {
    /// Supervises the thread or task that holds the guard.
    pub fn guard(&self, part: impl Into<String>) -> Guard {
        Guard {
            supervisor: self.clone(),
            part: part.into(),
        }
    }

    /// Starts a task that is supervised.
    pub fn spawn(
        &self,
        part: impl Into<String>,
        task: impl Future<Output = ()> + Send + 'static,
    ) -> tokio::task::JoinHandle<()> {
        let guard = self.guard(part);
        tokio::spawn(async move {
            let _guard = guard;
            task.await;
        })
    }

    /// The part that has panicked, if any has.
    #[must_use]
    pub fn failed_part(&self) -> Option<String> {
        self.0.borrow().clone()
    }

    /// Waits until a part panics; its name.
    pub async fn failure(&self) -> String {
        let mut changes = self.0.subscribe();
        loop {
            if let Some(part) = changes.borrow_and_update().clone() {
                return part;
            }
            if changes.changed().await.is_err() {
                std::future::pending::<()>().await;
            }
        }
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            return;
        }
        tracing::error!(part = %self.part, "a part of the node has panicked: the node ends");
        self.supervisor.0.send_if_modified(|failed| {
            let is_first = failed.is_none();
            failed.get_or_insert_with(|| self.part.clone());
            is_first
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_panic_in_a_task_is_noticed() {
        let supervisor = Supervisor::default();
        let task = supervisor.spawn("the task", async { panic!("planted") });
        assert!(task.await.is_err());
        assert_eq!(supervisor.failure().await, "the task");
    }

    #[tokio::test]
    async fn a_panic_in_a_thread_is_noticed_also_before_anybody_waits() {
        let supervisor = Supervisor::default();
        let guard = supervisor.guard("the thread");
        let thread = std::thread::spawn(move || {
            let _guard = guard;
            panic!("planted");
        });
        assert!(thread.join().is_err());
        assert_eq!(supervisor.failure().await, "the thread");
    }

    #[tokio::test]
    async fn a_part_that_ends_or_is_aborted_is_no_failure() {
        let supervisor = Supervisor::default();
        supervisor.spawn("ends", async {}).await.unwrap();
        let endless = supervisor.spawn("is aborted", std::future::pending());
        endless.abort();
        assert!(endless.await.is_err());
        assert_eq!(supervisor.failed_part(), None);
    }
}

//! A server that is running, and how it ends.

use super::AppError;
use crate::config::Config;
use crate::request::AppState;
use crate::supervisor::Supervisor;
use crate::worker::Worker;
use std::fs::File;
use std::net::SocketAddr;
use tokio_util::sync::CancellationToken;

/// A server that is running.
pub struct Running {
    pub(super) address: SocketAddr,
    pub(super) state: AppState,
    pub(super) config: Config,
    pub(super) workers: Vec<Worker>,
    pub(super) closed: CancellationToken,
    pub(super) ended: CancellationToken,
    pub(super) lock: File,
    pub(super) supervisor: Supervisor,
}

impl Running {
    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Whether nobody has an account here yet, and the code that the first one needs, if any.
    #[must_use]
    pub fn unclaimed(&self) -> Option<Option<&str>> {
        let accounts = &self.state.accounts;
        (!accounts.is_claimed()).then(|| accounts.claim_code())
    }

    /// Learns of parts that panic.
    #[must_use]
    pub fn supervisor(&self) -> &Supervisor {
        &self.supervisor
    }

    /// Waits until a part panics without which the node would hang; its name. The node is then to
    /// be stopped: [`Running::stop`] will say that it failed.
    pub async fn failure(&self) -> String {
        self.supervisor.failure().await
    }

    /// Goes away politely: takes nothing new, tells every client, stores what was accepted.
    ///
    /// # Errors
    /// [`AppError::Stuck`]: threads are left that wait for the disk.
    pub async fn stop(self) -> Result<(), AppError> {
        let Self {
            state,
            config,
            workers,
            closed,
            ended,
            lock,
            supervisor,
            ..
        } = self;
        state.shutdown.cancel();
        state.sessions.close();
        state.hub.send_clients_away();
        // Sessions have `drain_max` for their acks, and a moment more for the closing handshake.
        let timeouts = config.server.drain_max + std::time::Duration::from_secs(3);
        // While they go, the node still answers: that it is not ready, and that it takes nothing.
        let gone = tokio::time::timeout(timeouts, state.sessions.wait()).await;
        if gone.is_err() {
            tracing::warn!("some clients were still connected at the end");
        }
        closed.cancel();
        let is_closed = state.hub.close(config.server.drain_max).await;
        // A store that is stuck would not take this either.
        if is_closed && let Err(error) = state.audit.flush().await {
            tracing::error!(%error, "the end of the audit log could not be written");
        }
        ended.cancel();
        let joined =
            tokio::task::spawn_blocking(move || workers.into_iter().for_each(Worker::join));
        if joined.await.is_err() {
            tracing::error!("the workers could not be waited for");
        }
        drop(lock);
        match (supervisor.failed_part(), is_closed) {
            (Some(part), _) => Err(AppError::Panicked(part)),
            (None, true) => Ok(()),
            (None, false) => Err(AppError::Stuck),
        }
    }
}

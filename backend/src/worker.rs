//! Workers: one thread each, with its own event loop and its share of the connections.
//!
//! A connection stays with the worker that accepted it, from the handshake to its end, so that its own
//! work needs no other thread. Workers share only rooms.

mod accept;
mod timed_body;

use crate::request::AppState;
use crate::session::link::WorkerHandle;
use crate::supervisor::Supervisor;
use accept::ConnectionContext;
use axum::Router;
use std::net::TcpListener;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// Threads that a worker may have wait for the disk.
const BLOCKING_MAX: usize = 8;

/// What all workers are given.
#[derive(Clone)]
pub struct WorkerSettings {
    /// How long a request's head may take.
    pub head_max: Duration,
    /// How often connections look at the time.
    pub tick: Duration,
    /// What sessions are started with.
    pub app: AppState,
    /// What else is served on connections.
    pub router: Router,
    /// No further connections are taken when this is cancelled.
    pub closed: CancellationToken,
    /// The worker ends when this is cancelled, with whatever is still open.
    pub ended: CancellationToken,
    /// Who is told of a part that panics.
    pub supervisor: Supervisor,
}

/// A running worker.
pub struct Worker(JoinHandle<()>);

impl Worker {
    /// Starts a worker with its share of the connections, which come from a listener that all workers
    /// share.
    ///
    /// # Errors
    /// The system refuses a thread or an event loop.
    pub fn start(
        worker: WorkerHandle,
        listener: TcpListener,
        settings: WorkerSettings,
    ) -> std::io::Result<Self> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .max_blocking_threads(BLOCKING_MAX)
            .build()?;
        let listener = {
            let _in_runtime = runtime.enter();
            tokio::net::TcpListener::from_std(listener)?
        };
        let WorkerSettings {
            tick,
            head_max,
            app,
            router,
            closed,
            ended,
            supervisor,
        } = settings;
        let thread = std::thread::Builder::new().name(format!("worker-{}", worker.number));
        let guard = supervisor.guard(format!("worker {}", worker.number));
        let thread = thread.spawn(move || {
            let _guard = guard;
            runtime.block_on(async move {
                let WorkerHandle { shard, number } = worker.clone();
                let flusher = Arc::clone(&shard);
                supervisor.spawn(format!("the flusher of worker {number}"), async move {
                    flusher.flush_forever(number).await;
                });
                supervisor.spawn(format!("the timer of worker {number}"), async move {
                    shard.tick_forever(tick).await;
                });
                let context = Arc::new(ConnectionContext {
                    worker,
                    head_max,
                    app,
                    router,
                    closed,
                });
                supervisor.spawn(
                    format!("the listener of worker {number}"),
                    accept::run(listener, context),
                );
                ended.cancelled().await;
            });
        })?;
        Ok(Self(thread))
    }

    /// Waits for its end. Blocks the calling thread.
    pub fn join(self) {
        if self.0.join().is_err() {
            tracing::error!("a worker ended badly");
        }
    }
}

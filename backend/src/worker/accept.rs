//! Accepting connections and serving their requests: usually a WebSocket, otherwise HTTP until the
//! connection is upgraded or closed.

use super::timed_body::TimedBody;
use crate::limits::{Limit, SocketSlot, Subnet};
use crate::request::address::Peer;
use crate::request::error::HttpError;
use crate::request::{AppState, guard};
use crate::session::link::WorkerHandle;
use crate::socket;
use crate::ws::first_request::{self, First};
use crate::ws::{self, Admission, Replay};
use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::http::request::Parts;
use axum::response::{IntoResponse, Response};
use common::ErrorFrame;
use futures_util::poll;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use parking_lot::Mutex;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tower::ServiceExt as _;

/// Bytes read at once, and so of a request's head at most.
const HEAD_BYTES_MAX: usize = 16 * 1024;

/// How long to wait where the system has no descriptor left: some connection will end.
const FULL_PAUSE: Duration = Duration::from_millis(100);

/// Time between two log lines about connections that cannot be accepted.
const LINE_EVERY: Duration = Duration::from_secs(60);

/// What a connection is served with.
pub(super) struct ConnectionContext {
    /// The worker.
    pub(super) worker: WorkerHandle,
    /// How long a request's head may take, the first one's and the next one's on the same
    /// connection.
    pub(super) head_max: Duration,
    /// What sessions are started with.
    pub(super) app: AppState,
    /// What else is served.
    pub(super) router: Router,
    /// No further connections are taken when this is cancelled.
    pub(super) closed: CancellationToken,
}

/// Takes connections until `closed` is cancelled.
pub(super) async fn run(listener: TcpListener, context: Arc<ConnectionContext>) {
    let mut last_line = None;
    while let Some(accepted) = context.closed.run_until_cancelled(listener.accept()).await {
        match accepted {
            Ok((stream, peer)) => {
                let peer = Peer(peer.ip());
                let Some(slot) = admit_socket(&context, &stream, peer) else {
                    continue;
                };
                // On Linux it has this from the listener.
                #[cfg(not(target_os = "linux"))]
                if let Err(error) = stream.set_nodelay(true) {
                    tracing::debug!(%error, "cannot set TCP_NODELAY");
                }
                let mut served = Box::pin(serve(stream, slot, peer, Arc::clone(&context)));
                // Most is done by then; a task is for what has to be waited for.
                if poll!(&mut served).is_pending() {
                    tokio::spawn(served);
                }
            }
            Err(error) if is_of_one_connection(&error) => {}
            Err(error) => {
                if last_line.is_none_or(|at: Instant| at.elapsed() >= LINE_EVERY) {
                    last_line = Some(Instant::now());
                    tracing::error!(%error, "cannot accept connections; trying again");
                }
                tokio::time::sleep(FULL_PAUSE).await;
            }
        }
    }
}

/// Whether only the connection that was about to be taken is lost.
fn is_of_one_connection(error: &std::io::Error) -> bool {
    use std::io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    matches!(
        error.kind(),
        ConnectionAborted | ConnectionRefused | ConnectionReset
    )
}

/// Counts a connection; where there is no room for it, says so on it.
fn admit_socket(context: &ConnectionContext, stream: &TcpStream, peer: Peer) -> Option<SocketSlot> {
    let app = &context.app;
    let subnet = (!app.proxies.trust(peer.0)).then(|| Subnet::of(peer.0));
    match app.limits.open_socket(subnet) {
        Ok(slot) => Some(slot),
        Err(limit) => {
            // What was sent already is read: closing over unread bytes would reset the connection,
            // and the answer with it.
            let mut unread = [0; 4096];
            drop(socket::read(stream, &mut unread));
            drop(stream.try_write(&refusal(limit)));
            None
        }
    }
}

/// The whole answer to a connection that is closed at once.
fn refusal(limit: Limit) -> Vec<u8> {
    let error = ErrorFrame::new(limit.code(), limit.words());
    let body = serde_json::to_string(&error).unwrap_or_default();
    let status = match limit {
        Limit::Connections => "503 Service Unavailable",
        _ => "429 Too Many Requests",
    };
    format!(
        "HTTP/1.1 {status}\r\nretry-after: 5\r\nconnection: close\r\n\
         content-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    )
    .into_bytes()
}

async fn serve(stream: TcpStream, slot: SocketSlot, peer: Peer, context: Arc<ConnectionContext>) {
    let first = match first_request::peek(&stream) {
        Some(first) => first,
        None => {
            // A connection without a request is closed silently when the node goes away.
            let first = tokio::time::timeout(context.head_max, first_request::read(&stream));
            let first = context.closed.run_until_cancelled(first).await;
            let Some(Ok(Some(first))) = first else {
                return;
            };
            first
        }
    };
    match first {
        First::Upgrade(request) => {
            match Box::pin(admit(&context.app, &request.parts, peer)).await {
                Ok(admission) => {
                    admission.start(
                        &context.app,
                        context.worker.clone(),
                        stream,
                        request.unread(),
                        slot,
                    );
                }
                Err(error) => {
                    let answer = guard::harden(&context.app, error.into_response());
                    let stream = Replay::new(request.into_bytes(), stream);
                    Box::pin(serve_http(stream, slot, Some(answer), peer, context)).await;
                }
            }
        }
        First::Other(bytes) => {
            let stream = Replay::new(bytes, stream);
            Box::pin(serve_http(stream, slot, None, peer, context)).await;
        }
    }
}

async fn admit(app: &AppState, parts: &Parts, peer: Peer) -> Result<Admission, HttpError> {
    guard::check(
        app,
        (&parts.method, parts.version),
        &parts.uri,
        &parts.headers,
    )?;
    ws::admit(app, parts, peer).await
}

/// Serves HTTP. The first request may have its answer already.
async fn serve_http(
    stream: Replay,
    slot: SocketSlot,
    first: Option<Response>,
    peer: Peer,
    context: Arc<ConnectionContext>,
) {
    let head_max = context.head_max;
    let closed = context.closed.clone();
    let body_max = context.app.limits.config().body_max;
    let first = Mutex::new(first);
    let slot = Arc::new(slot);
    let service = service_fn(move |mut request: Request<Incoming>| {
        request.extensions_mut().insert(context.worker.clone());
        request.extensions_mut().insert(peer);
        request.extensions_mut().insert(Arc::clone(&slot));
        let request = request.map(|body| Body::new(TimedBody::new(body, body_max)));
        let (answer, router) = (first.lock().take(), context.router.clone());
        async move {
            match answer {
                Some(answer) => Ok(answer),
                None => router.oneshot(request).await,
            }
        }
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(head_max)
        .max_buf_size(HEAD_BYTES_MAX)
        .serve_connection(TokioIo::new(stream), service)
        .with_upgrades();
    let mut connection = std::pin::pin!(connection);
    let ended = tokio::select! {
        ended = connection.as_mut() => ended,
        () = closed.cancelled() => {
            // What is being answered is answered; a silent connection is closed.
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = ended {
        tracing::debug!(%error, "an HTTP connection ended badly");
    }
}

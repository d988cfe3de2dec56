//! Taking connections, and serving HTTP on each until it is upgraded or done.

use crate::session::link::Home;
use axum::Router;
use axum::extract::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use std::net::IpAddr;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::CancellationToken;
use tower::ServiceExt as _;

/// Bytes read at once, and so of a request's head at most.
const HEAD_BYTES_MAX: usize = 16 * 1024;

/// How long to wait where the system has no descriptor left: some connection will end.
const FULL_PAUSE: Duration = Duration::from_millis(100);

/// Where a request's connection comes from.
#[derive(Debug, Clone, Copy)]
pub struct Peer(pub IpAddr);

/// What a connection is served with.
#[derive(Clone)]
pub(super) struct Door {
    /// The worker.
    pub(super) home: Home,
    /// How long a request's head may take, the first one's and the next one's on the same
    /// connection.
    pub(super) head_max: Duration,
    /// Who is at the other end.
    pub(super) peer: IpAddr,
}

/// Takes connections until `closed` is cancelled.
pub(super) async fn run(
    listener: TcpListener,
    router: Router,
    door: Door,
    closed: CancellationToken,
) {
    while let Some(accepted) = closed.run_until_cancelled(listener.accept()).await {
        match accepted {
            Ok((stream, peer)) => {
                // Frames are gathered before they are written: waiting for more would only delay
                // them.
                if let Err(error) = stream.set_nodelay(true) {
                    tracing::debug!(%error, "cannot set TCP_NODELAY");
                }
                let door = Door {
                    peer: peer.ip(),
                    ..door.clone()
                };
                tokio::spawn(serve(stream, router.clone(), door, closed.clone()));
            }
            Err(error) if is_of_one_connection(&error) => {}
            Err(error) => {
                tracing::error!(%error, "cannot take connections; trying again");
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

async fn serve(stream: TcpStream, router: Router, door: Door, closed: CancellationToken) {
    let Door {
        home,
        head_max,
        peer,
    } = door;
    let service = service_fn(move |mut request: Request<Incoming>| {
        request.extensions_mut().insert(home.clone());
        request.extensions_mut().insert(Peer(peer));
        router.clone().oneshot(request)
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

//! `GET /ws`: from an HTTP request to a running session.

use super::handshake::Handshake;
use crate::http::AppState;
use crate::http::error::{HttpError, HttpResult};
use crate::http::identity::Identity;
use crate::hub::Hub;
use crate::session::Session;
use crate::session::link::Home;
use axum::Extension;
use axum::extract::State;
use axum::response::Response;
use common::{ErrorCode, ErrorFrame};
use hyper::upgrade::Parts;
use hyper_util::rt::TokioIo;
use std::time::Duration;
use tokio::net::TcpStream;

/// Checks who comes, and hands the connection to a session on the worker that it came to.
///
/// # Errors
/// The identity is refused, or the node is full or going away.
pub async fn upgrade(
    State(app): State<AppState>,
    Extension(home): Extension<Home>,
    Identity(visitor): Identity,
    handshake: Handshake,
) -> HttpResult<Response> {
    if app.shutdown.is_cancelled() {
        return Err(HttpError::shutting_down());
    }
    let client = app.hub.count_client(app.connections_max).ok_or_else(|| {
        HttpError(ErrorFrame::new(
            ErrorCode::Overloaded,
            "the node has no room for more connections",
        ))
    })?;
    let connection = app.chance()?;
    let (response, upgrading) = handshake.accept();
    let tasks = app.sessions.clone();
    tokio::spawn(async move {
        let parts = match upgrading.await {
            Ok(upgraded) => upgraded.downcast::<TokioIo<TcpStream>>(),
            Err(error) => return tracing::debug!(%error, "a connection was not upgraded"),
        };
        let Ok(parts) = parts else {
            return tracing::error!("an upgraded connection is of an unknown kind");
        };
        let Parts { io, read_buf, .. } = parts;
        let (hub, config) = (app.hub.clone(), app.session.clone());
        let socket = io.into_inner();
        let session = Session::new(hub, config, home, connection, visitor, socket, &read_buf);
        let session = Box::new(session);
        // A task of its own: this one holds the room that the upgrade took.
        let shutdown = app.shutdown.clone();
        tokio::spawn(tasks.track_future(async move {
            session.run(shutdown, reconnect_after).await;
            drop(client);
        }));
    });
    Ok(response)
}

/// When a client may come back after a shutdown: at random within a time that grows with the
/// number of clients, so that they do not all come at once.
fn reconnect_after(hub: &Hub) -> Duration {
    const EARLIEST: Duration = Duration::from_millis(500);
    const PER_CLIENT: Duration = Duration::from_micros(500);
    const SPREAD_MAX: Duration = Duration::from_secs(30);
    let clients = u32::try_from(hub.clients()).unwrap_or(u32::MAX);
    let spread = PER_CLIENT
        .saturating_mul(clients)
        .clamp(EARLIEST, SPREAD_MAX);
    let spread_ms = u64::try_from(spread.as_millis()).unwrap_or(1).max(1);
    let random = hub.ambient.chance.bits().unwrap_or(0);
    EARLIEST + Duration::from_millis(random % spread_ms)
}

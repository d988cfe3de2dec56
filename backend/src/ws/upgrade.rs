//! `GET /ws`: from an HTTP request to a running session.

use super::socket::AxumSocket;
use crate::http::AppState;
use crate::http::error::{HttpError, HttpResult};
use crate::http::identity::Identity;
use crate::session::Session;
use axum::extract::ws::WebSocketUpgrade;
use axum::extract::{FromRequestParts, State};
use axum::http::request::Parts;
use axum::response::Response;
use common::ids::ConnectionId;
use common::version::SUPPORTED;
use common::{ErrorCode, ErrorFrame};
use std::time::Duration;

/// Bytes read from a socket at once. The library's 128 KiB would be held by every idle connection.
const READ_BUFFER_BYTES: usize = 4 * 1024;
/// Bytes gathered before a write; a flush writes what there is.
const WRITE_BUFFER_BYTES: usize = 16 * 1024;

/// A request to upgrade, or the reason why it is none, as an API error.
pub struct Upgrade(WebSocketUpgrade);

impl<S: Send + Sync> FromRequestParts<S> for Upgrade {
    type Rejection = HttpError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, HttpError> {
        let upgrade = WebSocketUpgrade::from_request_parts(parts, state).await;
        upgrade.map(Self).map_err(|rejection| {
            HttpError(ErrorFrame::new(
                ErrorCode::InvalidField,
                format!("this address speaks WebSocket: {}", rejection.body_text()),
            ))
        })
    }
}

/// Checks who comes, and hands the connection to a session.
///
/// # Errors
/// The identity is refused, or the node is full or going away.
pub async fn upgrade(
    State(app): State<AppState>,
    Identity(visitor): Identity,
    Upgrade(upgrade): Upgrade,
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
    let connection = ConnectionId::from_random(app.chance()?);
    let session = Session::new(app.hub.clone(), app.session.clone(), connection, visitor);
    let frame_bytes_max = app.session.limits.frame_bytes_max;
    let upgrade = upgrade
        .protocols(SUPPORTED.iter().copied())
        .read_buffer_size(READ_BUFFER_BYTES)
        .write_buffer_size(WRITE_BUFFER_BYTES)
        .max_frame_size(frame_bytes_max)
        .max_message_size(frame_bytes_max);
    let tasks = app.sessions.clone();
    Ok(upgrade.on_upgrade(move |socket| {
        tasks.track_future(async move {
            let spread = app.clone();
            let reconnect_after = move || reconnect_after(&spread);
            session
                .run(
                    AxumSocket::new(socket),
                    app.shutdown.clone(),
                    reconnect_after,
                )
                .await;
            drop(client);
        })
    }))
}

/// When a client may come back after a shutdown: at random within a time that grows with the
/// number of clients, so that they do not all come at once.
fn reconnect_after(app: &AppState) -> Duration {
    const EARLIEST: Duration = Duration::from_millis(500);
    const PER_CLIENT: Duration = Duration::from_micros(500);
    const SPREAD_MAX: Duration = Duration::from_secs(30);
    let clients = u32::try_from(app.hub.clients()).unwrap_or(u32::MAX);
    let spread = PER_CLIENT
        .saturating_mul(clients)
        .clamp(EARLIEST, SPREAD_MAX);
    let spread_ms = u64::try_from(spread.as_millis()).unwrap_or(1).max(1);
    let random = app.hub.ambient.chance.bits().unwrap_or(0);
    EARLIEST + Duration::from_millis(random % spread_ms)
}

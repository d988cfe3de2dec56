//! `GET /ws`: from an HTTP request to a running session.

use super::handshake::Handshake;
use crate::auth::{Kind, Visitor};
use crate::http::AppState;
use crate::http::address::Address;
use crate::http::cookies::{self, cookie};
use crate::http::error::{HttpError, HttpResult};
use crate::http::identity::Identity;
use crate::hub::Hub;
use crate::limits::Limit;
use crate::session::link::Home;
use crate::session::{Caller, Session};
use axum::Extension;
use axum::extract::State;
use axum::http::{HeaderMap, header};
use axum::response::Response;
use common::{CloseCode, ErrorCode, ErrorFrame};
use hyper::upgrade::Parts;
use hyper_util::rt::TokioIo;
use std::time::Duration;
use tokio::net::TcpStream;

/// When a connection that the node has no room for may be tried again.
const CROWDED: Duration = Duration::from_secs(1);

/// Checks who comes, and hands the connection to a session on the worker that it came to.
///
/// # Errors
/// The identity is refused, or the node is full or going away.
pub async fn upgrade(
    State(app): State<AppState>,
    Extension(home): Extension<Home>,
    identity: Result<Identity, HttpError>,
    handshake: Handshake,
    Address(subnet): Address,
    headers: HeaderMap,
) -> HttpResult<Response> {
    if app.shutdown.is_cancelled() {
        return Err(HttpError::shutting_down());
    }
    let full = || app.limits.refused(Limit::Connections, CROWDED);
    let max = app.limits.config().connections_max;
    let client = app.hub.count_client(max).ok_or_else(full);
    let client = client.map_err(HttpError)?;
    let place = app.limits.admit(subnet).map_err(HttpError)?;
    let (visitor, kept_out) = match identity {
        Ok(Identity(visitor)) => (visitor, None),
        // A page is not shown why its socket does not open; but it is shown how it closes.
        Err(error) => {
            let code = shown(&error.0, &headers).ok_or(error)?;
            let nobody = app.guests.anonymous()?;
            (Visitor::guest(nobody, Kind::Anonymous), Some(code))
        }
    };
    let open = app.hub.connections_of(&visitor.user.id);
    app.limits.admit_user(open).map_err(HttpError)?;
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
        let address = subnet.number();
        let caller = Caller { visitor, address };
        let session = Session::new(hub, config, home, connection, caller, socket, &read_buf);
        let session = Box::new(session);
        // A task of its own: this one holds the room that the upgrade took.
        if let Some(code) = kept_out {
            tokio::spawn(tasks.track_future(async move {
                session.turn_away(code).await;
                drop((client, place));
            }));
            return;
        }
        let shutdown = app.shutdown.clone();
        tokio::spawn(tasks.track_future(async move {
            session.run(shutdown, reconnect_after).await;
            drop((client, place));
        }));
    });
    Ok(response)
}

/// How a connection is closed that is not let in, where that is not said in the answer.
fn shown(error: &ErrorFrame, headers: &HeaderMap) -> Option<CloseCode> {
    if error.code == ErrorCode::Banned {
        return Some(CloseCode::Banned);
    }
    is_stale(error, headers).then_some(CloseCode::SignInExpired)
}

/// Whether a browser has come with an access token that does not hold any more: it refreshes that,
/// or hears then that the sign-in has ended.
fn is_stale(error: &ErrorFrame, headers: &HeaderMap) -> bool {
    let stale = [ErrorCode::TokenExpired, ErrorCode::Unauthenticated];
    stale.contains(&error.code)
        && cookie(headers, cookies::ACCESS).is_some()
        && !headers.contains_key(header::AUTHORIZATION)
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

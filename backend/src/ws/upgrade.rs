//! `GET /ws`: from an HTTP request to a running session.

use super::Replay;
use super::handshake::Handshake;
use crate::auth::{Kind, Visitor};
use crate::hub::{ConnectionCount, Hub, Reservation};
use crate::limits::{AddressSlot, Limit, SocketSlot};
use crate::request::address::Peer;
use crate::request::cookies::{self, cookie};
use crate::request::error::{HttpError, HttpResult};
use crate::request::identity::RequestIdentity;
use crate::request::{AppState, address};
use crate::session::Session;
use crate::session::link::{Link, WorkerHandle};
use axum::Extension;
use axum::extract::{Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, header};
use axum::response::Response;
use common::{CloseCode, ErrorCode, ErrorFrame};
use hyper::upgrade::OnUpgrade;
use hyper_util::rt::TokioIo;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpStream;

/// When a connection that the node has no room for may be tried again.
const RETRY_AFTER: Duration = Duration::from_secs(1);

/// Somebody who is let in, with the place they take.
pub struct Admission {
    visitor: Visitor,
    /// From where, as a number.
    address: u64,
    /// With what the connection is closed at once, where it is not let in.
    kept_out: Option<CloseCode>,
    connection: u64,
    handshake: Handshake,
    client: ConnectionCount,
    place: Option<AddressSlot>,
    /// Held until the session is registered for its user.
    reservation: Option<Reservation>,
}

/// Checks who comes, and whether there is room.
///
/// # Errors
/// It is no handshake, the identity is refused, or the node is full or going away.
pub async fn admit(app: &AppState, parts: &Parts, peer: Peer) -> HttpResult<Admission> {
    let handshake = Handshake::of(parts)?;
    let subnet = address::of(app, peer, &parts.headers)?;
    let identity = RequestIdentity::of(app, &parts.headers, &parts.uri, subnet).await;
    if app.shutdown.is_cancelled() {
        return Err(HttpError::shutting_down());
    }
    if app.cluster.is_cut_off() {
        let fault = app.store_health.fault().map(HttpError::from);
        return Err(fault.unwrap_or_else(HttpError::shutting_down));
    }
    let full = || app.limits.refused(Limit::Connections, RETRY_AFTER);
    let max = app.limits.config().connections_max;
    let client = app.hub.connections.count_client(max).ok_or_else(full);
    let client = client.map_err(HttpError)?;
    let place = app.limits.admit(subnet).map_err(HttpError)?;
    let (visitor, kept_out) = match identity {
        Ok(identity) => (identity.visitor, None),
        // A page is not shown why its socket does not open; but it is shown how it closes.
        Err(error) => {
            let code = shown(&error.0, &parts.headers).ok_or(error)?;
            let nobody = app.guests.anonymous()?;
            (Visitor::guest(nobody, Kind::Anonymous), Some(code))
        }
    };
    let user = &visitor.user.id;
    let reserve = |max| app.hub.connections.reserve(user, max);
    let reservation = app.limits.admit_user(user, reserve);
    let reservation = reservation.map_err(HttpError)?;
    Ok(Admission {
        visitor,
        address: subnet.number(),
        kept_out,
        connection: app.random()?,
        handshake,
        client,
        place,
        reservation,
    })
}

impl Admission {
    /// Starts the session on a connection whose handshake was read and not answered yet. The
    /// answer goes out with the first frame. `unread` is what came behind the request.
    pub fn start(
        self,
        app: &AppState,
        worker: WorkerHandle,
        socket: TcpStream,
        unread: &[u8],
        slot: SocketSlot,
    ) {
        let answer = self.handshake.bytes();
        self.start_behind(app, worker, socket, (answer, unread), slot);
    }

    fn start_behind(
        self,
        app: &AppState,
        worker: WorkerHandle,
        socket: TcpStream,
        (answer, unread): (Vec<u8>, &[u8]),
        slot: impl Send + 'static,
    ) {
        let Self {
            visitor,
            address,
            kept_out,
            connection,
            client,
            place,
            reservation,
            ..
        } = self;
        let (hub, config) = (app.hub.clone(), app.session.clone());
        let link = Link::new(socket, address, worker, config.timeouts(), answer);
        let session = Session::new(hub, config, link, connection, visitor, unread);
        let session = Box::new(session);
        drop(reservation);
        // A task of its own: the one that took the connection holds room for more.
        if let Some(code) = kept_out {
            tokio::spawn(app.sessions.track_future(async move {
                session.turn_away(code).await;
                drop((client, place, slot));
            }));
            return;
        }
        let shutdown = app.shutdown.clone();
        tokio::spawn(app.sessions.track_future(async move {
            session.run(shutdown, reconnect_after).await;
            drop((client, place, slot));
        }));
    }
}

/// `GET /ws` as the HTTP server has it: in pieces, or behind other requests on the connection.
///
/// # Errors
/// As for [`admit`].
pub async fn upgrade(
    State(app): State<AppState>,
    Extension(worker): Extension<WorkerHandle>,
    Extension(peer): Extension<Peer>,
    Extension(slot): Extension<Arc<SocketSlot>>,
    request: Request,
) -> HttpResult<Response> {
    let (mut parts, _) = request.into_parts();
    let admission = admit(&app, &parts, peer).await?;
    let upgrading = parts.extensions.remove::<OnUpgrade>();
    let upgrading =
        upgrading.ok_or_else(|| HttpError::internal(&"a request cannot be upgraded"))?;
    let response = admission.handshake.response()?;
    tokio::spawn(async move {
        let upgraded = match upgrading.await {
            Ok(upgraded) => upgraded.downcast::<TokioIo<Replay>>(),
            Err(error) => return tracing::debug!(%error, "a connection was not upgraded"),
        };
        let Ok(upgraded) = upgraded else {
            return tracing::error!("an upgraded connection is of an unknown kind");
        };
        let (socket, rest) = upgraded.io.into_inner().into_parts();
        let unread = [&upgraded.read_buf[..], &rest].concat();
        admission.start_behind(&app, worker, socket, (Vec::new(), &unread), slot);
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
    let clients = u32::try_from(hub.connections.clients()).unwrap_or(u32::MAX);
    let spread = PER_CLIENT
        .saturating_mul(clients)
        .clamp(EARLIEST, SPREAD_MAX);
    let spread_ms = u64::try_from(spread.as_millis()).unwrap_or(1).max(1);
    let random = hub.environment.random.bits().unwrap_or(0);
    EARLIEST + Duration::from_millis(random % spread_ms)
}

//! The HTTP API, as far as the page uses it: who the reader is, and which rooms there are.
//! Everything else goes over the socket.

use common::ErrorFrame;
use common::api::{RoomList, RoomSummary, SessionReply, SignIn};
use common::reply::User;
use common::text::UserName;
use gloo_net::http::{Request, Response};
use serde::de::DeserializeOwned;

const SESSION: &str = "/api/v1/session";
const ROOMS: &str = "/api/v1/rooms";

/// Why a call came to nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ApiError {
    /// No answer: the network, or the server, is away.
    Unreachable,
    /// The server said no.
    Refused(ErrorFrame),
    /// An answer that is not this protocol's: something else stands at this address.
    Unreadable,
}

/// Whom the server takes this browser for.
///
/// # Errors
/// See [`ApiError`].
pub async fn session() -> Result<Option<User>, ApiError> {
    let response = send(Request::get(SESSION).build()).await?;
    if matches!(response.status(), 401 | 404) {
        return Ok(None);
    }
    let reply: SessionReply = read(response).await?;
    Ok(reply.user)
}

/// Signs in as a guest.
///
/// # Errors
/// See [`ApiError`]; the name may be taken.
pub async fn sign_in(name: UserName) -> Result<User, ApiError> {
    let body = serde_json::to_string(&SignIn { name }).map_err(|_| ApiError::Unreadable)?;
    let request = Request::post(SESSION)
        .header("content-type", "application/json")
        .body(body);
    let response = send(request).await?;
    let reply: SessionReply = read(response).await?;
    reply.user.ok_or(ApiError::Unreadable)
}

/// Signs out.
///
/// # Errors
/// See [`ApiError`].
pub async fn sign_out() -> Result<(), ApiError> {
    let response = send(Request::delete(SESSION).build()).await?;
    if response.ok() {
        Ok(())
    } else {
        Err(refusal(response).await)
    }
}

/// The rooms there are, the most recently written to first.
///
/// # Errors
/// See [`ApiError`].
pub async fn rooms() -> Result<Vec<RoomSummary>, ApiError> {
    let response = send(Request::get(ROOMS).build()).await?;
    let list: RoomList = read(response).await?;
    Ok(list.rooms)
}

async fn send(request: Result<Request, gloo_net::Error>) -> Result<Response, ApiError> {
    let request = request.map_err(|_| ApiError::Unreachable)?;
    request.send().await.map_err(|_| ApiError::Unreachable)
}

async fn read<T: DeserializeOwned>(response: Response) -> Result<T, ApiError> {
    if !response.ok() {
        return Err(refusal(response).await);
    }
    let text = response.text().await.map_err(|_| ApiError::Unreachable)?;
    serde_json::from_str(&text).map_err(|_| ApiError::Unreadable)
}

async fn refusal(response: Response) -> ApiError {
    // A proxy before a server that is away answers for it, and not in JSON.
    let absent = matches!(response.status(), 502..=504);
    let text = response.text().await.unwrap_or_default();
    match serde_json::from_str(&text) {
        Ok(frame) => ApiError::Refused(frame),
        Err(_) if absent => ApiError::Unreachable,
        Err(_) => ApiError::Unreadable,
    }
}

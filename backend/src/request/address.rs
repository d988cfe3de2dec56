//! Where a request comes from, for the limits of one address.

use super::AppState;
use super::error::HttpError;
use crate::limits::Subnet;
use axum::extract::FromRequestParts;
use axum::http::HeaderMap;
use axum::http::request::Parts;
use common::ErrorCode;
use std::net::IpAddr;

/// The address at the other end of a connection.
#[derive(Debug, Clone, Copy)]
pub struct Peer(pub IpAddr);

/// The network that a request comes from.
#[derive(Debug, Clone, Copy)]
pub struct Address(pub Subnet);

impl FromRequestParts<AppState> for Address {
    type Rejection = HttpError;

    async fn from_request_parts(parts: &mut Parts, app: &AppState) -> Result<Self, HttpError> {
        let Some(peer) = parts.extensions.get::<Peer>() else {
            return Err(HttpError::internal(&"a request came without its peer"));
        };
        of(app, *peer, &parts.headers).map(Self)
    }
}

/// The place that a request with these headers comes from, on a connection from `peer`.
///
/// # Errors
/// A proxy that is believed says something that is no address.
pub fn of(app: &AppState, Peer(peer): Peer, headers: &HeaderMap) -> Result<Subnet, HttpError> {
    let said = headers.get_all(app.proxies.header.as_str());
    // What is no text is no address either.
    let said: Vec<&str> = said
        .iter()
        .map(|s| s.to_str().unwrap_or_default())
        .collect();
    let origin = app.proxies.origin(peer, said.into_iter());
    let origin = origin
        .map_err(|why| HttpError::invalid(ErrorCode::InvalidField, "the proxy's header", why))?;
    Ok(Subnet::of(origin))
}

//! The opening handshake (RFC 6455, section 4.2).

use crate::http::error::HttpError;
use axum::body::Body;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Version, header};
use axum::response::Response;
use common::version::SUPPORTED;
use common::{ErrorCode, ErrorFrame};
use hyper::upgrade::OnUpgrade;
use tungstenite::handshake::derive_accept_key;

/// A request to upgrade that keeps to the protocol, or the reason why it is none, as an API error.
pub struct Handshake {
    accept: HeaderValue,
    subprotocol: Option<HeaderValue>,
    upgrade: OnUpgrade,
}

impl<S: Send + Sync> FromRequestParts<S> for Handshake {
    type Rejection = HttpError;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, HttpError> {
        check(parts).map_err(|why| {
            HttpError(ErrorFrame::new(
                ErrorCode::InvalidField,
                format!("this address speaks WebSocket: {why}"),
            ))
        })
    }
}

fn check(parts: &mut Parts) -> Result<Handshake, &'static str> {
    let headers = &parts.headers;
    if parts.method != Method::GET || parts.version < Version::HTTP_11 {
        return Err("the request must be an HTTP/1.1 GET");
    }
    if !lists(headers, &header::CONNECTION, "upgrade") {
        return Err("`Connection` must name `upgrade`");
    }
    if !lists(headers, &header::UPGRADE, "websocket") {
        return Err("`Upgrade` must name `websocket`");
    }
    if headers.get(header::SEC_WEBSOCKET_VERSION) != Some(&HeaderValue::from_static("13")) {
        return Err("`Sec-WebSocket-Version` must be 13");
    }
    let key = headers.get(header::SEC_WEBSOCKET_KEY);
    let key = key.ok_or("`Sec-WebSocket-Key` is missing")?;
    let accept = HeaderValue::from_str(&derive_accept_key(key.as_bytes()));
    let accept = accept.map_err(|_| "`Sec-WebSocket-Key` is refused")?;
    let subprotocol = SUPPORTED
        .iter()
        .find(|known| lists(headers, &header::SEC_WEBSOCKET_PROTOCOL, known))
        .map(|known| HeaderValue::from_static(known));
    let upgrade = parts.extensions.remove::<OnUpgrade>();
    let upgrade = upgrade.ok_or("the connection cannot be upgraded")?;
    Ok(Handshake {
        accept,
        subprotocol,
        upgrade,
    })
}

/// Whether a header of comma-separated tokens names this one.
fn lists(headers: &HeaderMap, name: &HeaderName, token: &str) -> bool {
    headers
        .get_all(name)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .any(|listed| listed.trim().eq_ignore_ascii_case(token))
}

impl Handshake {
    /// The answer that switches protocols, and the connection when it has been sent.
    pub fn accept(self) -> (Response, OnUpgrade) {
        let mut response = Response::new(Body::empty());
        *response.status_mut() = StatusCode::SWITCHING_PROTOCOLS;
        let headers = response.headers_mut();
        headers.insert(header::CONNECTION, HeaderValue::from_static("upgrade"));
        headers.insert(header::UPGRADE, HeaderValue::from_static("websocket"));
        headers.insert(header::SEC_WEBSOCKET_ACCEPT, self.accept);
        if let Some(subprotocol) = self.subprotocol {
            headers.insert(header::SEC_WEBSOCKET_PROTOCOL, subprotocol);
        }
        (response, self.upgrade)
    }
}

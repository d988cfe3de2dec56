//! The opening handshake (RFC 6455, section 4.2).

use crate::http::error::HttpError;
use axum::body::Body;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Version, header};
use axum::response::Response;
use common::version::SUPPORTED;
use common::{ErrorCode, ErrorFrame};
use tungstenite::handshake::derive_accept_key;

/// A request to upgrade that keeps to the protocol.
pub struct Handshake {
    accept: String,
    subprotocol: Option<&'static str>,
}

fn check(parts: &Parts) -> Result<Handshake, &'static str> {
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
    let mut known = SUPPORTED.iter().copied();
    Ok(Handshake {
        accept: derive_accept_key(key.as_bytes()),
        subprotocol: known.find(|known| lists(headers, &header::SEC_WEBSOCKET_PROTOCOL, known)),
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
    /// Looks at a request.
    ///
    /// # Errors
    /// It does not ask for a WebSocket, or not in the right way.
    pub fn of(parts: &Parts) -> Result<Self, HttpError> {
        check(parts).map_err(|why| {
            HttpError(ErrorFrame::new(
                ErrorCode::InvalidField,
                format!("this address speaks WebSocket: {why}"),
            ))
        })
    }

    /// The answer that switches protocols, for the HTTP server to send.
    ///
    /// # Errors
    /// Never: what was derived of a key is base64.
    pub(super) fn response(&self) -> Result<Response, HttpError> {
        let response = Response::builder()
            .status(StatusCode::SWITCHING_PROTOCOLS)
            .header(header::CONNECTION, "upgrade")
            .header(header::UPGRADE, "websocket")
            .header(header::SEC_WEBSOCKET_ACCEPT, &self.accept);
        let response = match self.subprotocol {
            Some(name) => response.header(header::SEC_WEBSOCKET_PROTOCOL, name),
            None => response,
        };
        let response = response.body(Body::empty());
        response.map_err(|error| HttpError::internal(&error))
    }

    /// The same answer as bytes.
    #[must_use]
    pub fn bytes(&self) -> Vec<u8> {
        const START: &str = "HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: websocket\r\nsec-websocket-accept: ";
        const PROTOCOL: &str = "\r\nsec-websocket-protocol: ";
        let protocol = self.subprotocol.map(|name| [PROTOCOL, name]);
        let protocol = protocol.iter().flatten().copied();
        let all = [START, self.accept.as_str()].into_iter().chain(protocol);
        let mut bytes = Vec::with_capacity(ROOM);
        for part in all.chain(["\r\n\r\n"]) {
            bytes.extend_from_slice(part.as_bytes());
        }
        bytes
    }
}

/// Bytes of the answer, and of the `welcome` that is sent with it.
const ROOM: usize = 768;

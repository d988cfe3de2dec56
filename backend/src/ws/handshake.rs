//! The opening handshake (RFC 6455, section 4.2).

use crate::request::error::HttpError;
use axum::body::Body;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Version, header};
use axum::response::Response;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use common::version::SUPPORTED;
use common::{ErrorCode, ErrorFrame};
use tungstenite::handshake::derive_accept_key;

/// A request to upgrade that keeps to the protocol.
pub struct Handshake {
    accept: String,
    subprotocol: Option<&'static str>,
}

/// Why a request is not answered with `101`.
enum Refusal {
    /// It is not a request to open a WebSocket, or a malformed one.
    Malformed(&'static str),
    /// It asks for another version of the protocol (RFC 6455, section 4.4).
    Version,
}

impl From<&'static str> for Refusal {
    fn from(why: &'static str) -> Self {
        Self::Malformed(why)
    }
}

impl From<Refusal> for HttpError {
    fn from(refusal: Refusal) -> Self {
        let (code, why) = match refusal {
            Refusal::Malformed(why) => (ErrorCode::InvalidField, why),
            Refusal::Version => (
                ErrorCode::UnsupportedVersion,
                "`Sec-WebSocket-Version` must be 13",
            ),
        };
        Self(ErrorFrame::new(
            code,
            format!("this address speaks WebSocket: {why}"),
        ))
    }
}

/// Bytes of the nonce in `Sec-WebSocket-Key` (RFC 6455, section 4.1).
const KEY_BYTES: usize = 16;

fn check(parts: &Parts) -> Result<Handshake, Refusal> {
    let headers = &parts.headers;
    if parts.method != Method::GET || parts.version < Version::HTTP_11 {
        return Err("the request must be an HTTP/1.1 GET".into());
    }
    if !lists(headers, &header::CONNECTION, "upgrade") {
        return Err("`Connection` must name `upgrade`".into());
    }
    if !lists(headers, &header::UPGRADE, "websocket") {
        return Err("`Upgrade` must name `websocket`".into());
    }
    if headers.get(header::SEC_WEBSOCKET_VERSION) != Some(&HeaderValue::from_static("13")) {
        return Err(Refusal::Version);
    }
    let key = headers.get(header::SEC_WEBSOCKET_KEY);
    let key = key.ok_or("`Sec-WebSocket-Key` is missing")?;
    let mut nonce = [0; KEY_BYTES + 2];
    let decoded = STANDARD.decode_slice(key.as_bytes(), &mut nonce);
    if decoded != Ok(KEY_BYTES) {
        return Err("`Sec-WebSocket-Key` must be 16 bytes in base64".into());
    }
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
        Ok(check(parts)?)
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

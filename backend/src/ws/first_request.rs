//! Parsing the first request of a connection without the HTTP server, where it is an ordinary WebSocket
//! handshake.
//!
//! After a restart, thousands of clients send that handshake at once. A handshake that is complete in
//! the first bytes goes straight to [`admit`](super::admit). Everything else goes to the HTTP server,
//! which receives the same bytes again.

use crate::socket;
use axum::http::request::Parts;
use axum::http::{HeaderName, HeaderValue, Method, Request, Uri, header};
use std::io::ErrorKind;
use tokio::net::TcpStream;

/// Bytes looked at; a longer head is the HTTP server's to read.
const HEAD_BYTES: usize = 4096;

/// Header fields of such a head; browsers send about twenty.
const FIELDS_MAX: usize = 48;

/// What came first.
pub enum First {
    /// A request to open a WebSocket.
    Upgrade(Box<UpgradeRequest>),
    /// Anything else, or a part of it.
    Other(Vec<u8>),
}

/// A request to open a WebSocket.
pub struct UpgradeRequest {
    /// Its head.
    pub parts: Parts,
    bytes: Vec<u8>,
    length: usize,
}

impl UpgradeRequest {
    /// What came behind it.
    #[must_use]
    pub fn unread(&self) -> &[u8] {
        self.bytes.get(self.length..).unwrap_or_default()
    }

    /// The request as it came, and what came behind it.
    #[must_use]
    pub fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }
}

/// What is there already, on a connection that nobody has looked at: mostly all of it, for a
/// request sets out as soon as the connection stands. None where nothing is.
pub fn peek(stream: &TcpStream) -> Option<First> {
    let mut bytes = [0; HEAD_BYTES];
    match socket::read(stream, &mut bytes) {
        Ok(count @ 1..) => Some(First::of(bytes.get(..count)?)),
        // An end, or a fault, is found again by who waits.
        Ok(0) | Err(_) => None,
    }
}

/// Waits for the first bytes. None where the other side has gone.
pub async fn read(stream: &TcpStream) -> Option<First> {
    loop {
        stream.readable().await.ok()?;
        let mut bytes = [0; HEAD_BYTES];
        match socket::read(stream, &mut bytes) {
            Ok(0) => return None,
            Ok(count) => return Some(First::of(bytes.get(..count)?)),
            Err(error) if error.kind() == ErrorKind::WouldBlock => {}
            Err(_) => return None,
        }
    }
}

impl First {
    /// What these bytes are.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Self {
        let found = upgrade(bytes);
        let bytes = bytes.to_vec();
        match found {
            Some((parts, length)) => Self::Upgrade(Box::new(UpgradeRequest {
                parts,
                bytes,
                length,
            })),
            None => Self::Other(bytes),
        }
    }
}

/// The request and its length, if it is whole and asks for the one address that is served here. What is odd about
/// it in any way is the HTTP server's to refuse.
fn upgrade(bytes: &[u8]) -> Option<(Parts, usize)> {
    if !is_for_socket(bytes) {
        return None;
    }
    let mut fields = [httparse::EMPTY_HEADER; FIELDS_MAX];
    let mut head = httparse::Request::new(&mut fields);
    let Ok(httparse::Status::Complete(length)) = head.parse(bytes) else {
        return None;
    };
    if head.version != Some(1) {
        return None;
    }
    let (mut parts, ()) = Request::new(()).into_parts();
    parts.method = Method::GET;
    parts.uri = Uri::try_from(head.path?).ok()?;
    parts.headers.reserve(head.headers.len());
    for field in head.headers.iter() {
        let name = HeaderName::from_bytes(field.name.as_bytes()).ok()?;
        let value = HeaderValue::from_bytes(field.value).ok()?;
        parts.headers.append(name, value);
    }
    let has = |name| parts.headers.contains_key(name);
    // A body would have to be read before anything else.
    let is_default = !has(header::CONTENT_LENGTH) && !has(header::TRANSFER_ENCODING);
    let is_upgrade = has(header::UPGRADE) && has(header::HOST);
    (is_default && is_upgrade).then_some((parts, length))
}

fn is_for_socket(bytes: &[u8]) -> bool {
    let rest = bytes.strip_prefix(b"GET /ws");
    rest.is_some_and(|rest| matches!(rest.first(), Some(b' ' | b'?')))
}

#[cfg(test)]
mod tests {
    use super::*;

    const WHOLE: &str =
        "GET /ws?name=Ada HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nX: 1\r\nX: 2\r\n\r\n";

    #[test]
    fn a_whole_request_for_the_socket_is_taken_with_all_its_fields() {
        let bytes = format!("{WHOLE}behind");
        let (parts, length) = upgrade(bytes.as_bytes()).unwrap();
        assert_eq!(length, WHOLE.len());
        assert_eq!(parts.uri, "/ws?name=Ada");
        let values: Vec<_> = parts.headers.get_all("x").iter().collect();
        assert_eq!(values, ["1", "2"]);
    }

    #[test]
    fn everything_else_is_left_to_the_http_server() {
        for (from, to) in [
            ("GET", "POST"),
            ("/ws?", "/wsx?"),
            ("/ws?", "/api/v1/rooms?"),
            ("/ws?", "http://a/ws?"),
            ("HTTP/1.1", "HTTP/1.0"),
            ("HTTP/1.1", "HTTP/2.0"),
            ("HTTP/1.1\r\n", "HTTP/1.1\r\nbad field: 1\r\n"),
            ("X: 1", "X: \u{1}"),
            ("X: 1", "Content-Length: 1"),
            ("X: 1", "Transfer-Encoding: chunked"),
            ("Upgrade: websocket\r\n", ""),
            ("Host: a\r\n", ""),
            ("\r\n\r\n", "\r\n"),
            ("?name=Ada", "?\u{0}"),
        ] {
            let bytes = WHOLE.replacen(from, to, 1);
            assert!(upgrade(bytes.as_bytes()).is_none(), "{bytes:?}");
        }
        for length in 0..WHOLE.len() {
            let part = WHOLE.get(..length).unwrap();
            assert!(upgrade(part.as_bytes()).is_none(), "{part:?}");
        }
        let many = WHOLE.replace("X: 1\r\n", &"X: 1\r\n".repeat(FIELDS_MAX));
        assert!(upgrade(many.as_bytes()).is_none());
    }
}

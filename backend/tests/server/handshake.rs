//! The opening handshake, however its bytes come: whole, in pieces, or behind another request on
//! the same connection. All three ways end the same.

use crate::support::{DEADLINE, Server};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

const FIELDS: &str = "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";

/// `{"type":"ping"}` as a client sends it, masked with zeros.
const PING: &[u8] = b"\x81\x8f\0\0\0\0{\"type\":\"ping\"}";

#[derive(Debug, Clone, Copy)]
enum Way {
    Whole,
    Pieces,
    Behind,
}

const WAYS: [Way; 3] = [Way::Whole, Way::Pieces, Way::Behind];

async fn send(server: &Server, way: Way, request: &str) -> TcpStream {
    let mut stream = TcpStream::connect(server.address).await.unwrap();
    stream.set_nodelay(true).unwrap();
    match way {
        Way::Whole => stream.write_all(request.as_bytes()).await.unwrap(),
        Way::Pieces => {
            // Mostly the first piece is read before the second comes; where not, this is the first
            // way once more.
            let (start, rest) = request.split_at(20);
            stream.write_all(start.as_bytes()).await.unwrap();
            for _ in 0..100 {
                tokio::task::yield_now().await;
            }
            stream.write_all(rest.as_bytes()).await.unwrap();
        }
        Way::Behind => {
            let first = format!("GET /health HTTP/1.1\r\nHost: {}\r\n\r\n", server.address);
            stream.write_all(first.as_bytes()).await.unwrap();
            let answer = head(&mut stream).await;
            assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
            let length = field(&answer, "content-length").parse().unwrap();
            stream.read_exact(&mut vec![0; length]).await.unwrap();
            stream.write_all(request.as_bytes()).await.unwrap();
        }
    }
    stream
}

async fn head(stream: &mut TcpStream) -> String {
    let mut bytes = Vec::new();
    let read = async {
        while !bytes.ends_with(b"\r\n\r\n") {
            bytes.push(stream.read_u8().await.unwrap());
        }
    };
    timeout(DEADLINE, read).await.expect("no answer");
    String::from_utf8(bytes).unwrap()
}

fn field<'a>(head: &'a str, name: &str) -> &'a str {
    let mut fields = head.lines().filter_map(|line| line.split_once(": "));
    let found = fields.find(|(key, _)| key.eq_ignore_ascii_case(name));
    found.unwrap_or_else(|| panic!("no {name} in {head}")).1
}

/// The payload of the server's next frame; all that are read here are short texts.
async fn frame(stream: &mut TcpStream) -> String {
    let read = async {
        assert_eq!(stream.read_u8().await.unwrap(), 0x81);
        let length = match stream.read_u8().await.unwrap() {
            126 => usize::from(stream.read_u16().await.unwrap()),
            length => usize::from(length),
        };
        let mut payload = vec![0; length];
        stream.read_exact(&mut payload).await.unwrap();
        String::from_utf8(payload).unwrap()
    };
    timeout(DEADLINE, read).await.expect("no frame")
}

#[tokio::test]
async fn a_handshake_is_answered_alike_however_it_comes() {
    let server = Server::start().await;
    for way in WAYS {
        let request = format!(
            "GET /ws?name=Ada HTTP/1.1\r\nHost: {}\r\n{FIELDS}Sec-WebSocket-Protocol: other, hubbub.v1.json\r\n\r\n",
            server.address
        );
        let mut stream = send(&server, way, &request).await;
        let answer = head(&mut stream).await;
        assert!(answer.starts_with("HTTP/1.1 101 "), "{way:?}: {answer}");
        for (name, value) in [
            ("connection", "upgrade"),
            ("upgrade", "websocket"),
            // The key and its answer are those of RFC 6455, section 1.3.
            ("sec-websocket-accept", "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="),
            ("sec-websocket-protocol", "hubbub.v1.json"),
        ] {
            assert_eq!(field(&answer, name), value, "{way:?}");
        }
        let welcome = frame(&mut stream).await;
        assert!(welcome.contains(r#""name":"Ada""#), "{way:?}: {welcome}");
        stream.write_all(PING).await.unwrap();
        let pong = frame(&mut stream).await;
        assert!(pong.contains("pong"), "{way:?}: {pong}");
    }
}

#[tokio::test]
async fn a_handshake_that_is_refused_is_refused_alike_however_it_comes() {
    let server = Server::with(|config| config.auth.guests = false).await;
    let host = server.address.to_string();
    let fields = |extra: &str| format!("{FIELDS}{extra}");
    for (host, fields, status, code) in [
        (host.as_str(), fields(""), 401, "unauthenticated"),
        (
            host.as_str(),
            fields("Authorization: Bearer hba_x\r\n"),
            401,
            "unauthenticated",
        ),
        (
            host.as_str(),
            fields("Origin: https://evil.example\r\n"),
            403,
            "foreign_origin",
        ),
        ("evil.example", fields(""), 421, "foreign_host"),
        (
            host.as_str(),
            FIELDS.replace("13", "8"),
            426,
            "unsupported_version",
        ),
        (
            host.as_str(),
            FIELDS.replace("dGhlIHNhbXBsZSBub25jZQ==", "abc"),
            400,
            "invalid_field",
        ),
        (
            host.as_str(),
            // 15 bytes.
            FIELDS.replace("dGhlIHNhbXBsZSBub25jZQ==", "dGhlIHNhbXBsZSBub25j"),
            400,
            "invalid_field",
        ),
        (
            host.as_str(),
            FIELDS.replace("websocket", "h2c"),
            400,
            "invalid_field",
        ),
    ] {
        for way in WAYS {
            let request = format!("GET /ws HTTP/1.1\r\nHost: {host}\r\n{fields}\r\n");
            let mut stream = send(&server, way, &request).await;
            let answer = head(&mut stream).await;
            assert!(
                answer.starts_with(&format!("HTTP/1.1 {status} ")),
                "{way:?}, {request}: {answer}"
            );
            assert_eq!(
                field(&answer, "x-content-type-options"),
                "nosniff",
                "{way:?}"
            );
            if status == 426 {
                assert_eq!(field(&answer, "sec-websocket-version"), "13", "{way:?}");
            }
            let length = field(&answer, "content-length").parse().unwrap();
            let mut body = vec![0; length];
            stream.read_exact(&mut body).await.unwrap();
            let body = String::from_utf8(body).unwrap();
            assert!(
                body.contains(&format!("\"code\":\"{code}\"")),
                "{way:?}: {body}"
            );
        }
    }
}

#[tokio::test]
async fn frames_that_come_with_the_handshake_are_read() {
    let server = Server::start().await;
    for way in WAYS {
        let request = format!(
            "GET /ws HTTP/1.1\r\nHost: {}\r\n{FIELDS}\r\n",
            server.address
        );
        let mut stream = match way {
            Way::Whole => {
                let mut stream = TcpStream::connect(server.address).await.unwrap();
                let bytes = [request.as_bytes(), PING].concat();
                stream.write_all(&bytes).await.unwrap();
                stream
            }
            way => {
                let mut stream = send(&server, way, &request).await;
                stream.write_all(PING).await.unwrap();
                stream
            }
        };
        head(&mut stream).await;
        assert!(frame(&mut stream).await.contains("welcome"), "{way:?}");
        assert!(frame(&mut stream).await.contains("pong"), "{way:?}");
    }
}

#[tokio::test]
async fn who_connects_and_asks_for_nothing_is_closed() {
    let server = Server::with(|config| config.limits.head_max = Duration::from_millis(200)).await;
    for start in ["", "GET /ws HTT", "G"] {
        let mut stream = TcpStream::connect(server.address).await.unwrap();
        stream.write_all(start.as_bytes()).await.unwrap();
        let mut rest = Vec::new();
        let read = timeout(DEADLINE, stream.read_to_end(&mut rest)).await;
        assert!(read.is_ok(), "{start:?} was left open");
    }
}

//! What a hostile program sends that knows the protocols well: odd addresses and headers, bombs of
//! fragments, extensions that nobody offered, a request that never ends. In the end the node serves
//! others as before.

use crate::support::client::open;
use crate::support::http::request;
use crate::support::raw::{UPGRADE, close_code, frame, socket};
use crate::support::{DEADLINE, Server};
use serde_json::json;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout};

/// What comes back for these bytes, until the server closes or says nothing for a while.
async fn answer_to(server: &Server, bytes: &[u8]) -> String {
    let mut stream = TcpStream::connect(server.address).await.unwrap();
    drop(stream.write_all(bytes).await);
    let mut answer = Vec::new();
    let head = async {
        while !answer.windows(4).any(|end| end == b"\r\n\r\n") {
            match stream.read_u8().await {
                Ok(byte) => answer.push(byte),
                Err(_) => return,
            }
        }
    };
    timeout(DEADLINE, head)
        .await
        .expect("no answer, and no end");
    String::from_utf8_lossy(&answer).into_owned()
}

async fn serves(server: &Server) {
    let mut client = server.connect("Witness").await;
    client.join("general").await;
    client.say("general", "as before").await;
    assert_eq!(client.hear(1).await, ["as before"]);
}

#[tokio::test]
async fn no_spelling_of_an_address_leads_around_what_is_asked_of_it() {
    let server = Server::start().await;
    let body = json!({"name": "Ada", "password": "correct horse battery"});
    assert_eq!(
        server
            .post("/api/v1/accounts", &body.to_string())
            .await
            .status,
        201
    );
    for path in [
        "/api/v1/audit",
        "/api/v1/audit/",
        "//api/v1/audit",
        "/api/v1//audit",
        "/api/v1/./audit",
        "/api/v1/rooms/../audit",
        "/api/v1/rooms/%2e%2e/audit",
        "/api/v1/rooms/..%2faudit",
        "/api/v1/%61udit",
        "/API/V1/AUDIT",
        "/api/v1/audit;x",
        "/api/v1/audit%00",
        "/api/v1/accounts?role=admin",
        "/api/v1/keys#",
    ] {
        let answer = request(server.address, "GET", path, &[], "").await;
        // 308 leads to the address without its slash, which is asked the same.
        let is_refused = matches!(answer.status, 308 | 400 | 401 | 403 | 404);
        assert!(is_refused, "{path}: {answer:?}");
        assert!(!answer.body.contains("signed_up"), "{path}: {answer:?}");
    }
    for override_of in ["X-HTTP-Method-Override", "X-Original-URL", "X-Rewrite-URL"] {
        let headers = [(override_of, "/api/v1/audit")];
        let answer = request(server.address, "GET", "/health", &headers, "").await;
        assert!(answer.body.contains("ok"), "{override_of}: {answer:?}");
    }
    serves(&server).await;
}

#[tokio::test]
async fn requests_that_two_servers_could_read_in_two_ways_are_refused() {
    let server = Server::start().await;
    let host = format!("Host: {}\r\n", server.address);
    for (start, fields) in [
        (
            "POST /api/v1/session",
            "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n",
        ),
        (
            "POST /api/v1/session",
            "Content-Length: 5\r\nContent-Length: 6\r\n",
        ),
        ("POST /api/v1/session", "Content-Length: -1\r\n"),
        ("GET /ws", "Bad Name: 1\r\n"),
        ("GET /ws", "Name : 1\r\n"),
        ("GET /ws\u{0}", ""),
        (
            "GET /ws HTTP/1.1\r\nX: y\r\n\r\nGET /health",
            "X: \u{0}\r\n",
        ),
    ] {
        let bytes = format!("{start} HTTP/1.1\r\n{host}{fields}\r\n12345");
        let answer = answer_to(&server, bytes.as_bytes()).await;
        let refused = answer.starts_with("HTTP/1.1 4") || answer.is_empty();
        assert!(refused, "{bytes:?}: {answer:?}");
    }
    let own = format!("Host: {0}\r\nOrigin: http://{0}\r\n", server.address);
    for (start, fields) in [
        (
            "GET /ws",
            format!("{own}Origin: https://evil.example\r\n{UPGRADE}"),
        ),
        ("GET /ws", format!("Host: a@localhost\r\n{UPGRADE}")),
        ("GET /ws", UPGRADE.to_owned()),
        ("GET /health", String::new()),
        ("GET http://localhost/health", host.clone()),
        (
            "POST /api/v1/rooms/r/messages?name=Ada",
            format!("{own}Content-Type: application/json\r\nTransfer-Encoding: gzip, chunked\r\n"),
        ),
    ] {
        let bytes = format!("{start} HTTP/1.1\r\n{fields}\r\n0\r\n\r\n");
        let answer = answer_to(&server, bytes.as_bytes()).await;
        assert!(answer.starts_with("HTTP/1.1 400"), "{bytes:?}: {answer:?}");
    }
    let two = format!("GET /ws HTTP/1.1\r\n{host}Host: evil.example\r\n{UPGRADE}\r\n");
    let answer = answer_to(&server, two.as_bytes()).await;
    assert!(!answer.starts_with("HTTP/1.1 101"), "two hosts: {answer}");
    serves(&server).await;
}

#[tokio::test]
async fn a_line_break_in_what_people_say_never_becomes_a_header() {
    let server = Server::start().await;
    let body = json!({"name": "A\r\nSet-Cookie: x=y"}).to_string();
    let answer = server.post("/api/v1/session", &body).await;
    assert_eq!((answer.status, answer.header("set-cookie")), (400, None));
    let path = "/api/v1/rooms/a%0d%0aSet-Cookie:%20x=y/messages";
    let answer = server.get(path).await;
    assert_eq!((answer.status, answer.header("set-cookie")), (400, None));
    let named = open(server.address, "/ws?name=a%0d%0aX:%20y", &[]).await;
    assert!(named.is_err());
}

#[tokio::test]
async fn a_bomb_of_fragments_is_bounded_by_what_it_holds() {
    let server = Server::with(|config| config.limits.frame_bytes_max = 64 * 1024).await;
    // A message that grows over the bound, fragment by fragment.
    let (mut stream, _) = socket(&server, "").await;
    stream.write_all(&frame(0x01, b"x")).await.unwrap();
    let piece = frame(0x00, &[b'x'; 1000]);
    for _ in 0..100 {
        if stream.write_all(&piece).await.is_err() {
            break;
        }
    }
    assert_eq!(close_code(&mut stream).await, 1009);
    // Fragments of nothing: they may come for ever, and hold nothing.
    let (mut stream, _) = socket(&server, "").await;
    let nothing = frame(0x00, b"").repeat(10_000);
    stream
        .write_all(&frame(0x01, b"{\"type\":\"pi"))
        .await
        .unwrap();
    for _ in 0..10 {
        stream.write_all(&nothing).await.unwrap();
    }
    stream.write_all(&frame(0x80, b"ng\"}")).await.unwrap();
    stream
        .write_all(&frame(0x88, &1000_u16.to_be_bytes()))
        .await
        .unwrap();
    assert_eq!(close_code(&mut stream).await, 1000, "after the pong");
    serves(&server).await;
}

#[tokio::test]
async fn compression_is_not_agreed_on_and_a_compressed_frame_is_no_frame() {
    let server = Server::start().await;
    let offer = "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n";
    let (mut stream, answer) = socket(&server, offer).await;
    assert!(!answer.to_lowercase().contains("extensions"), "{answer}");
    // As a deflate bomb would begin: the first reserved bit says "compressed".
    stream.write_all(&frame(0xc1, &[0; 100])).await.unwrap();
    assert_eq!(close_code(&mut stream).await, 1002);
    serves(&server).await;
}

#[tokio::test]
async fn an_upgrade_that_comes_byte_by_byte_is_given_so_long_and_no_longer() {
    let head_max = Duration::from_millis(500);
    let server = Server::with(|config| config.limits.head_max = head_max).await;
    let mut streams = Vec::new();
    for _ in 0..50 {
        let mut stream = TcpStream::connect(server.address).await.unwrap();
        stream.write_all(b"GET /ws HTTP/1.1\r\n").await.unwrap();
        streams.push(stream);
    }
    let began = Instant::now();
    serves(&server).await;
    for mut stream in streams {
        // A byte now and then does not buy more time.
        let trickle = async {
            let mut bytes = [0; 512];
            loop {
                let _ = stream.write_all(b"X").await;
                match timeout(head_max / 10, stream.read(&mut bytes)).await {
                    Err(_) => {}
                    Ok(Ok(1..)) => {}
                    Ok(_) => return,
                }
            }
        };
        timeout(DEADLINE, trickle).await.expect("it is left open");
    }
    assert!(began.elapsed() < DEADLINE);
    serves(&server).await;
}

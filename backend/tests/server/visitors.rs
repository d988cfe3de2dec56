//! A new name, or none, in each request is no new allowance: who proves nothing is counted by address.

use crate::support::Server;
use crate::support::client::open;
use crate::support::people::Person;
use crate::support::{DEADLINE, http};
use backend::config::Config;
use serde_json::json;
use std::num::NonZeroU32;
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::timeout;

/// Rates at which nothing comes back while a test runs.
async fn with(change: impl FnOnce(&mut Config)) -> Server {
    Server::with(|config| {
        config.limits.unproven_factor = NonZeroU32::MIN;
        change(config);
    })
    .await
}

async fn statuses(
    server: &Server,
    count: usize,
    method: &str,
    path: impl Fn(usize) -> String,
    body: &str,
) -> Vec<u16> {
    let headers = [("content-type", "application/json")];
    let mut found = Vec::new();
    for n in 0..count {
        let answer = http::request(server.address, method, &path(n), &headers, body).await;
        found.push(answer.status);
    }
    found
}

fn count(statuses: &[u16], status: u16) -> usize {
    statuses.iter().filter(|found| **found == status).count()
}

#[tokio::test]
async fn posts_under_ever_new_names_are_limited_and_a_member_is_not() {
    let server = with(|config| {
        config.limits.messages_per_second = 1;
        config.limits.messages_burst = 5;
    })
    .await;
    let ada = Person::account(&server, "Ada").await;
    let body = r#"{"content":"x"}"#;
    let path = |n: usize| match n % 2 {
        0 => format!("/api/v1/rooms/r/messages?name=g{n}"),
        _ => "/api/v1/rooms/r/messages".to_owned(),
    };
    let found = statuses(&server, 40, "POST", path, body).await;
    assert!(count(&found, 201) >= 5, "{found:?}");
    assert!(count(&found, 429) >= 20, "{found:?}");
    let own = ada.send(
        &server,
        "POST",
        "/api/v1/rooms/r/messages",
        json!({"content": "mine"}),
    );
    assert_eq!(own.await.status, 201);
}

#[tokio::test]
async fn sockets_of_one_address_share_what_visitors_may_send() {
    let server = with(|config| {
        config.limits.messages_per_second = 1;
        config.limits.messages_burst = 2;
    })
    .await;
    let mut refused = 0;
    for n in 0..12 {
        let mut visitor = server.connect(&format!("g{n}")).await;
        visitor.join("r").await;
        visitor
            .send(json!({"type": "message", "id": "m", "room": "r", "content": "x"}))
            .await;
        let frames = visitor.complete().await;
        refused += frames
            .iter()
            .filter(|frame| frame["code"] == "rate_limited")
            .count();
    }
    assert!(refused >= 4, "{refused} of 12 were refused");
}

#[tokio::test]
async fn new_rooms_are_limited_and_known_ones_are_not() {
    let server = with(|config| {
        config.limits.rooms_per_minute = 1;
        config.limits.rooms_burst = 3;
    })
    .await;
    let path = |n: usize| format!("/api/v1/rooms/r{n}/messages?name=g{n}");
    let found = statuses(&server, 10, "POST", path, r#"{"content":"x"}"#).await;
    assert_eq!(
        (count(&found, 201), count(&found, 429)),
        (3, 7),
        "{found:?}"
    );
    let path = |n: usize| format!("/api/v1/rooms/r0/messages?name=h{n}");
    let found = statuses(&server, 10, "POST", path, r#"{"content":"x"}"#).await;
    assert_eq!(count(&found, 201), 10, "{found:?}");
    let mut visitor = server.connect("Vera").await;
    for room in ["live:a", "another"] {
        visitor.join(room).await;
        visitor
            .send(json!({"type": "message", "id": "m", "room": room, "content": "x"}))
            .await;
        assert_eq!(visitor.next_of("error").await["code"], "rate_limited");
    }
    let ada = Person::account(&server, "Ada").await;
    for (name, status) in [("a1", 201), ("a2", 201), ("a3", 201), ("a4", 429)] {
        let body = json!({"door": "private", "title": name});
        let made = ada.send(&server, "POST", "/api/v1/rooms", body).await;
        assert_eq!(made.status, status, "{name}: {made:?}");
    }
}

#[tokio::test]
async fn reading_over_http_is_limited_in_requests_and_in_bytes() {
    let server = with(|config| {
        config.limits.reads_per_second = 1;
        config.limits.reads_burst = 10;
    })
    .await;
    for path in ["/api/v1/rooms", "/api/v1/rooms/r/presence", "/stats"] {
        let found = statuses(&server, 15, "GET", |_| path.to_owned(), "").await;
        assert!(count(&found, 429) >= 1, "{path}: {found:?}");
    }
    let health = statuses(&server, 15, "GET", |_| "/health".to_owned(), "").await;
    assert_eq!(count(&health, 200), 15, "{health:?}");

    let server = with(|config| {
        config.limits.read_bytes_per_second = 1000;
        config.limits.read_bytes_burst = 30_000;
    })
    .await;
    let body = json!({"content": "x".repeat(10_000)}).to_string();
    let posted = server.post("/api/v1/rooms/r/messages", &body).await;
    assert_eq!(posted.status, 201);
    let path = |n: usize| format!("/api/v1/rooms/r/messages?name=g{n}");
    let found = statuses(&server, 10, "GET", path, "").await;
    assert!((3..=5).contains(&count(&found, 200)), "{found:?}");
}

#[tokio::test]
async fn slow_mode_holds_for_visitors_under_ever_new_names() {
    let server = with(|_| {}).await;
    let ada = Person::account(&server, "Ada").await;
    let made = json!({"door": "public", "name": "slow"});
    assert_eq!(
        ada.send(&server, "POST", "/api/v1/rooms", made)
            .await
            .status,
        201
    );
    let slow = json!({"slow_mode_ms": 600_000});
    let set = ada.send(&server, "PATCH", "/api/v1/rooms/slow", slow).await;
    assert_eq!(set.status, 200, "{set:?}");
    let path = |n: usize| format!("/api/v1/rooms/slow/messages?name=g{n}");
    let found = statuses(&server, 5, "POST", path, r#"{"content":"x"}"#).await;
    assert_eq!(found, [201, 429, 429, 429, 429]);
}

#[tokio::test]
async fn rooms_in_memory_that_are_only_joined_fill_no_table() {
    let server = with(|config| {
        config.limits.rooms_max = 20_000;
        config.limits.joins_per_second = 0;
    })
    .await;
    let mut hoarder = server.connect("Hoarder").await;
    for n in 0..10_001 {
        hoarder
            .send(json!({"type": "join", "id": format!("j{n}"), "room": format!("live:a{n}")}))
            .await;
        if n % 500 == 0 {
            hoarder.complete().await;
        }
    }
    hoarder.complete().await;
    let mut other = server.connect("Other").await;
    other.join("live:mine").await;
    other.say("live:mine", "still here").await;
    assert_eq!(other.hear(1).await, ["still here"]);
}

#[tokio::test]
async fn every_socket_counts_and_one_too_many_is_answered_at_once() {
    let server = Server::with(|config| {
        config.limits.connections_max = 2;
        config.limits.head_max = DEADLINE;
    })
    .await;
    let mut halves = Vec::new();
    let refused = loop {
        let mut stream = TcpStream::connect(server.address).await.unwrap();
        stream.write_all(b"GET /health HTTP/1.1\r\n").await.unwrap();
        let mut answer = String::new();
        // A socket that is kept says nothing; one that is refused is answered and closed.
        match timeout(
            Duration::from_millis(20),
            stream.read_to_string(&mut answer),
        )
        .await
        {
            Err(_) => halves.push(stream),
            Ok(_) => break answer,
        }
        assert!(halves.len() < 200, "half requests are in no limit");
    };
    assert!(refused.starts_with("HTTP/1.1 503 "), "{refused}");
    assert!(refused.contains("retry-after: 5\r\n"), "{refused}");
    drop(halves);
    while open(server.address, "/ws?name=Ada", &[]).await.is_err() {}
}

#[tokio::test]
async fn a_body_that_trickles_is_cut_off() {
    let server = Server::with(|config| config.limits.body_max = Duration::from_millis(300)).await;
    let mut stream = TcpStream::connect(server.address).await.unwrap();
    let head = format!(
        "POST /api/v1/rooms/r/messages HTTP/1.1\r\nhost: {}\r\ncontent-type: application/json\r\n\
         content-length: 1000\r\n\r\n",
        server.address
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    let (mut reading, mut writing) = stream.into_split();
    let trickle = tokio::spawn(async move {
        while writing.write_all(b" ").await.is_ok() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    });
    let mut answer = Vec::new();
    let read = timeout(DEADLINE, reading.read_to_end(&mut answer)).await;
    assert!(read.is_ok(), "the body is waited for");
    trickle.abort();
}

#[tokio::test]
async fn two_connections_at_once_do_not_share_one_place() {
    let server = Server::with(|config| config.limits.connections_per_user_max = 3).await;
    let attempts = (0..20).map(|_| open(server.address, "/ws?name=Ada", &[]));
    let opened = futures_util::future::join_all(attempts).await;
    let open = opened.iter().filter(|opened| opened.is_ok()).count();
    assert_eq!(open, 3);
}

//! Limits that hold: over one there is an answer that says when to come again, and never a hang.

use crate::support::Server;
use crate::support::client::open;
use crate::support::http::{Answer, request};
use crate::support::people::Person;
use backend::config::Config;
use serde_json::{Value, json};
use std::num::NonZeroU32;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::Error;

const PASSWORD: &str = "correct horse battery";

async fn with(change: impl FnOnce(&mut Config)) -> Server {
    Server::with(change).await
}

async fn refused(server: &Server, limit: &str) -> u64 {
    let stats = server.get("/stats").await.json();
    stats["refused"][limit].as_u64().unwrap()
}

/// The status and the code that an upgrade is refused with.
async fn upgrade(server: &Server, path: &str, headers: &[(&'static str, &str)]) -> (u16, Value) {
    match open(server.address, path, headers).await {
        Err(Error::Http(answer)) => {
            let body = answer.body().clone().unwrap_or_default();
            let error: Value = serde_json::from_slice(&body).unwrap();
            (answer.status().as_u16(), error["code"].clone())
        }
        Err(other) => panic!("no answer: {other}"),
        Ok(_) => (101, Value::Null),
    }
}

#[tokio::test]
async fn one_user_sends_so_much_on_all_connections_together() {
    let server = with(|config| {
        // So seldom that nothing comes to be free while the test runs.
        config.limits.messages_per_second = 1;
        config.limits.messages_burst = 3;
        config.limits.unproven_factor = NonZeroU32::MIN;
    })
    .await;
    let (mut one, mut other) = (server.connect("Ada").await, server.connect("Ada").await);
    let bob = Person::guest(&server, "Bob").await;
    let mut bob = bob.connect(&server).await;
    for client in [&mut one, &mut other, &mut bob] {
        client.join("general").await;
    }
    let message = |id: &str| json!({"type": "message", "id": id, "room": "general", "content": id});
    // Whatever time the test takes, of twenty at once some are refused, each with its id.
    for client in [&mut one, &mut other] {
        for n in 0..10 {
            client.send(message(&format!("m{n}"))).await;
        }
    }
    let mut errors = Vec::new();
    for client in [&mut one, &mut other] {
        let frames = client.complete().await;
        errors.extend(frames.into_iter().filter(|frame| frame["type"] == "error"));
    }
    assert!(errors.len() >= 10, "{} of 20 refused", errors.len());
    for error in &errors {
        assert_eq!(
            (&error["code"], &error["retryable"]),
            (&json!("rate_limited"), &json!(true))
        );
        let wait = error["retry_after_ms"].as_u64().unwrap();
        assert!((1..=1000).contains(&wait), "{error}");
        assert!(error["id"].as_str().is_some_and(|id| id.starts_with('m')));
    }
    assert_eq!(
        refused(&server, "messages_total").await,
        errors.len() as u64
    );
    bob.send(message("b1")).await;
    assert_eq!(bob.next_of("ack").await["id"], "b1");
    // Over HTTP it is the same user with the same buckets.
    let publish = || {
        server.post(
            "/api/v1/rooms/general/messages?name=Ada",
            r#"{"content":"x"}"#,
        )
    };
    let mut last: Answer = publish().await;
    for _ in 0..10 {
        last = publish().await;
    }
    assert_eq!(
        (last.status, last.json()["code"].clone()),
        (429, json!("rate_limited"))
    );
    assert_eq!(last.header("retry-after"), Some("1"));
}

#[tokio::test]
async fn one_user_joins_so_many_rooms_in_a_time() {
    let server = with(|config| {
        config.limits.joins_per_second = 1;
        config.limits.joins_burst = 2;
        config.limits.unproven_factor = NonZeroU32::MIN;
    })
    .await;
    let mut ada = server.connect("Ada").await;
    for n in 0..20 {
        ada.send(json!({"type": "join", "id": format!("j{n}"), "room": format!("r{n}")}))
            .await;
    }
    let frames = ada.complete().await;
    let count = |kind: &str| frames.iter().filter(|frame| frame["type"] == kind).count();
    assert_eq!(count("ack") + count("error"), 20);
    assert!(count("ack") >= 2 && count("error") >= 5, "{frames:?}");
    assert!(refused(&server, "joins_total").await >= 5);
}

#[tokio::test]
async fn one_user_and_one_address_have_so_many_connections() {
    let server = with(|config| {
        config.limits.connections_per_user_max = 2;
        config.limits.connections_per_address_max = 4;
    })
    .await;
    let mut open = vec![server.connect("Ada").await, server.connect("Ada").await];
    let too_many = (429, json!("too_many_connections"));
    assert_eq!(upgrade(&server, "/ws?name=Ada", &[]).await, too_many);
    open.push(server.connect("Bob").await);
    open.push(server.connect("Bob").await);
    assert_eq!(upgrade(&server, "/ws?name=Eve", &[]).await, too_many);
    // What others say of their address is not believed.
    let forged = [("x-forwarded-for", "192.0.2.1")];
    assert_eq!(upgrade(&server, "/ws?name=Eve", &forged).await, too_many);
    assert_eq!(refused(&server, "connections_per_user_total").await, 1);
    assert_eq!(refused(&server, "connections_per_address_total").await, 2);
    drop(open);
    // Places are free when their connections have ended; the server says when.
    while upgrade(&server, "/ws?name=Ada", &[]).await.0 != 101 {}
}

#[tokio::test]
async fn behind_a_trusted_proxy_the_address_is_what_the_proxy_says() {
    let server = with(|config| {
        config.limits.connections_per_address_max = 1;
        config.proxy.trusted = vec!["127.0.0.0/8".parse().unwrap()];
    })
    .await;
    let from = |address: &'static str| [("x-forwarded-for", address)];
    let first = open(server.address, "/ws", &from("192.0.2.1"))
        .await
        .unwrap();
    for (address, status) in [
        ("192.0.2.1", 429),
        ("198.51.100.7, 192.0.2.1", 429),
        ("nonsense", 400),
        ("192.0.2.1, 192.0.2.2", 101),
    ] {
        let (found, _) = upgrade(&server, "/ws", &from(address)).await;
        assert_eq!(found, status, "{address}");
    }
    drop(first);
}

#[tokio::test]
async fn sign_in_slows_by_name_and_by_address_whoever_is_there() {
    let server = with(|config| {
        config.limits.attempts_per_name = 1;
        config.limits.attempts_per_name_burst = 3;
        config.limits.attempts_per_address = 1;
        config.limits.attempts_per_address_burst = 10;
        config.proxy.trusted = vec!["127.0.0.0/8".parse().unwrap()];
    })
    .await;
    let attempt = |name: &str, password: &str, address: String| {
        let body = json!({"name": name, "password": password}).to_string();
        let server = server.address;
        async move {
            let headers = [
                ("content-type", "application/json"),
                ("x-forwarded-for", address.as_str()),
            ];
            request(server, "POST", "/api/v1/session", &headers, &body).await
        }
    };
    let body = json!({"name": "Ada", "password": PASSWORD}).to_string();
    assert_eq!(server.post("/api/v1/accounts", &body).await.status, 201);
    for name in ["Ada", "Nobody"] {
        for n in 0..3 {
            let wrong = attempt(name, "incorrect", format!("192.0.2.{n}")).await;
            assert_eq!(wrong.status, 401, "{name} {n}");
        }
        let slowed = attempt(&name.to_uppercase(), PASSWORD, "192.0.2.9".to_owned()).await;
        assert_eq!(
            (slowed.status, slowed.json()["code"].clone()),
            (429, json!("rate_limited"))
        );
        let wait = slowed.json()["retry_after_ms"].as_u64().unwrap();
        assert!((1_000..=60_000).contains(&wait), "{wait}");
    }
    let mut statuses = Vec::new();
    for n in 0..12 {
        let one = attempt(&format!("name{n}"), "incorrect", "2001:db8::1".to_owned()).await;
        statuses.push(one.status);
    }
    assert_eq!(statuses[..10], [401; 10]);
    assert_eq!(statuses[10..], [429; 2]);
    // The whole network of 64 bits is one place.
    let other = attempt("another", "incorrect", "2001:db8::2".to_owned()).await;
    assert_eq!(other.status, 429);
    assert_eq!(refused(&server, "attempts_per_name_total").await, 2);
    assert_eq!(refused(&server, "attempts_per_address_total").await, 3);
}

#[tokio::test]
async fn a_flood_of_sign_ins_is_answered_and_the_node_goes_on() {
    let server = Server::start().await;
    let body = json!({"name": "Ada", "password": "guess"}).to_string();
    let mut tasks = Vec::new();
    for _ in 0..8 {
        let (address, body) = (server.address, body.clone());
        tasks.push(tokio::spawn(async move {
            let mut statuses = Vec::new();
            for _ in 0..1250 {
                let headers = [("content-type", "application/json")];
                let answer = request(address, "POST", "/api/v1/session", &headers, &body).await;
                statuses.push(answer.status);
            }
            statuses
        }));
    }
    let mut ada = server.connect("Bob").await;
    ada.join("general").await;
    ada.say("general", "still here").await;
    assert_eq!(ada.hear(1).await, ["still here"]);
    let mut all = Vec::new();
    for task in tasks {
        all.extend(task.await.unwrap());
    }
    let count = |status: u16| all.iter().filter(|found| **found == status).count();
    assert_eq!(count(401) + count(429), 10_000, "{all:?}");
    assert!(count(401) >= 10 && count(429) >= 9_000);
}

#[tokio::test]
async fn a_request_for_another_host_is_not_answered_on_loopback() {
    let server = with(|config| {
        config.server.public_url = Some("https://chat.example".to_owned());
    })
    .await;
    for (host, status) in [
        ("evil.example", 421),
        ("127.0.0.1.evil.example:80", 421),
        ("localhost:8080", 200),
        ("chat.example", 200),
    ] {
        let mut stream = TcpStream::connect(server.address).await.unwrap();
        let head =
            format!("GET /api/v1/session HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n\r\n");
        stream.write_all(head.as_bytes()).await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        let found: u16 = answer.split(' ').nth(1).unwrap().parse().unwrap();
        assert_eq!(found, status, "{host}: {answer}");
    }
}

#[tokio::test]
async fn a_head_that_does_not_come_to_its_end_and_a_large_body_are_refused() {
    let server = with(|config| {
        config.limits.head_max = Duration::from_millis(200);
        config.limits.body_bytes_max = 1024;
    })
    .await;
    let mut slow = TcpStream::connect(server.address).await.unwrap();
    slow.write_all(b"GET /ws HTTP/1.1\r\nhost: localhost\r\nupgrade: web")
        .await
        .unwrap();
    let mut rest = Vec::new();
    let ended = timeout(crate::support::DEADLINE, slow.read_to_end(&mut rest)).await;
    assert!(ended.is_ok(), "it is left waiting");
    let body = json!({"content": "x".repeat(2000)}).to_string();
    let answer = server.post("/api/v1/rooms/a/messages", &body).await;
    assert_eq!(
        (answer.status, answer.json()["code"].clone()),
        (413, json!("body_too_large"))
    );
}

//! A connection's whole life: heartbeat, leaving, closing, vanishing, and the node's own end.

use crate::support::{DEADLINE, Server};
use futures_util::StreamExt;
use serde_json::{Value, json};
use std::time::Duration;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::Message;

fn count(expected: usize) -> impl Fn(&Value) -> bool {
    move |frame| frame["count"] == json!(expected)
}

#[tokio::test]
async fn members_see_who_comes_and_goes_each_person_once() {
    let server = Server::start().await;
    let mut ada = server.connect("Ada").await;
    ada.join("general").await;
    let first = ada.next_of("presence").await;
    assert_eq!(
        (&first["count"], &first["users"][0]["name"]),
        (&json!(1), &json!("Ada"))
    );
    let mut bob = server.connect("Bob").await;
    bob.join("general").await;
    assert_eq!(bob.next_of("presence").await["count"], json!(2));
    let came = ada.presence(count(2)).await;
    let names = came["joined"]
        .as_array()
        .unwrap()
        .iter()
        .map(|user| user["name"].clone());
    assert!(names.into_iter().any(|name| name == "Bob"), "{came}");
    // A second tab of the same person changes nothing for the others.
    let mut tab = server.connect("Bob").await;
    tab.join("general").await;
    drop(tab);
    bob.send(json!({"type": "leave", "room": "general"})).await;
    bob.next_of("left").await;
    let gone = ada.presence(count(1)).await;
    assert_eq!(gone["left"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn leaving_closing_and_vanishing_end_in_the_same_clean_up() {
    let server = Server::with(|config| config.server.heartbeat = Duration::from_secs(1)).await;
    let mut watcher = server.connect("Watcher").await;
    watcher.join("general").await;
    for way in ["leave", "close", "reset", "silence"] {
        let mut guest = server.connect("Guest").await;
        guest.join("general").await;
        guest.join("elsewhere").await;
        watcher.presence(count(2)).await;
        match way {
            "leave" => {
                for room in ["general", "elsewhere"] {
                    guest.send(json!({"type": "leave", "room": room})).await;
                    guest.next_of("left").await;
                }
            }
            "close" => guest.socket.close(None).await.unwrap(),
            "reset" => drop(guest),
            // The socket stays open, but nobody reads it, so pings are not answered.
            _ => {
                watcher.presence(count(1)).await;
                drop(guest);
                continue;
            }
        }
        watcher.presence(count(1)).await;
    }
    let stats = server.get("/stats").await.json();
    assert_eq!(
        stats["members"],
        json!({"general": 1}),
        "no room is kept alive for nobody"
    );
}

#[tokio::test]
async fn a_silent_peer_is_closed_with_a_code_that_says_come_back() {
    let server = Server::with(|config| config.server.heartbeat = Duration::from_millis(50)).await;
    // A raw socket: nothing in it answers pings by itself.
    let mut silent = server.connect("Silent").await;
    let mut lively = server.connect("Lively").await;
    let stream = silent.socket.get_ref();
    let tokio_tungstenite::MaybeTlsStream::Plain(stream) = stream else {
        panic!("not TLS")
    };
    let mut seen = Vec::new();
    let until_closed = async {
        loop {
            stream.readable().await.unwrap();
            let mut bytes = [0; 1024];
            match stream.try_read(&mut bytes) {
                Ok(0) => break,
                Ok(n) => seen.extend_from_slice(&bytes[..n]),
                Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => {}
                Err(_) => break,
            }
            if seen.windows(2).any(|pair| pair == 4001u16.to_be_bytes()) {
                break;
            }
        }
    };
    let beating = async {
        // Reading answers pings; the library does it by itself.
        while let Some(Ok(_)) = lively.socket.next().await {}
    };
    tokio::select! {
        result = timeout(DEADLINE, until_closed) => result.unwrap(),
        () = beating => panic!("the lively one was closed"),
    }
    assert!(
        seen.windows(2).any(|pair| pair == 4001u16.to_be_bytes()),
        "no close code: {seen:?}"
    );
    drop(silent.socket.close(None).await);
}

#[tokio::test]
async fn the_server_pings_and_answers_pings_of_both_kinds() {
    let server = Server::with(|config| config.server.heartbeat = Duration::from_millis(50)).await;
    let mut ada = server.connect("Ada").await;
    assert_eq!(ada.welcome["heartbeat_ms"], json!(50));
    let ping = timeout(DEADLINE, ada.socket.next())
        .await
        .unwrap()
        .unwrap()
        .unwrap();
    assert!(matches!(ping, Message::Ping(_)));
    ada.send_raw(Message::Ping("hello".into())).await;
    loop {
        match timeout(DEADLINE, ada.socket.next())
            .await
            .unwrap()
            .unwrap()
            .unwrap()
        {
            Message::Pong(payload) => {
                assert_eq!(&payload[..], b"hello");
                break;
            }
            Message::Ping(_) => {}
            other => panic!("unexpected {other:?}"),
        }
    }
    ada.send(json!({"type": "ping", "id": "p"})).await;
    let pong = ada.next_of("pong").await;
    assert!(pong["timestamp"].as_str().unwrap().ends_with('Z'));
    assert_eq!(ada.next_of("ack").await, json!({"type": "ack", "id": "p"}));
}

#[tokio::test]
async fn at_shutdown_what_was_accepted_is_acked_and_everyone_is_told_when_to_come_back() {
    let mut server = Server::start().await;
    let mut ada = server.connect("Ada").await;
    ada.join("general").await;
    for n in 0..100 {
        let id = format!("m{n}");
        ada.send(json!({"type": "message", "id": id, "room": "general", "content": id}))
            .await;
    }
    // The server has taken all of them once it answers what stands behind them.
    ada.send(json!({"type": "ping"})).await;
    let mut acked = 0;
    loop {
        let frame = ada.next().await;
        acked += usize::from(frame["type"] == "ack");
        if frame["type"] == "pong" {
            break;
        }
    }
    let stopping = tokio::spawn(async move {
        server.stop().await;
        server
    });
    let code = loop {
        match ada.next_raw().await {
            Ok(frame) if frame["type"] == "ack" => acked += 1,
            Ok(frame) if frame["type"] == "goodbye" => {
                assert_eq!((acked, &frame["reason"]), (100, &json!("shutdown")));
                assert!(frame["reconnect_after_ms"].as_u64().unwrap() >= 500);
            }
            Ok(_) => {}
            Err(code) => break code,
        }
    };
    assert_eq!(code, Some(4000));
    drop(ada);
    drop(stopping.await.unwrap());
}

#[tokio::test]
async fn a_panic_in_a_part_of_the_node_ends_it_and_clients_are_told() {
    let mut server = Server::start().await;
    let mut ada = server.connect("Ada").await;
    let running = server.take_running();
    let planted = running.supervisor().spawn("planted", async { panic!() });
    assert!(planted.await.is_err());
    assert_eq!(running.failure().await, "planted");
    let (stopped, _) = tokio::join!(running.stop(), ada.next_of("goodbye"));
    assert!(matches!(
        stopped,
        Err(backend::app::AppError::Panicked(part)) if part == "planted"
    ));
}

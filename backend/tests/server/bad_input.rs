//! Whatever a stranger sends gets its answer, nobody else notices, and nothing is lost.

use crate::support::client::{Client, open};
use crate::support::{DEADLINE, Server};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::{Error, Message};

/// Two members of one room; one of them misbehaves.
async fn pair(server: &Server) -> (Client, Client) {
    let mut stranger = server.connect("Stranger").await;
    let mut witness = server.connect("Witness").await;
    stranger.join("general").await;
    witness.join("general").await;
    // Who came last knows from its list who is there; nothing more is on its way to it then.
    let names_witness = |users: &Value| {
        let users = users.as_array();
        users.is_some_and(|users| users.iter().any(|user| user["name"] == json!("Witness")))
    };
    let is_told = |frame: &Value| names_witness(&frame["joined"]);
    stranger.presence(is_told).await;
    let is_list = |frame: &Value| names_witness(&frame["users"]);
    witness.presence(is_list).await;
    (stranger, witness)
}

/// After whatever happened, both still talk, and the witness heard nothing in between.
async fn assert_unharmed(stranger: &mut Client, witness: &mut Client, case: &str) {
    let noticed = witness.complete().await;
    assert_eq!(noticed, Vec::<Value>::new(), "the witness noticed {case}");
    stranger.say("general", case).await;
    assert_eq!(witness.hear(1).await, [case]);
    assert_eq!(stranger.hear(1).await, [case]);
}

#[tokio::test]
#[expect(clippy::too_many_lines, reason = "one table of frames")]
async fn every_bad_frame_gets_its_error_and_the_connection_lives() {
    let server = Server::start().await;
    let (mut stranger, mut witness) = pair(&server).await;
    let long_room = format!(r#"{{"type":"join","room":"{}"}}"#, "x".repeat(65));
    let long = "x".repeat(16 * 1024 + 1);
    let long_content = format!(r#"{{"type":"message","room":"general","content":"{long}"}}"#);
    let long_data = format!(
        r#"{{"type":"message","room":"general","data":"{}"}}"#,
        long.repeat(5)
    );
    let deep = "[".repeat(200_000);
    for (text, code) in [
        ("", "malformed_frame"),
        ("hello", "malformed_frame"),
        ("{", "malformed_frame"),
        ("[]", "malformed_frame"),
        (r#"["join", null, "general"]"#, "malformed_frame"),
        ("null", "malformed_frame"),
        ("{}", "malformed_frame"),
        (&deep, "malformed_frame"),
        (r#"{"type":7}"#, "malformed_frame"),
        (r#"{"type":"join","type":"leave"}"#, "malformed_frame"),
        (r#"{"type":"fly"}"#, "unknown_type"),
        (r#"{"type":"welcome"}"#, "unknown_type"),
        (r#"{"type":"join"}"#, "invalid_field"),
        (r#"{"type":"join","room":7}"#, "invalid_field"),
        (r#"{"type":"join","room":"a","last":-1}"#, "invalid_field"),
        (r#"{"type":"join","room":"a","since":1}"#, "invalid_field"),
        (r#"{"type":"join","room":""}"#, "invalid_room"),
        (r#"{"type":"join","room":"a/b"}"#, "invalid_room"),
        (r#"{"type":"join","room":"$secret"}"#, "invalid_room"),
        (&long_room, "invalid_room"),
        (r#"{"type":"join","room":"general"}"#, "already_joined"),
        (r#"{"type":"leave","room":"elsewhere"}"#, "not_joined"),
        (r#"{"type":"leave","room":"$broadcast"}"#, "reserved_room"),
        (
            r#"{"type":"message","room":"elsewhere","content":"x"}"#,
            "not_joined",
        ),
        (
            r#"{"type":"message","room":"$broadcast","content":"x"}"#,
            "reserved_room",
        ),
        (r#"{"type":"message","room":"general"}"#, "empty_message"),
        (
            r#"{"type":"message","room":"general","content":""}"#,
            "empty_message",
        ),
        (
            r#"{"type":"message","room":"general","content":" \n\t"}"#,
            "empty_message",
        ),
        (
            r#"{"type":"message","room":"general","content":{}}"#,
            "invalid_field",
        ),
        (
            r#"{"type":"message","room":"general","content":"\u200b\u2800"}"#,
            "empty_message",
        ),
        (
            r#"{"type":"message","room":"general","data":1e400}"#,
            "invalid_field",
        ),
        (r#"{"type":"join","room":"\u2800"}"#, "invalid_room"),
        (&long_content, "message_too_large"),
        (&long_data, "message_too_large"),
        (r#"{"type":"broadcast"}"#, "empty_message"),
        (r#"{"type":"history","room":"general"}"#, "id_required"),
        (
            r#"{"type":"history","room":"general","id":"h","before":1,"after":1}"#,
            "invalid_field",
        ),
        (r#"{"type":"ping","id":""}"#, "invalid_field"),
    ] {
        stranger.send_text(text).await;
        let error = stranger.next_of("error").await;
        let shown: String = text.chars().take(80).collect();
        assert_eq!(error["code"], code, "for {shown}: {error}");
        let message = error["message"].as_str().unwrap();
        let is_sentence = !message.is_empty() && !message.contains("line 1");
        assert!(is_sentence, "for {shown}: {message}");
        assert_eq!(error["retryable"], json!(false), "for {shown}");
        assert_unharmed(&mut stranger, &mut witness, &format!("after {shown}")).await;
    }
}

#[tokio::test]
async fn a_refused_frame_is_answered_once_with_its_id() {
    let server = Server::start().await;
    let (mut stranger, _witness) = pair(&server).await;
    for frame in [
        json!({"id": "x1", "type": "fly"}),
        json!({"id": "x1", "type": "join", "room": ""}),
        json!({"id": "x1", "type": "join", "room": "general"}),
        json!({"id": "x1", "type": "message", "room": "nowhere", "content": "x"}),
        json!({"id": "x1", "type": "leave", "room": "nowhere"}),
    ] {
        stranger.send(frame.clone()).await;
        let frames = stranger.complete().await;
        let answers: Vec<_> = frames
            .iter()
            .filter(|answer| answer["id"] == "x1")
            .collect();
        assert_eq!(answers.len(), 1, "for {frame}: {frames:?}");
        assert_eq!(answers[0]["type"], "error");
    }
}

#[tokio::test]
async fn a_binary_frame_is_refused_and_the_connection_lives() {
    let server = Server::start().await;
    let (mut stranger, mut witness) = pair(&server).await;
    stranger
        .send_raw(Message::binary(vec![0, 159, 146, 150]))
        .await;
    assert_eq!(stranger.next_of("error").await["code"], "binary_frame");
    assert_unharmed(&mut stranger, &mut witness, "binary").await;
}

#[tokio::test]
async fn a_frame_over_the_limit_closes_only_its_own_connection() {
    let server = Server::start().await;
    let (mut stranger, mut witness) = pair(&server).await;
    let limit = stranger.welcome["limits"]["frame_bytes_max"]
        .as_u64()
        .unwrap();
    let just_right = " ".repeat(usize::try_from(limit).unwrap());
    stranger.send_text(&just_right).await;
    assert_eq!(stranger.next_of("error").await["code"], "malformed_frame");
    // The server may close before it has been sent all of it.
    drop(futures_util::SinkExt::send(&mut stranger.socket, Message::text(just_right + " ")).await);
    let code = loop {
        match stranger.next_raw().await {
            Ok(_) => {}
            Err(code) => break code,
        }
    };
    assert_eq!(
        code,
        Some(1009),
        "a terminal code: sending it again would end in the same way"
    );
    witness.presence(|frame| frame["count"] == json!(1)).await;
}

#[tokio::test]
async fn bytes_that_are_no_websocket_frames_close_only_their_own_connection() {
    for garbage in [
        &[0xff, 0x80, 0, 0, 0, 0][..],               // reserved bits and opcode
        &[0x81, 0x05, b'h', b'e', b'l', b'l', b'o'], // not masked
        &[0x81, 0x82, 0, 0, 0, 0, 0xc3, 0x28],       // not UTF-8
        &[0x80, 0x80, 0, 0, 0, 0],                   // a continuation of nothing
        &[&[0x89, 0xfe, 0, 126, 0, 0, 0, 0][..], &[0; 126]].concat(), // too long for a ping
    ] {
        // One each: the next pair has the same names, and must not meet the one before.
        let server = Server::start().await;
        let (mut stranger, mut witness) = pair(&server).await;
        let tokio_tungstenite::MaybeTlsStream::Plain(stream) = stranger.socket.get_mut() else {
            panic!("not TLS")
        };
        stream.write_all(garbage).await.unwrap();
        let mut rest = Vec::new();
        drop(
            timeout(DEADLINE, stream.read_to_end(&mut rest))
                .await
                .unwrap_or_else(|_| panic!("it stays open after {garbage:?}")),
        );
        witness.presence(|frame| frame["count"] == json!(1)).await;
        witness.say("general", "still here").await;
        assert_eq!(witness.hear(1).await, ["still here"]);
    }
}

#[tokio::test]
async fn too_many_rooms_and_too_many_connections_are_refused_by_name() {
    let server = Server::with(|config| {
        config.limits.rooms_max = 2;
        config.limits.connections_max = 1;
    })
    .await;
    let mut ada = server.connect("Ada").await;
    ada.join("one").await;
    ada.join("two").await;
    let error = ada.error(json!({"type": "join", "room": "three"})).await;
    assert_eq!(error["code"], "too_many_rooms");
    ada.send(json!({"type": "leave", "room": "one"})).await;
    ada.join("three").await;
    match open(server.address, "/ws", &[]).await {
        Err(Error::Http(response)) => {
            assert_eq!(response.status(), 503);
            let body = response.body().clone().unwrap();
            let error: Value = serde_json::from_slice(&body).unwrap();
            assert_eq!(
                (&error["code"], &error["retryable"]),
                (&json!("overloaded"), &json!(true))
            );
        }
        other => panic!("not refused: {other:?}"),
    }
    assert_eq!(server.get("/stats").await.json()["clients"], json!(1));
}

#[tokio::test]
async fn upgrades_that_make_no_sense_are_refused() {
    let server = Server::start().await;
    let holder = server.post("/api/v1/session", r#"{"name":"Ada"}"#).await;
    assert_eq!(holder.status, 201);
    for (path, headers, status) in [
        ("/ws", vec![("origin", "https://evil.example")], 403),
        ("/ws", vec![("origin", "null")], 403),
        ("/ws?name=", vec![], 400),
        ("/ws?name=%00", vec![], 400),
        ("/ws?name=ada", vec![], 409),
    ] {
        match open(server.address, path, &headers).await {
            Err(Error::Http(response)) => {
                assert_eq!(response.status(), status, "{path} {headers:?}");
            }
            other => panic!("{path} {headers:?} was not refused: {other:?}"),
        }
    }
    let plain = server.get("/ws").await;
    assert_eq!(plain.status, 400);
    assert_eq!(plain.json()["code"], "invalid_field");
}

//! A client that knows only the five original types, frame by frame as it was written for the
//! original server, and one that types JSON by hand.

use crate::support::Server;
use crate::support::client::{Client, open};
use serde_json::json;
use tokio_tungstenite::tungstenite::Error;

#[tokio::test]
async fn the_five_original_types_work_unchanged() {
    let server = Server::start().await;
    // No name, no id, no subprotocol: such a client is given a name.
    let mut client = Client::connect_with(server.address, "/ws", &[]).await;
    let name = client.welcome["user"]["name"].clone();
    assert!(name.as_str().unwrap().starts_with("guest-"));

    client
        .send_text(r#"{"type":"join","room":"general"}"#)
        .await;
    let joined = client.next_of("joined").await;
    assert_eq!(joined["room"], "general");

    client
        .send_text(r#"{"type":"message","room":"general","content":"Hello!"}"#)
        .await;
    let message = client.next_of("message").await;
    assert_eq!(message["room"], "general");
    assert_eq!(
        (&message["from"], &message["content"]),
        (&name, &json!("Hello!"))
    );
    assert!(
        message["timestamp"]
            .as_str()
            .unwrap()
            .parse::<common::time::Timestamp>()
            .is_ok()
    );

    client
        .send_text(r#"{"type":"broadcast","content":"Announcement"}"#)
        .await;
    let broadcast = client.next_of("broadcast").await;
    assert_eq!(
        (&broadcast["from"], &broadcast["content"]),
        (&name, &json!("Announcement"))
    );
    assert!(broadcast["timestamp"].is_string());

    client.send_text(r#"{"type":"ping"}"#).await;
    assert!(client.next_of("pong").await["timestamp"].is_string());

    client
        .send_text(r#"{"type":"leave","room":"general"}"#)
        .await;
    assert_eq!(
        client.next_of("left").await,
        json!({"type": "left", "room": "general"})
    );
}

#[tokio::test]
async fn unknown_fields_are_passed_over() {
    let server = Server::start().await;
    let mut client = server.connect("Ada").await;
    client
        .send_text(r#" { "hop" : [1], "room":"general" , "type":"join" } "#)
        .await;
    assert_eq!(client.next_of("joined").await["room"], "general");
}

#[tokio::test]
async fn the_subprotocol_is_negotiated_and_optional() {
    let server = Server::start().await;
    for (offered, chosen) in [
        (None, None),
        (Some("hubbub.v1.json"), Some("hubbub.v1.json")),
        (
            Some("hubbub.v9.cbor, hubbub.v1.json"),
            Some("hubbub.v1.json"),
        ),
    ] {
        let headers: Vec<_> = offered
            .map(|o| ("sec-websocket-protocol", o))
            .into_iter()
            .collect();
        let (_, response) = open(server.address, "/ws", &headers).await.unwrap();
        let found = response
            .headers()
            .get("sec-websocket-protocol")
            .map(|v| v.to_str().unwrap());
        assert_eq!(found, chosen, "for {offered:?}");
    }
    // A client that offers only what the server does not speak is not told otherwise.
    let unknown = open(
        server.address,
        "/ws",
        &[("sec-websocket-protocol", "other")],
    )
    .await;
    assert!(matches!(unknown, Err(Error::Protocol(_))), "{unknown:?}");
}

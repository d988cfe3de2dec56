//! The list of rooms is told to those who watch it, and each sees what they may.

use crate::support::Server;
use crate::support::client::Client;
use crate::support::people::Person;
use serde_json::{Value, json};

/// Watches, and gives the first, complete list.
async fn watch(client: &mut Client) -> Value {
    let id = client.next_id();
    client.send(json!({"type": "watch_rooms", "id": id})).await;
    // What was told before may be on its way still.
    let mut list = client.next_of("rooms").await;
    while list["complete"] != true {
        list = client.next_of("rooms").await;
    }
    assert_eq!(client.next_of("ack").await["id"], id);
    list
}

fn names(update: &Value) -> Vec<&str> {
    let rooms = update["rooms"].as_array().into_iter().flatten();
    rooms.map(|room| room["room"].as_str().unwrap()).collect()
}

/// The updates up to the one that `is_it`, each with the number after the last one's.
async fn until(client: &mut Client, from: &Value, is_it: impl Fn(&Value) -> bool) -> Value {
    let mut version = from["version"].as_u64().unwrap();
    loop {
        let update = client.next_of("rooms").await;
        version += 1;
        assert_eq!(update["version"], version, "{update}");
        assert_eq!(update.get("complete"), None);
        if is_it(&update) {
            return update;
        }
    }
}

#[tokio::test]
async fn what_changes_in_the_list_is_told_to_those_who_watch() {
    let server = Server::start().await;
    let (mut ada, mut bob) = (server.connect("ada").await, server.connect("bob").await);
    bob.join("general").await;
    let first = watch(&mut ada).await;
    assert_eq!(names(&first), ["general"]);
    assert_eq!(first["rooms"][0]["online"], 1);
    bob.join("news").await;
    bob.say("news", "hello").await;
    let is_news = |update: &Value| {
        let rooms = update["rooms"].as_array().into_iter().flatten();
        rooms
            .into_iter()
            .any(|room| room["room"] == "news" && room["head"] == 1)
    };
    let update = until(&mut ada, &first, is_news).await;
    assert!(
        !names(&update).contains(&"general"),
        "it has not changed: {update}"
    );
    bob.send(json!({"type": "leave", "room": "general"})).await;
    let is_gone = |update: &Value| update["gone"] == json!(["general"]);
    until(&mut ada, &update, is_gone).await;
    // Once more: the same as a new one would get.
    let again = watch(&mut ada).await;
    assert_eq!(names(&again), ["news"]);
    assert_eq!(watch(&mut bob).await, again);
}

#[tokio::test]
async fn private_rooms_are_on_their_members_lists_alone() {
    let server = Server::start().await;
    let ada = Person::account(&server, "Ada").await;
    let bob = Person::account(&server, "Bob").await;
    let private = ada.make_private(&server, "The lounge").await;
    let (mut adas, mut bobs) = (ada.connect(&server).await, bob.connect(&server).await);
    let list = watch(&mut adas).await;
    assert_eq!(names(&list), [private.as_str()]);
    assert_eq!(list["rooms"][0]["title"], "The lounge");
    let outside = watch(&mut bobs).await;
    assert_eq!(names(&outside), [""; 0]);
    adas.join(&private).await;
    adas.say(&private, "secret").await;
    adas.join("general").await;
    let is_general = |update: &Value| names(update).contains(&"general");
    let update = until(&mut bobs, &outside, is_general).await;
    assert_eq!(names(&update), ["general"]);
    // As over HTTP.
    let listed = ada.send(&server, "GET", "/api/v1/rooms", Value::Null).await;
    assert_eq!(listed.json()["rooms"], watch(&mut adas).await["rooms"]);
}

#[tokio::test]
async fn a_flood_of_requests_for_the_list_is_refused() {
    let server = Server::with(|config| {
        config.limits.joins_per_second = 1;
        config.limits.joins_burst = 3;
    })
    .await;
    let mut client = server.connect("ada").await;
    let mut refused = None;
    for number in 0..40 {
        client
            .send(json!({"type": "watch_rooms", "id": format!("w{number}")}))
            .await;
    }
    while refused.is_none() {
        let frame = client.next().await;
        refused = (frame["type"] == "error").then_some(frame);
    }
    assert_eq!(refused.unwrap()["code"], "rate_limited");
}

//! Rooms over real sockets: who hears what, in which order, and what is left when somebody goes.

use crate::support::Server;
use crate::support::client::Client;
use serde_json::{Value, json};

#[tokio::test]
async fn every_member_hears_every_message_in_the_same_order() {
    const MEMBERS: usize = 40;
    const EACH: usize = 10;
    let server = Server::start().await;
    let mut members = Vec::new();
    for n in 0..MEMBERS {
        let mut member = server.connect(&format!("user{n}")).await;
        member.join("general").await;
        members.push(member);
    }
    for (n, member) in members.iter_mut().enumerate() {
        for i in 0..EACH {
            member.say("general", &format!("{n}/{i}")).await;
        }
    }
    let first = members[0].hear(MEMBERS * EACH).await;
    for member in &mut members[1..] {
        assert_eq!(member.hear(MEMBERS * EACH).await, first);
    }
    for n in 0..MEMBERS {
        let own: Vec<_> = first
            .iter()
            .filter(|text| text.starts_with(&format!("{n}/")))
            .collect();
        let expected: Vec<_> = (0..EACH).map(|i| format!("{n}/{i}")).collect();
        assert!(
            own.into_iter().eq(&expected),
            "what one user says keeps its order"
        );
    }
}

#[tokio::test]
async fn seqs_are_gap_free_and_the_sender_hears_itself() {
    let server = Server::start().await;
    let mut ada = server.connect("Ada").await;
    let joined = ada.join("general").await;
    assert_eq!(
        (&joined["head"], &joined["complete"]),
        (&json!(0), &json!(true))
    );
    for n in 1..=20 {
        ada.say("general", &n.to_string()).await;
    }
    for n in 1..=20 {
        let message = ada.next_of("message").await;
        assert_eq!(
            (&message["seq"], &message["content"]),
            (&json!(n), &json!(n.to_string()))
        );
        assert_eq!(
            (&message["from"], &message["room"]),
            (&json!("Ada"), &json!("general"))
        );
    }
}

#[tokio::test]
async fn a_user_may_be_in_many_rooms_and_rooms_do_not_leak() {
    let server = Server::start().await;
    let (mut ada, mut bob) = (server.connect("Ada").await, server.connect("Bob").await);
    for room in ["one", "two", "three"] {
        ada.join(room).await;
    }
    bob.join("two").await;
    ada.say("one", "only in one").await;
    ada.say("two", "in two").await;
    ada.say("three", "only in three").await;
    assert_eq!(ada.hear(3).await.len(), 3);
    let heard = bob.complete().await;
    let messages: Vec<_> = heard
        .iter()
        .filter(|frame| frame["type"] == "message")
        .collect();
    assert!(messages.iter().all(|m| m["room"] == "two"), "{messages:?}");
    ada.say("two", "again").await;
    let mut contents: Vec<_> = messages.iter().map(|m| m["content"].clone()).collect();
    // The first may still be on its way: Bob's worker is another than Ada's.
    let rest = bob.hear(2 - contents.len()).await;
    contents.extend(rest.into_iter().map(Value::from));
    assert_eq!(contents, ["in two", "again"]);
}

#[tokio::test]
async fn a_message_sent_again_with_its_id_is_stored_once_and_acked_alike() {
    let server = Server::start().await;
    let mut ada = server.connect("Ada").await;
    ada.join("general").await;
    let frame = json!({"type": "message", "id": "m1", "room": "general", "content": "once"});
    ada.send(frame.clone()).await;
    let first = ada.next_of("ack").await;
    drop(ada);
    let mut ada = server.connect("Ada").await;
    ada.join_with(json!({"type": "join", "room": "general", "last": 10}))
        .await;
    ada.send(frame).await;
    let again = ada.next_of("ack").await;
    assert_eq!(first, again);
    assert_eq!(
        (&first["seq"], &first["room"]),
        (&json!(1), &json!("general"))
    );
    let page = server.get("/api/v1/rooms/general/messages").await.json();
    assert_eq!(page["messages"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn a_broadcast_reaches_everyone_in_whatever_room_or_none() {
    let server = Server::start().await;
    let mut ada = server.connect("Ada").await;
    let mut bob = server.connect("Bob").await;
    let mut eve = server.connect("Eve").await;
    ada.join("one").await;
    bob.join("two").await;
    ada.send(json!({"type": "broadcast", "content": "to all", "id": "b"}))
        .await;
    for listener in [&mut ada, &mut bob, &mut eve] {
        let heard = listener.next_of("broadcast").await;
        assert_eq!(
            (&heard["content"], &heard["from"]),
            (&json!("to all"), &json!("Ada"))
        );
        assert!(heard.get("room").is_none());
    }
    // It is an event like any other: who comes later can ask for it.
    let mut late = server.connect("Late").await;
    late.join_with(json!({"type": "join", "room": "$broadcast", "last": 5}))
        .await;
    assert_eq!(late.next_of("broadcast").await["content"], "to all");
}

#[tokio::test]
async fn a_late_joiner_is_given_the_last_events_and_then_what_happens() {
    let server = Server::start().await;
    let mut ada = server.connect("Ada").await;
    ada.join("general").await;
    for n in 1..=300 {
        ada.say("general", &n.to_string()).await;
    }
    ada.hear(300).await;
    for (last, from) in [(0, 301), (3, 298), (150, 151), (1000, 101)] {
        let mut bob = server.connect("Bob").await;
        let joined = bob
            .join_with(json!({"type": "join", "room": "general", "last": last}))
            .await;
        assert_eq!(joined["after"], json!(from - 1));
        let expected: Vec<_> = (from..=300).map(|n: u64| n.to_string()).collect();
        assert_eq!(bob.hear(expected.len()).await, expected);
        let rest = bob.complete().await;
        assert!(rest.iter().all(|frame| frame["type"] != "message"));
    }
}

#[tokio::test]
async fn who_left_off_somewhere_is_given_the_rest_once_and_in_order_under_traffic() {
    let server = Server::start().await;
    let mut ada = server.connect("Ada").await;
    let joined = ada.join("general").await;
    let epoch = joined["epoch"].as_str().unwrap().to_owned();
    // More than the tail holds, so that the first part comes from the store.
    let long = "x".repeat(4000);
    for n in 1..=120 {
        ada.say("general", &format!("{n} {long}")).await;
    }
    ada.hear(120).await;
    let writer = tokio::spawn(async move {
        for n in 121..=200 {
            ada.say("general", &format!("{n} {long}")).await;
        }
        ada.hear(80).await;
        ada
    });
    let mut bob = server.connect("Bob").await;
    let join = json!({"type": "join", "room": "general", "since": 10, "epoch": epoch});
    assert_eq!(bob.join_with(join).await["complete"], json!(true));
    for n in 11..=200 {
        assert_eq!(bob.next_of("message").await["seq"], json!(n));
    }
    drop(writer.await.unwrap());
}

#[tokio::test]
async fn a_cursor_that_cannot_be_honoured_is_said_so() {
    let server = Server::start().await;
    let mut ada = server.connect("Ada").await;
    let joined = ada.join("general").await;
    ada.say("general", "one").await;
    ada.hear(1).await;
    for (since, epoch, complete) in [
        (1, joined["epoch"].clone(), true),
        (0, joined["epoch"].clone(), true),
        (9, joined["epoch"].clone(), false),
        (1, json!("another"), false),
    ] {
        let mut bob = server.connect("Bob").await;
        let join = json!({"type": "join", "room": "general", "since": since, "epoch": epoch});
        assert_eq!(
            bob.join_with(join).await["complete"],
            json!(complete),
            "since {since}"
        );
    }
}

#[tokio::test]
async fn a_restart_keeps_what_was_said_and_the_epoch() {
    let mut server = Server::start().await;
    let mut ada = server.connect("Ada").await;
    let joined = ada.join("general").await;
    ada.say("general", "before").await;
    ada.hear(1).await;
    server.restart().await;
    let mut ada = server.connect("Ada").await;
    let epoch = joined["epoch"].clone();
    let join = json!({"type": "join", "room": "general", "since": 0, "epoch": epoch});
    assert_eq!(ada.join_with(join).await["complete"], json!(true));
    assert_eq!(ada.hear(1).await, ["before"]);
    ada.say("general", "after").await;
    assert_eq!(ada.next_of("message").await["seq"], json!(2));
}

#[tokio::test]
async fn history_pages_both_ways() {
    let server = Server::start().await;
    let mut ada = server.connect("Ada").await;
    ada.join("general").await;
    for n in 1..=10 {
        ada.say("general", &n.to_string()).await;
    }
    ada.hear(10).await;
    for (part, expected, more) in [
        (json!({"limit": 3}), vec![8, 9, 10], true),
        (json!({"before": 4, "limit": 3}), vec![1, 2, 3], false),
        (json!({"after": 4, "limit": 3}), vec![5, 6, 7], true),
        (json!({}), (1..=10).collect(), false),
    ] {
        let mut frame = json!({"type": "history", "room": "general", "id": "h"});
        frame
            .as_object_mut()
            .unwrap()
            .extend(part.as_object().unwrap().clone());
        ada.send(frame).await;
        let page = &ada.next_of("ack").await["page"];
        let seqs: Vec<Value> = expected.into_iter().map(|n: u64| json!(n)).collect();
        let found: Vec<_> = page["messages"]
            .as_array()
            .unwrap()
            .iter()
            .map(|m| m["seq"].clone())
            .collect();
        assert_eq!((found, &page["more"]), (seqs, &json!(more)), "{part}");
    }
}

#[tokio::test]
async fn messages_are_edited_taken_back_and_reacted_to() {
    let server = Server::start().await;
    let (mut ada, mut bob) = (server.connect("Ada").await, server.connect("Bob").await);
    ada.join("general").await;
    bob.join("general").await;
    ada.say("general", "frist").await;
    ada.hear(1).await;
    let change = |kind: &str, rest: Value| {
        let mut frame = json!({"type": kind, "room": "general", "target": 1, "id": "c"});
        frame
            .as_object_mut()
            .unwrap()
            .extend(rest.as_object().unwrap().clone());
        frame
    };
    let refused = bob
        .error(change("edit", json!({"content": "mine now"})))
        .await;
    assert_eq!(refused["code"], "forbidden");
    ada.send(change("edit", json!({"content": "first"}))).await;
    assert_eq!(bob.next_of("edited").await["content"], "first");
    bob.send(change("react", json!({"emoji": "+1"}))).await;
    assert_eq!(ada.next_of("reacted").await["emoji"], "+1");
    let page = server.get("/api/v1/rooms/general/messages").await.json();
    let message = &page["messages"][0];
    assert_eq!(
        (&message["content"], &page["head"]),
        (&json!("first"), &json!(3))
    );
    assert!(message["edited_at"].is_string());
    assert_eq!(
        message["reactions"][0]["users"].as_array().unwrap().len(),
        1
    );
    let delete = json!({"type": "delete", "room": "general", "target": 1, "id": "d"});
    ada.send(delete).await;
    assert_eq!(bob.next_of("deleted").await["target"], json!(1));
    // Nobody is sent what it said any more, not even from before the deletion.
    let mut late = server.connect("Late").await;
    late.join_with(json!({"type": "join", "room": "general", "last": 10}))
        .await;
    let message = late.next_of("message").await;
    assert_eq!(
        (&message["deleted"], &message["content"]),
        (&json!(true), &Value::Null)
    );
    assert_eq!(late.next_of("edited").await["content"], Value::Null);
}

#[tokio::test]
async fn a_room_in_memory_says_what_it_no_longer_holds() {
    let server = Server::with(|config| config.limits.messages_per_second = 0).await;
    let mut ada = server.connect("Ada").await;
    let joined = ada.join("live:match").await;
    for n in 0..3000 {
        ada.say("live:match", &n.to_string()).await;
        ada.hear(1).await;
    }
    // The room was opened before it dropped anything, and knows all the same what it holds now.
    let join = json!({
        "type": "join", "room": "live:match", "since": 0, "epoch": joined["epoch"], "last": 5,
    });
    let mut bob = server.connect("Bob").await;
    assert_eq!(bob.join_with(join).await["complete"], false);
    assert_eq!(bob.hear(5).await, ["2995", "2996", "2997", "2998", "2999"]);
}

#[tokio::test]
async fn who_asks_a_room_in_memory_for_more_than_it_holds_gets_what_it_holds() {
    let server = Server::with(|config| config.limits.messages_per_second = 0).await;
    let mut ada = server.connect("Ada").await;
    ada.join("live:large").await;
    let data = "x".repeat(50 * 1024);
    for n in 0..40 {
        let content = n.to_string();
        ada.send(
            json!({"type": "message", "room": "live:large", "content": content, "data": data}),
        )
        .await;
        ada.hear(1).await;
    }
    let mut bob = server.connect("Bob").await;
    let join = json!({"type": "join", "room": "live:large", "last": 40});
    let joined = bob.join_with(join).await;
    assert_eq!(joined["complete"], true);
    let after = usize::try_from(joined["after"].as_u64().unwrap()).unwrap();
    assert!((10..35).contains(&after), "a MiB is kept, not {after}");
    let expected: Vec<_> = (after..40).map(|n| n.to_string()).collect();
    assert_eq!(bob.hear(40 - after).await, expected);
}

#[tokio::test]
async fn a_marker_follows_its_user_to_other_connections_and_days() {
    let mut server = Server::start().await;
    let signed_in = server.post("/api/v1/session", r#"{"name":"Ada"}"#).await;
    let cookie = signed_in
        .header("set-cookie")
        .unwrap()
        .split(';')
        .next()
        .unwrap()
        .to_owned();
    let headers = [("cookie", cookie.as_str())];
    let mut tab = Client::connect_with(server.address, "/ws", &headers).await;
    let mut other = Client::connect_with(server.address, "/ws", &headers).await;
    assert!(tab.join("general").await.get("read").is_none());
    other.join("general").await;
    for n in 0..5 {
        tab.say("general", &n.to_string()).await;
    }
    tab.hear(5).await;
    for (seq, told) in [(3, 3), (2, 0), (3, 0), (99, 5)] {
        tab.send(json!({"type": "read", "room": "general", "seq": seq}))
            .await;
        if told > 0 {
            assert_eq!(
                other.next_of("read").await["seq"],
                json!(told),
                "after {seq}"
            );
        }
    }
    assert!(
        tab.complete()
            .await
            .iter()
            .all(|frame| frame["type"] != "read")
    );
    server.restart().await;
    let mut tab = Client::connect_with(server.address, "/ws", &headers).await;
    assert_eq!(tab.join("general").await["read"], json!(5));
}

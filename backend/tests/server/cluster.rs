//! Several nodes on one PostgreSQL: whatever node a client uses, it sees the same rooms and the same log.

use crate::support::Server;
use crate::support::client::{Client, open};
use crate::support::people::{Person, room};
use backend::config::{BusConfig, BusEngine, LimitsConfig, StoreEngine};
use serde_json::{Value, json};
use services::{Durability, Postgres, Redis};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tokio_tungstenite::tungstenite::Error;

/// So many nodes with one fresh database.
async fn nodes(count: usize) -> Vec<Server> {
    nodes_with(count, |bus| bus.head_check = Duration::from_millis(100)).await
}

/// The same with a bus, and with comparisons so rare that only the bus can tell.
async fn nodes_with_bus(count: usize, redis: &str) -> Vec<Server> {
    nodes_with(count, with_redis(redis)).await
}

/// Nodes on a Redis that others use, too, with names of channels of their own.
fn with_redis(redis: &str) -> impl Fn(&mut BusConfig) {
    static CLUSTERS: AtomicU64 = AtomicU64::new(0);
    let prefix = format!("test-{}", CLUSTERS.fetch_add(1, Ordering::Relaxed));
    move |bus| {
        bus.engine = BusEngine::Redis;
        bus.url = Some(redis.to_owned());
        bus.prefix.clone_from(&prefix);
        bus.head_check = Duration::from_secs(3600);
    }
}

async fn nodes_with(count: usize, set_bus: impl Fn(&mut BusConfig)) -> Vec<Server> {
    nodes_limited(count, set_bus, |_| {}).await
}

async fn nodes_limited(
    count: usize,
    set_bus: impl Fn(&mut BusConfig),
    limit: impl Fn(&mut LimitsConfig),
) -> Vec<Server> {
    let url = Postgres::shared().unwrap().create_database().unwrap();
    let mut nodes = Vec::new();
    for _ in 0..count {
        let node = Server::with(|config| {
            config.store.engine = StoreEngine::Postgres;
            config.store.urls = vec![url.clone()];
            config.store.connections_max = 8;
            set_bus(&mut config.bus);
            limit(&mut config.limits);
        });
        nodes.push(node.await);
    }
    nodes
}

fn seq(message: &Value) -> u64 {
    message["seq"].as_u64().unwrap()
}

#[tokio::test]
async fn members_on_every_node_hear_the_same_in_the_same_order() {
    const EACH: usize = 60;
    let nodes = nodes(3).await;
    let mut members = Vec::new();
    for (number, node) in nodes.iter().enumerate() {
        let mut member = node.connect(&format!("member-{number}")).await;
        member.join("a").await;
        members.push(member);
    }
    for n in 0..EACH {
        for (number, member) in members.iter_mut().enumerate() {
            member.say("a", &format!("{number}/{n}")).await;
        }
    }
    let mut heard = Vec::new();
    for member in &mut members {
        let mut messages = Vec::new();
        while messages.len() < 3 * EACH {
            let message = member.next_of("message").await;
            assert_eq!(seq(&message), messages.len() as u64 + 1);
            messages.push(message["content"].as_str().unwrap().to_owned());
        }
        heard.push(messages);
    }
    assert_eq!(heard[0], heard[1]);
    assert_eq!(heard[1], heard[2]);
    for number in 0..3 {
        let prefix = format!("{number}/");
        let own = heard[0].iter().filter(|text| text.starts_with(&prefix));
        assert!(own.cloned().eq((0..EACH).map(|n| format!("{number}/{n}"))));
    }
}

#[tokio::test]
async fn a_client_resumes_on_another_node_with_nothing_lost_or_repeated() {
    let nodes = nodes(2).await;
    // Somebody keeps the room live on the second node, which has heard nothing yet.
    let mut other = nodes[1].connect("other").await;
    other.join("a").await;
    let mut ada = nodes[0].connect("ada").await;
    let joined = ada.join("a").await;
    let mut bob = nodes[0].connect("bob").await;
    bob.join("a").await;
    for n in 1..=30 {
        bob.say("a", &n.to_string()).await;
    }
    let heard = ada.hear(20).await;
    drop(ada);
    let mut ada = nodes[1].connect("ada").await;
    let resume = json!({"type": "join", "room": "a", "since": 20, "epoch": joined["epoch"]});
    let answer = ada.join_with(resume).await;
    assert_eq!(
        (answer["after"].as_u64(), answer["complete"].as_bool()),
        (Some(20), Some(true)),
        "{answer}"
    );
    let rest = ada.hear(10).await;
    let all: Vec<String> = heard.into_iter().chain(rest).collect();
    assert!(all.into_iter().eq((1..=30).map(|n| n.to_string())));
}

#[tokio::test]
async fn a_message_that_is_sent_again_to_another_node_is_stored_once() {
    let nodes = nodes(2).await;
    let frame = json!({"type": "message", "room": "a", "content": "once", "id": "x1"});
    let mut acks = Vec::new();
    for node in &nodes {
        let mut ada = node.connect("ada").await;
        ada.join("a").await;
        ada.send(frame.clone()).await;
        acks.push(ada.next_of("ack").await["seq"].clone());
    }
    assert_eq!(acks, [1, 1]);
    let page = nodes[1].get(&format!("{}/messages", room("a"))).await;
    assert_eq!(page.json()["messages"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn what_is_deleted_on_one_node_can_be_read_on_none() {
    let nodes = nodes(2).await;
    let mut ada = nodes[0].connect("ada").await;
    let mut bob = nodes[1].connect("bob").await;
    ada.join("a").await;
    bob.join("a").await;
    ada.say("a", "secret").await;
    assert_eq!(bob.hear(1).await, ["secret"]);
    ada.send(json!({"type": "delete", "room": "a", "target": 1}))
        .await;
    assert_eq!(bob.next_of("deleted").await["target"], 1);
    let mut eve = nodes[1].connect("eve").await;
    let from_start = json!({"type": "join", "room": "a", "since": 0});
    eve.join_with(from_start).await;
    let first = eve.next_of("message").await;
    assert_eq!(first.get("content"), None, "{first}");
    assert_eq!(eve.next_of("deleted").await["seq"], 2);
}

#[tokio::test]
async fn what_an_admin_does_on_one_node_holds_on_all() {
    let nodes = nodes(2).await;
    let admin = Person::account(&nodes[0], "Admin").await;
    let bob = Person::account(&nodes[0], "Bob").await;
    let mut there = bob.connect(&nodes[1]).await;
    there.join("a").await;
    let body = json!({"user": bob.id(), "kind": "ban"});
    let path = format!("{}/sanctions", room("a"));
    let banned = admin.send(&nodes[0], "POST", &path, body).await;
    assert_eq!(banned.status, 201, "{banned:?}");
    let left = there.next_of("left").await;
    assert_eq!(
        (&left["room"], &left["reason"]),
        (&json!("a"), &json!("banned"))
    );

    let guest = Person::guest(&nodes[0], "Grace").await;
    let taken = nodes[1].post("/api/v1/session", r#"{"name": "grace"}"#);
    assert_eq!(taken.await.status, 409, "names are held on all nodes");
    let me = guest.send(&nodes[1], "GET", "/api/v1/session", Value::Null);
    assert_eq!(me.await.json()["user"]["name"], "Grace");
    let second = nodes[1].post(
        "/api/v1/accounts",
        r#"{"name": "Eve", "password": "correct horse battery"}"#,
    );
    assert_eq!(second.await.json()["role"], "member", "there is an admin");
}

#[tokio::test]
async fn a_node_that_goes_away_takes_nothing_with_it() {
    let mut nodes = nodes(2).await;
    let mut ada = nodes[0].connect("ada").await;
    ada.join("a").await;
    for n in 0..10 {
        ada.say("a", &n.to_string()).await;
    }
    ada.hear(10).await;
    nodes[0].stop().await;
    let mut ada: Client = nodes[1].connect("ada").await;
    ada.join_with(json!({"type": "join", "room": "a", "last": 10}))
        .await;
    assert!(
        ada.hear(10)
            .await
            .into_iter()
            .eq((0..10).map(|n| n.to_string()))
    );
    nodes[0].rise().await;
    let mut back = nodes[0].connect("ada").await;
    back.join("a").await;
    ada.say("a", "again").await;
    assert_eq!(back.hear(1).await, ["again"]);
}

#[tokio::test]
async fn the_bus_tells_other_nodes_of_every_message_large_and_small() {
    const EACH: usize = 40;
    let nodes = nodes_with_bus(3, &Redis::shared().unwrap().url()).await;
    let mut members = Vec::new();
    for (number, node) in nodes.iter().enumerate() {
        let mut member = node.connect(&format!("member-{number}")).await;
        member.join("a").await;
        members.push(member);
    }
    // Two of them in one batch are too large to travel on the bus, and are read from the store.
    let large = json!("x".repeat(40_000));
    for n in 0..EACH {
        for (number, member) in members.iter_mut().enumerate() {
            let mut message = json!({"type": "message", "room": "a"});
            match n % 20 {
                7 | 8 => message["data"] = large.clone(),
                _ => message["content"] = json!(format!("{number}/{n}")),
            }
            member.send(message).await;
        }
    }
    for member in &mut members {
        for seq in 1..=3 * EACH as u64 {
            assert_eq!(member.next_of("message").await["seq"], seq);
        }
    }
    // A broadcast, and what erases something.
    members[0]
        .send(json!({"type": "broadcast", "content": "to all"}))
        .await;
    for member in &mut members {
        assert_eq!(member.next_of("broadcast").await["content"], "to all");
    }
    members[1].say("a", "gone").await;
    let target = 3 * EACH as u64 + 1;
    members[1]
        .send(json!({"type": "delete", "room": "a", "target": target}))
        .await;
    assert_eq!(members[2].next_of("deleted").await["target"], target);
}

#[tokio::test]
async fn without_redis_messages_cross_by_the_store_and_with_it_again_by_the_bus() {
    let redis = Redis::start().unwrap();
    let nodes = nodes_with_bus(2, &redis.url()).await;
    let mut ada = nodes[0].connect("ada").await;
    let mut bob = nodes[1].connect("bob").await;
    ada.join("a").await;
    bob.join("a").await;
    ada.say("a", "one").await;
    assert_eq!(bob.hear(1).await, ["one"]);
    let degraded = json!({"ready": true, "degraded": ["bus"]});
    while nodes[0].get("/ready").await.json() != json!({"ready": true}) {}
    redis.stop().unwrap();
    while nodes[0].get("/ready").await.json() != degraded {}
    ada.say("a", "two").await;
    assert_eq!(
        ada.hear(2).await,
        ["one", "two"],
        "on its own node, at once"
    );
    redis.restart().unwrap();
    // When it is subscribed again, a node compares what it has with the store.
    assert_eq!(bob.hear(1).await, ["two"]);
    bob.say("a", "three").await;
    assert_eq!(ada.hear(1).await, ["three"]);
    while nodes[0].get("/ready").await.json() == degraded {}
    let stats = nodes[0].get("/stats").await.json();
    assert_eq!(stats["cluster"]["bus_connected"], true, "{stats}");
}

#[tokio::test]
async fn while_postgresql_is_away_senders_are_told_to_try_again_and_then_it_goes_on() {
    let cluster = Postgres::start(Durability::Synced).unwrap();
    let url = cluster.create_database().unwrap();
    let node = Server::with(|config| {
        config.store.engine = StoreEngine::Postgres;
        config.store.urls = vec![url];
        config.store.connections_max = 8;
    });
    let node = node.await;
    let mut ada = node.connect("ada").await;
    ada.join("a").await;
    ada.say("a", "before").await;
    assert_eq!(ada.hear(1).await, ["before"]);
    cluster.stop().unwrap();
    let message = json!({"type": "message", "room": "a", "content": "during", "id": "x1"});
    let refused = ada.error(message.clone()).await;
    assert_eq!(
        (refused["code"].as_str(), refused["retryable"].as_bool()),
        (Some("store_unavailable"), Some(true)),
        "{refused}"
    );
    // What goes past the store goes on.
    assert_eq!(ada.complete().await, Vec::<Value>::new());
    while node.get("/ready").await.status != 503 {}
    cluster.restart().unwrap();
    while node.get("/ready").await.status != 200 {}
    // Its client sends it again until it is acknowledged, as every client does.
    loop {
        ada.send(message.clone()).await;
        let answer = ada.next().await;
        if answer["type"] != "error" {
            break;
        }
    }
    let page = node.get(&format!("{}/messages", room("a"))).await.json();
    let contents = page["messages"].as_array().unwrap().iter();
    let contents: Vec<&Value> = contents.map(|message| &message["content"]).collect();
    assert_eq!(contents, ["before", "during"]);
}

fn names(frame: &Value) -> Vec<&str> {
    let users = frame["users"].as_array().into_iter().flatten();
    users.map(|user| user["name"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn users_see_who_is_online_on_every_node_once_each() {
    let nodes = nodes_with_bus(3, &Redis::shared().unwrap().url()).await;
    let mut ada = nodes[0].connect("ada").await;
    ada.join("a").await;
    let mut bob = nodes[1].connect("bob").await;
    bob.join("a").await;
    ada.presence(|frame| frame["count"] == 2).await;
    bob.presence(|frame| frame["count"] == 2).await;
    // Ada again, on a third node: she is there already, and sees both.
    let mut again = nodes[2].connect("ada").await;
    again.join("a").await;
    again.presence(|frame| frame["count"] == 2).await;
    let users = nodes[2].get(&format!("{}/presence", room("a"))).await;
    assert_eq!(names(&users.json()), ["ada", "bob"]);
    drop(ada);
    let mut eve = nodes[0].connect("eve").await;
    eve.join("a").await;
    eve.presence(|frame| frame["count"] == 3).await;
    drop(again);
    eve.presence(|frame| frame["count"] == 2).await;
    bob.presence(|frame| frame["count"] == 2).await;
}

#[tokio::test]
async fn a_users_other_devices_show_a_room_as_read_on_every_node() {
    let nodes = nodes_with_bus(2, &Redis::shared().unwrap().url()).await;
    let ada = Person::account(&nodes[0], "Ada").await;
    let mut here = ada.connect(&nodes[0]).await;
    let mut there = ada.connect(&nodes[1]).await;
    let mut bob = nodes[1].connect("bob").await;
    for client in [&mut here, &mut there, &mut bob] {
        client.join("a").await;
    }
    bob.say("a", "one").await;
    assert_eq!(here.hear(1).await, ["one"]);
    here.send(json!({"type": "read", "room": "a", "seq": 1}))
        .await;
    let read = there.next_of("read").await;
    assert_eq!((&read["room"], &read["seq"]), (&json!("a"), &json!(1)));
    assert!(
        bob.complete()
            .await
            .iter()
            .all(|frame| frame["type"] != "read"),
        "nobody else is told"
    );
}

#[tokio::test]
async fn the_list_of_rooms_counts_users_on_all_nodes() {
    let redis = Redis::shared().unwrap().url();
    let nodes = nodes_limited(2, with_redis(&redis), |limits| {
        limits.reads_per_second = 0;
        limits.read_bytes_per_second = 0;
    });
    let nodes = nodes.await;
    let mut ada = nodes[0].connect("ada").await;
    ada.join("a").await;
    let online = async || {
        let list = nodes[1].get("/api/v1/rooms").await.json();
        let rooms = list["rooms"].as_array().unwrap().iter();
        let found = rooms.clone().find(|room| room["room"] == "a");
        found.map_or(0, |room| room["online"].as_u64().unwrap())
    };
    while online().await != 1 {}
    let mut bob = nodes[0].connect("bob").await;
    bob.join("a").await;
    while online().await != 2 {}
    drop((ada, bob));
    while online().await != 0 {}
}

#[tokio::test]
async fn what_a_user_uses_on_one_node_is_missing_on_the_others() {
    const BURST: usize = 400;
    let redis = Redis::shared().unwrap().url();
    let nodes = nodes_limited(2, with_redis(&redis), |limits| {
        limits.messages_per_second = 1;
        limits.messages_burst = 400;
        limits.connections_per_user_max = 4;
    });
    let nodes = nodes.await;
    let ada = Person::account(&nodes[0], "Ada").await;
    let mut here = ada.connect(&nodes[0]).await;
    let mut there = ada.connect(&nodes[1]).await;
    here.join("a").await;
    there.join("a").await;
    for n in 0..BURST {
        here.say("a", &n.to_string()).await;
    }
    // Told within half a second, of which this sees nothing but that it happens.
    let mut used = 0;
    let refused = loop {
        there
            .send(json!({"type": "message", "id": format!("m{used}"), "room": "a", "content": "x"}))
            .await;
        let answer = loop {
            let frame = there.next().await;
            if matches!(frame["type"].as_str(), Some("ack" | "error")) {
                break frame;
            }
        };
        if answer["type"] == "error" {
            break answer;
        }
        used += 1;
        // A while passes, by something that is not limited so.
        nodes[1].get("/stats").await;
    };
    assert_eq!(refused["code"], "rate_limited", "{refused}");
    assert!(used < BURST * 3 / 4, "{used} more were let through");
    // Connections, too: two are open, and two more may be.
    let more = [ada.connect(&nodes[0]).await, ada.connect(&nodes[0]).await];
    while let Ok((socket, _)) = ada.open(&nodes[1]).await {
        drop(socket);
    }
    drop(more);
    while ada.open(&nodes[1]).await.is_err() {}
}

#[tokio::test]
async fn slow_mode_and_attempts_by_one_name_are_counted_exactly_over_all_nodes() {
    let nodes = nodes_limited(
        2,
        |_| {},
        |limits| {
            limits.attempts_per_name = 1;
            limits.attempts_per_name_burst = 2;
        },
    );
    let nodes = nodes.await;
    let admin = Person::account(&nodes[0], "Admin").await;
    let change = json!({"slow_mode_ms": 3_600_000});
    let slowed = admin.send(&nodes[0], "PATCH", &room("a"), change).await;
    assert_eq!(slowed.status, 200, "{slowed:?}");
    let bob = Person::account(&nodes[0], "Bob").await;
    let message = |id: &str| json!({"type": "message", "id": id, "room": "a", "content": "x"});
    for (number, node) in nodes.iter().enumerate() {
        let mut client = bob.connect(node).await;
        client.join("a").await;
        client.send(message(&format!("m{number}"))).await;
        let expected = ["ack", "error"][number];
        let answer = loop {
            let frame = client.next().await;
            if frame["id"] == format!("m{number}") {
                break frame;
            }
        };
        assert_eq!(answer["type"], expected, "{answer}");
        if number == 1 {
            assert_eq!(answer["code"], "slow_mode", "{answer}");
            assert!(answer["retry_after_ms"].as_u64().unwrap() > 3_000_000);
        }
    }
    let wrong = r#"{"name": "Bob", "password": "not the right one"}"#;
    let mut statuses = Vec::new();
    for attempt in 0..4 {
        let answer = nodes[attempt % 2].post("/api/v1/session", wrong).await;
        statuses.push(answer.status);
    }
    assert_eq!(statuses, [401, 401, 429, 429]);
}

#[tokio::test]
async fn a_node_that_is_cut_off_sends_its_clients_away_and_comes_back_by_itself() {
    let redis = Redis::start().unwrap();
    let cluster = Postgres::start(Durability::Synced).unwrap();
    let url = cluster.create_database().unwrap();
    let node = Server::with(|config| {
        config.store.engine = StoreEngine::Postgres;
        config.store.urls = vec![url];
        config.store.connections_max = 8;
        with_redis(&redis.url())(&mut config.bus);
    });
    let node = node.await;
    let mut ada = node.connect("ada").await;
    ada.join("a").await;
    redis.stop().unwrap();
    cluster.stop().unwrap();
    let goodbye = ada.next_of("goodbye").await;
    assert!(
        goodbye["reconnect_after_ms"].as_u64().is_some(),
        "{goodbye}"
    );
    assert_eq!(ada.next_raw().await, Err(Some(4000)));
    match open(node.address, "/ws?name=ada", &[]).await {
        Err(Error::Http(answer)) => assert_eq!(answer.status().as_u16(), 503),
        other => panic!("let in: {other:?}"),
    }
    cluster.restart().unwrap();
    while node.get("/ready").await.status != 200 {}
    let mut ada = loop {
        if let Ok((socket, _)) = open(node.address, "/ws?name=ada", &[]).await {
            break Client::over(socket);
        }
    };
    ada.join("a").await;
    ada.say("a", "again").await;
    assert_eq!(ada.hear(1).await, ["again"]);
}

#[tokio::test]
async fn the_first_account_needs_the_same_code_on_all_nodes() {
    let url = Postgres::shared().unwrap().create_database().unwrap();
    let mut codes = Vec::new();
    for _ in 0..2 {
        let node = Server::with(|config| {
            config.store.engine = StoreEngine::Postgres;
            config.store.urls = vec![url.clone()];
            config.store.connections_max = 8;
            config.server.public_url = Some("https://chat.example".to_owned());
        });
        codes.push(node.await.claim_code().unwrap());
    }
    assert_eq!(codes[0], codes[1]);
}

#[tokio::test]
async fn rooms_in_memory_are_one_room_on_all_nodes_and_begin_anew_with_redis() {
    let redis = Redis::start().unwrap();
    let nodes = nodes_with_bus(2, &redis.url()).await;
    let mut ada = nodes[0].connect("ada").await;
    let mut bob = nodes[1].connect("bob").await;
    let joined = [ada.join("live:a").await, bob.join("live:a").await];
    assert_eq!(joined[0]["epoch"], joined[1]["epoch"]);
    for n in 0..20 {
        ada.say("live:a", &format!("ada {n}")).await;
        bob.say("live:a", &format!("bob {n}")).await;
    }
    let heard = ada.hear(40).await;
    assert_eq!(bob.hear(40).await, heard);
    // Another one resumes on the other node, and what is sent again is stored once.
    let mut eve = nodes[1].connect("eve").await;
    let since = json!({"type": "join", "room": "live:a", "since": 30, "epoch": joined[0]["epoch"]});
    assert_eq!(eve.join_with(since).await["complete"], true);
    assert_eq!(eve.hear(10).await, heard[30..]);
    let page = nodes[0].get(&format!("{}/messages", room("live:a"))).await;
    assert_eq!(page.json()["messages"].as_array().unwrap().len(), 40);
    let frame = json!({"type": "message", "room": "live:a", "content": "once", "id": "x1"});
    let mut seqs = Vec::new();
    for node in &nodes {
        let mut kim = node.connect("kim").await;
        kim.join("live:a").await;
        kim.send(frame.clone()).await;
        seqs.push(kim.next_of("ack").await["seq"].clone());
    }
    assert_eq!(seqs, [41, 41]);
    redis.stop().unwrap();
    let refused = ada.error(frame.clone()).await;
    assert_eq!(
        (refused["code"].as_str(), refused["retryable"].as_bool()),
        (Some("store_unavailable"), Some(true)),
        "{refused}"
    );
    redis.restart().unwrap();
    // The log is gone: whoever was there is told so, and comes back to another one.
    let mut again = loop {
        let mut again = nodes[1].connect("zoe").await;
        again.send(json!({"type": "join", "room": "live:a"})).await;
        let answer = loop {
            let frame = again.next().await;
            if matches!(frame["type"].as_str(), Some("joined" | "error")) {
                break frame;
            }
        };
        if answer["type"] == "joined" && answer["epoch"] != joined[0]["epoch"] {
            break again;
        }
    };
    again.say("live:a", "anew").await;
    assert_eq!(again.hear(1).await, ["anew"]);
}

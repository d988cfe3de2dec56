//! Access control of rooms: private rooms, direct conversations, and the settings of public ones, over the
//! socket and over HTTP.

use crate::support::Server;
use crate::support::client::Client;
use crate::support::people::{Person, room};
use serde_json::{Value, json};

#[tokio::test]
#[expect(
    clippy::too_many_lines,
    reason = "one room, seen by all who may ask for it"
)]
async fn a_private_room_is_its_members_and_for_others_it_is_not_there() {
    let server = Server::start().await;
    let ada = Person::account(&server, "Ada").await;
    let bob = Person::account(&server, "Bob").await;
    let mut bobs = bob.connect(&server).await;
    let private = ada.make_private(&server, "The lounge").await;
    let mut adas = ada.connect(&server).await;
    adas.send(json!({"type": "join", "room": private, "id": "j"}))
        .await;
    assert_eq!(adas.next_of("joined").await["room"], private);
    let settings = adas.next_of("settings").await;
    assert_eq!(
        (&settings["door"], &settings["title"], &settings["standing"]),
        (&json!("private"), &json!("The lounge"), &json!("owner"))
    );
    adas.send(json!({"type": "message", "id": "m", "room": private, "content": "secret"}))
        .await;
    adas.next_of("ack").await;
    // An outsider gets, byte for byte, what there is to say of a room that is not there.
    let absent = "$0000000000000";
    for kind in ["join", "history"] {
        let ask = |room: &str| json!({"type": kind, "id": "x", "room": room});
        let mut one = bobs.error(ask(&private)).await;
        let other = bobs.error(ask(absent)).await;
        assert_eq!(one["code"], "no_such_room");
        one["room"] = json!(absent);
        assert_eq!(one, other, "{kind}");
    }
    for (method, part, body) in [
        ("GET", "", Value::Null),
        ("GET", "/messages", Value::Null),
        ("GET", "/presence", Value::Null),
        ("GET", "/members", Value::Null),
        ("GET", "/sanctions", Value::Null),
        ("GET", "/invitations", Value::Null),
        ("PATCH", "", json!({"title": "Mine"})),
        ("POST", "/messages", json!({"content": "x"})),
        ("POST", "/invitations", json!({})),
        (
            "POST",
            "/sanctions",
            json!({"user": ada.id(), "kind": "ban"}),
        ),
        ("PUT", "/members/u1", json!({"standing": "member"})),
        ("DELETE", "/members/u1", Value::Null),
        ("DELETE", "/sanctions/s1", Value::Null),
        ("DELETE", "/invitations/i1", Value::Null),
    ] {
        let path = |room: &str| format!("/api/v1/rooms/{}{part}", room.replace('$', "%24"));
        let one = bob
            .send(&server, method, &path(&private), body.clone())
            .await;
        let other = bob.send(&server, method, &path(absent), body).await;
        assert_eq!(
            (one.status, other.status),
            (404, 404),
            "{method} {part}: {one:?}"
        );
        let told = one.body.replace(&private, absent);
        assert_eq!(told, other.body, "{method} {part}");
    }
    let stats = server.get("/stats").await.json();
    assert_eq!(stats["members"], json!({}), "{stats}");
    assert_eq!(stats["rooms"], 0);
    for (requester, seen) in [(&ada, 1), (&bob, 0)] {
        let list = requester
            .send(&server, "GET", "/api/v1/rooms", Value::Null)
            .await
            .json();
        let rooms = list["rooms"].as_array().unwrap();
        assert_eq!(rooms.len(), seen, "{list}");
        for room in rooms {
            assert_eq!(
                (&room["door"], &room["title"]),
                (&json!("private"), &json!("The lounge"))
            );
            assert_eq!((&room["head"], &room["online"]), (&json!(1), &json!(1)));
        }
    }
    let list = server.get("/api/v1/rooms").await.json();
    assert_eq!(list["rooms"], json!([]));
}

#[tokio::test]
async fn the_name_of_a_member_opens_nothing_to_who_only_says_it() {
    let server = Server::start().await;
    let ada = Person::account(&server, "Ada").await;
    let private = ada.make_private(&server, "The lounge").await;
    let vic = server.connect("Vic").await;
    let id = vic.welcome["user"]["id"].as_str().unwrap().to_owned();
    let put = ada.put(&server, &private, &id, "member").await;
    assert_eq!(put.json()["code"], "no_such_user", "{put:?}");
    let mut vic = vic;
    let refused = vic.error(json!({"type": "join", "room": private})).await;
    assert_eq!(refused["code"], "no_such_room");
    let made = server
        .post(
            "/api/v1/rooms?name=Vic",
            &json!({"name": "mine"}).to_string(),
        )
        .await;
    assert_eq!(
        (made.status, &made.json()["code"]),
        (403, &json!("forbidden"))
    );
}

#[tokio::test]
async fn who_is_let_in_hears_of_it_and_who_is_put_out_hears_nothing_more() {
    let server = Server::start().await;
    let ada = Person::account(&server, "Ada").await;
    let bob = Person::account(&server, "Bob").await;
    let private = ada.make_private(&server, "The lounge").await;
    let mut bobs = bob.connect(&server).await;
    assert_eq!(
        ada.put(&server, &private, bob.id(), "member").await.status,
        204
    );
    let told = bobs.next_of("rooms_changed").await;
    assert_eq!(
        (&told["room"], &told["by"]),
        (&json!(private), &json!(ada.id()))
    );
    bobs.join(&private).await;
    assert_eq!(bobs.next_of("settings").await["standing"], "member");
    let mut adas = ada.connect(&server).await;
    adas.join(&private).await;
    adas.say(&private, "one").await;
    assert_eq!(bobs.hear(1).await, ["one"]);
    assert_eq!(
        ada.put(&server, &private, bob.id(), "moderator")
            .await
            .status,
        204
    );
    let settings = bobs.next_of("settings").await;
    assert_eq!(settings["standing"], "moderator");
    assert!(settings["may"].as_array().unwrap().contains(&json!("kick")));
    let path = format!("{}/members/{}", room(&private), bob.id());
    assert_eq!(
        ada.send(&server, "DELETE", &path, Value::Null).await.status,
        204
    );
    let left = bobs.next_of("left").await;
    assert_eq!(
        (&left["room"], &left["reason"]),
        (&json!(private), &json!("kicked"))
    );
    adas.say(&private, "two").await;
    assert_eq!(adas.hear(2).await, ["one", "two"]);
    let after = bobs.complete().await;
    assert!(
        after.iter().all(|frame| frame["type"] == "rooms_changed"),
        "{after:?}"
    );
    for kind in ["message", "join", "history"] {
        let frame = json!({"type": kind, "id": "x", "room": private, "content": "x"});
        let code = bobs.error(frame).await["code"].clone();
        let expected = if kind == "message" {
            "not_joined"
        } else {
            "no_such_room"
        };
        assert_eq!(code, expected, "{kind}");
    }
    // The connection lives on.
    bobs.join("general").await;
}

#[tokio::test]
async fn who_is_put_out_of_a_public_room_may_come_back_and_who_is_banned_may_not() {
    let server = Server::start().await;
    let ada = Person::account(&server, "Ada").await;
    let mut eve = server.connect("Eve").await;
    let mut tab = server.connect("Eve").await;
    let id = eve.welcome["user"]["id"].as_str().unwrap().to_owned();
    eve.join("general").await;
    tab.join("general").await;
    let path = format!("{}/members/{id}", room("general"));
    assert_eq!(
        ada.send(&server, "DELETE", &path, Value::Null).await.status,
        204
    );
    for client in [&mut eve, &mut tab] {
        assert_eq!(client.next_of("left").await["reason"], "kicked");
    }
    assert_eq!(
        ada.send(&server, "DELETE", &path, Value::Null).await.status,
        404
    );
    eve.join("general").await;
    let ban = json!({"user": id, "kind": "ban", "reason": "spam", "for_ms": 3_600_000});
    let path = format!("{}/sanctions", room("general"));
    let made = ada.send(&server, "POST", &path, ban).await;
    assert_eq!(made.status, 201, "{made:?}");
    assert_eq!(eve.next_of("left").await["reason"], "banned");
    let refused = eve.error(json!({"type": "join", "room": "general"})).await;
    assert_eq!(refused["code"], "banned");
    assert_eq!(refused["message"], "you are banned from this room: spam");
    assert!(refused["retry_after_ms"].as_u64().unwrap() > 3_000_000);
    let page = server.get("/api/v1/rooms/general/messages?name=Eve").await;
    assert_eq!((page.status, &page.json()["code"]), (403, &json!("banned")));
    // Nobody sees somebody who is turned away at the door.
    let present = server.get("/api/v1/rooms/general/presence").await.json();
    assert_eq!(present["count"], 0, "{present}");
    let list = ada.send(&server, "GET", &path, Value::Null).await.json();
    let one = &list["sanctions"][0];
    assert_eq!(
        (&one["kind"], &one["reason"]),
        (&json!("ban"), &json!("spam"))
    );
    let path = format!("{path}/{}", one["id"].as_str().unwrap());
    assert_eq!(
        ada.send(&server, "DELETE", &path, Value::Null).await.status,
        204
    );
    assert_eq!(
        ada.send(&server, "DELETE", &path, Value::Null).await.status,
        404
    );
    eve.join("general").await;
}

#[tokio::test]
async fn a_ban_of_an_address_keeps_out_whoever_comes_from_there_but_those_who_look_after_it() {
    let server = Server::start().await;
    let ada = Person::account(&server, "Ada").await;
    let mut eve = server.connect("Eve").await;
    let mut zoe = server.connect("Zoe").await;
    let mut adas = ada.connect(&server).await;
    for client in [&mut eve, &mut zoe, &mut adas] {
        client.join("general").await;
    }
    let id = eve.welcome["user"]["id"].clone();
    let ban = json!({"user": id, "kind": "ban", "address": true});
    let path = format!("{}/sanctions", room("general"));
    let made = ada.send(&server, "POST", &path, ban).await;
    assert_eq!((made.status, &made.json()["address"]), (201, &json!(true)));
    assert!(!made.body.contains("127.0.0.1"));
    for client in [&mut eve, &mut zoe] {
        assert_eq!(client.next_of("left").await["reason"], "banned");
    }
    adas.say("general", "still here").await;
    assert_eq!(adas.hear(1).await, ["still here"]);
}

#[tokio::test]
#[expect(clippy::too_many_lines, reason = "one sequence of changes to a room")]
async fn what_keeps_from_writing_is_told_and_holds_on_the_socket_and_over_http() {
    let server = Server::start().await;
    let ada = Person::account(&server, "Ada").await;
    let mut bob = server.connect("Bob").await;
    bob.join("general").await;
    let frames = bob.complete().await;
    assert!(
        frames.iter().all(|frame| frame["type"] != "settings"),
        "{frames:?}"
    );
    let id = bob.welcome["user"]["id"].clone();
    let post = json!({"type": "message", "room": "general", "content": "x"});
    let over_http = || {
        server.post(
            "/api/v1/rooms/general/messages?name=Bob",
            r#"{"content":"x"}"#,
        )
    };
    let change = |what: Value| ada.send_owned(&server, "PATCH", room("general"), what);
    for (what, code, status) in [
        (json!({"locked": true}), "room_locked", 403),
        (
            json!({"locked": false, "archived": true}),
            "room_archived",
            403,
        ),
    ] {
        let changed = change(what.clone()).await;
        assert_eq!(changed.status, 200, "{changed:?}");
        let settings = bob.next_of("settings").await;
        let may = settings["may"].as_array().unwrap();
        assert!(!may.contains(&json!("post")) && may.contains(&json!("read_history")));
        assert_eq!(bob.error(post.clone()).await["code"], code);
        let answer = over_http().await;
        assert_eq!(
            (answer.status, &answer.json()["code"]),
            (status, &json!(code))
        );
    }
    assert_eq!(
        change(json!({"archived": false, "title": "Hall"}))
            .await
            .status,
        200
    );
    let settings = bob.next_of("settings").await;
    assert_eq!(settings["title"], "Hall");
    let mute = json!({"user": id, "kind": "mute", "for_ms": 3_600_000});
    let sanctions = format!("{}/sanctions", room("general"));
    let made = ada.send(&server, "POST", &sanctions, mute).await;
    assert_eq!(made.status, 201, "{made:?}");
    let settings = bob.next_of("settings").await;
    assert!(settings["muted"]["until"].is_string(), "{settings}");
    let error = bob.error(post.clone()).await;
    assert_eq!(error["code"], "muted");
    assert!(error["retry_after_ms"].as_u64().unwrap() > 3_000_000);
    assert_eq!(over_http().await.json()["code"], "muted");
    let path = format!("{sanctions}/{}", made.json()["id"].as_str().unwrap());
    assert_eq!(
        ada.send(&server, "DELETE", &path, Value::Null).await.status,
        204
    );
    assert_eq!(bob.next_of("settings").await["muted"], Value::Null);
    assert_eq!(
        change(json!({"slow_mode_ms": 3_600_000, "title": ""}))
            .await
            .status,
        200
    );
    assert_eq!(bob.next_of("settings").await["slow_mode_ms"], 3_600_000);
    bob.say("general", "the only one").await;
    assert_eq!(bob.hear(1).await, ["the only one"]);
    let error = bob.error(post.clone()).await;
    assert_eq!(
        (&error["code"], &error["retryable"]),
        (&json!("slow_mode"), &json!(true))
    );
    assert!(error["retry_after_ms"].as_u64().unwrap() > 3_000_000);
    let answer = over_http().await;
    assert_eq!(
        (answer.status, &answer.json()["code"]),
        (429, &json!("slow_mode"))
    );
    assert_eq!(change(json!({"slow_mode_ms": 0})).await.status, 200);
    // Nothing is set any more: that, too, is told.
    let settings = bob.next_of("settings").await;
    assert_eq!(settings["may"].as_array().unwrap().len(), 8, "{settings}");
    bob.say("general", "again").await;
    assert_eq!(bob.hear(1).await, ["again"]);
    let bad = change(json!({"slow_mode_ms": 3_600_001})).await;
    assert_eq!(
        (bad.status, &bad.json()["code"]),
        (400, &json!("invalid_field"))
    );
    for for_ms in [0, 3_153_600_000_001, i64::MAX.unsigned_abs(), u64::MAX] {
        let mute = json!({"user": id, "kind": "mute", "for_ms": for_ms});
        let bad = ada.send(&server, "POST", &sanctions, mute).await;
        assert_eq!(
            (bad.status, &bad.json()["code"]),
            (400, &json!("invalid_field")),
            "for {for_ms} ms"
        );
    }
}

#[tokio::test]
async fn a_mute_that_runs_out_is_told() {
    let server = Server::start().await;
    let ada = Person::account(&server, "Ada").await;
    let mut bob = server.connect("Bob").await;
    bob.join("general").await;
    let id = bob.welcome["user"]["id"].clone();
    let mute = json!({"user": id, "kind": "mute", "for_ms": 3000});
    let made = ada
        .send(
            &server,
            "POST",
            &format!("{}/sanctions", room("general")),
            mute,
        )
        .await;
    assert_eq!(made.status, 201, "{made:?}");
    assert!(bob.next_of("settings").await["muted"].is_object());
    assert_eq!(bob.next_of("settings").await["muted"], Value::Null);
    bob.say("general", "again").await;
    assert_eq!(bob.hear(1).await, ["again"]);
}

#[tokio::test]
async fn two_people_talk_alone_and_nobody_else_knows() {
    let server = Server::start().await;
    let ada = Person::account(&server, "Ada").await;
    let bob = Person::account(&server, "Bob").await;
    let eve = Person::account(&server, "Eve").await;
    let mut bobs = bob.connect(&server).await;
    let opened = ada
        .send(&server, "POST", "/api/v1/direct", json!({"user": bob.id()}))
        .await;
    assert_eq!(opened.status, 200, "{opened:?}");
    let settings = opened.json();
    assert_eq!(
        (&settings["door"], &settings["with"]["name"]),
        (&json!("direct"), &json!("Bob"))
    );
    let direct = settings["room"].as_str().unwrap().to_owned();
    let told = bobs.next_of("rooms_changed").await;
    assert_eq!(
        (&told["room"], &told["by"]),
        (&json!(direct), &json!(ada.id()))
    );
    let back = bob
        .send(&server, "POST", "/api/v1/direct", json!({"user": ada.id()}))
        .await
        .json();
    assert_eq!(
        (&back["room"], &back["with"]["name"]),
        (&json!(direct), &json!("Ada"))
    );
    bobs.join(&direct).await;
    assert_eq!(bobs.next_of("settings").await["with"]["name"], "Ada");
    let mut eves = eve.connect(&server).await;
    let refused = eves.error(json!({"type": "join", "room": direct})).await;
    assert_eq!(refused["code"], "no_such_room");
    // Never a third, and nobody is put out.
    let put = ada.put(&server, &direct, eve.id(), "member").await;
    assert_eq!(
        (put.status, &put.json()["code"]),
        (403, &json!("forbidden"))
    );
    for who in [bob.id(), ada.id()] {
        let path = format!("{}/members/{who}", room(&direct));
        let out = ada.send(&server, "DELETE", &path, Value::Null).await;
        assert_eq!(out.status, 403, "{out:?}");
    }
    for (body, code) in [
        (json!({"user": ada.id()}), "invalid_field"),
        (json!({"user": "nobody"}), "no_such_user"),
    ] {
        let answer = ada.send(&server, "POST", "/api/v1/direct", body).await;
        assert_eq!(answer.json()["code"], code);
    }
    let list = bob
        .send(&server, "GET", "/api/v1/rooms", Value::Null)
        .await
        .json();
    assert_eq!(list["rooms"][0]["with"]["name"], "Ada");
}

#[tokio::test]
async fn an_invitation_is_looked_at_and_accepted_and_opens_so_often() {
    let server = Server::start().await;
    let ada = Person::account(&server, "Ada").await;
    let bob = Person::account(&server, "Bob").await;
    let eve = Person::account(&server, "Eve").await;
    let private = ada.make_private(&server, "The lounge").await;
    let invitations = format!("{}/invitations", room(&private));
    let made = ada
        .send(&server, "POST", &invitations, json!({"uses": 1}))
        .await;
    assert_eq!(made.status, 201, "{made:?}");
    let made = made.json();
    let code = json!({"code": made["code"]});
    let look = bob
        .send(&server, "POST", "/api/v1/invitations/look", code.clone())
        .await
        .json();
    assert_eq!(
        look,
        json!({"title": "The lounge", "by": {"id": ada.id(), "name": "Ada"}, "members": 1})
    );
    let accept = "/api/v1/invitations/accept";
    let stranger = server
        .post(&format!("{accept}?name=Vic"), &code.to_string())
        .await;
    assert_eq!(stranger.json()["code"], "forbidden");
    let joined = bob.send(&server, "POST", accept, code.clone()).await;
    assert_eq!(joined.status, 200, "{joined:?}");
    assert_eq!(
        (&joined.json()["standing"], &joined.json()["room"]),
        (&json!("member"), &json!(private))
    );
    let late = eve.send(&server, "POST", accept, code.clone()).await;
    assert_eq!(
        (late.status, &late.json()["code"]),
        (404, &json!("no_such_invitation"))
    );
    let made = ada
        .send(&server, "POST", &invitations, json!({}))
        .await
        .json();
    let list = ada.send(&server, "GET", &invitations, Value::Null).await;
    assert_eq!(list.json()["invitations"].as_array().unwrap().len(), 1);
    assert!(!list.body.contains(made["code"].as_str().unwrap()));
    // A member who looks is told which room it is; accepting again uses nothing up.
    let code = json!({"code": made["code"]});
    let look = bob
        .send(&server, "POST", "/api/v1/invitations/look", code.clone())
        .await;
    assert_eq!(look.json()["room"], json!(private));
    assert_eq!(bob.send(&server, "POST", accept, code).await.status, 200);
    let list = ada.send(&server, "GET", &invitations, Value::Null).await;
    assert_eq!(list.json()["invitations"][0]["used"], 0);
    let path = format!("{invitations}/{}", made["id"].as_str().unwrap());
    assert_eq!(
        ada.send(&server, "DELETE", &path, Value::Null).await.status,
        204
    );
    let code = json!({"code": made["code"]});
    let late = eve.send(&server, "POST", accept, code).await;
    assert_eq!(late.json()["code"], "no_such_invitation");
    for bad in [
        json!({"for_ms": 0}),
        json!({"uses": 0}),
        json!({"for_ms": 7_776_000_001_u64}),
    ] {
        let answer = ada.send(&server, "POST", &invitations, bad).await;
        assert_eq!(answer.json()["code"], "invalid_field");
    }
}

#[tokio::test]
async fn guessing_invitations_slows_like_guessing_passwords() {
    let server = Server::with(|config| {
        config.limits.attempts_per_address = 1;
        config.limits.attempts_per_address_burst = 5;
    })
    .await;
    let mut codes = Vec::new();
    for n in 0..8 {
        let body = json!({"code": format!("hbi_{n}")}).to_string();
        let answer = server.post("/api/v1/invitations/look", &body).await;
        codes.push(answer.json()["code"].as_str().unwrap().to_owned());
    }
    assert_eq!(codes[0], "no_such_invitation");
    assert_eq!(codes[7], "rate_limited");
}

#[tokio::test]
async fn who_is_banned_from_the_node_is_closed_and_not_let_in() {
    let server = Server::start().await;
    let ada = Person::account(&server, "Ada").await;
    let eve = Person::account(&server, "Eve").await;
    let mut eves = eve.connect(&server).await;
    let mut gus = server.connect("Gus").await;
    gus.join("general").await;
    let gus_id = gus.welcome["user"]["id"].clone();
    let forbidden = eve
        .send(
            &server,
            "POST",
            "/api/v1/sanctions",
            json!({"user": ada.id(), "kind": "ban"}),
        )
        .await;
    assert_eq!(forbidden.status, 403);
    let mut ids = Vec::new();
    for id in [json!(eve.id()), gus_id] {
        let ban = json!({"user": id, "kind": "ban"});
        let made = ada.send(&server, "POST", "/api/v1/sanctions", ban).await;
        assert_eq!(made.status, 201, "{made:?}");
        ids.push(made.json()["id"].as_str().unwrap().to_owned());
    }
    assert_eq!(closed(&mut eves).await, Some(4503));
    assert_eq!(closed(&mut gus).await, Some(4503));
    let answer = eve.send(&server, "GET", "/api/v1/rooms", Value::Null).await;
    assert_eq!(
        (answer.status, &answer.json()["code"]),
        (403, &json!("banned"))
    );
    assert_eq!(eve.turned_away(&server).await, Some(4503));
    let own = json!({"user": ada.id(), "kind": "mute"});
    let own = ada.send(&server, "POST", "/api/v1/sanctions", own).await;
    assert_eq!(own.status, 403, "nobody acts upon the same role");
    for id in ids {
        let path = format!("/api/v1/sanctions/{id}");
        assert_eq!(
            ada.send(&server, "DELETE", &path, Value::Null).await.status,
            204
        );
    }
    eve.connect(&server).await.join("general").await;
}

#[tokio::test]
async fn who_is_muted_on_the_node_writes_nowhere() {
    let server = Server::start().await;
    let ada = Person::account(&server, "Ada").await;
    let eve = Person::account(&server, "Eve").await;
    let mut eves = eve.connect(&server).await;
    eves.join("general").await;
    let mute = json!({"user": eve.id(), "kind": "mute"});
    let made = ada.send(&server, "POST", "/api/v1/sanctions", mute).await;
    assert_eq!(made.status, 201, "{made:?}");
    assert!(eves.next_of("settings").await["muted"].is_object());
    for frame in [
        json!({"type": "message", "room": "general", "content": "x"}),
        json!({"type": "broadcast", "content": "x"}),
    ] {
        assert_eq!(eves.error(frame).await["code"], "muted");
    }
    for path in ["/api/v1/rooms/general/messages", "/api/v1/broadcasts"] {
        let answer = eve
            .send(&server, "POST", path, json!({"content": "x"}))
            .await;
        assert_eq!(answer.json()["code"], "muted", "{path}");
    }
}

#[tokio::test]
async fn a_room_is_made_once_and_not_where_somebody_writes_already() {
    let server = Server::start().await;
    let ada = Person::account(&server, "Ada").await;
    let gus = Person::guest(&server, "Gus").await;
    let made = gus
        .send(
            &server,
            "POST",
            "/api/v1/rooms",
            json!({"name": "garden", "topic": "plants"}),
        )
        .await;
    assert_eq!(made.status, 201, "{made:?}");
    assert_eq!(
        (&made.json()["standing"], &made.json()["topic"]),
        (&json!("owner"), &json!("plants"))
    );
    let mut vic = server.connect("Vic").await;
    vic.join("busy").await;
    server
        .post(
            "/api/v1/rooms/written/messages?name=ci",
            r#"{"content":"x"}"#,
        )
        .await;
    for (body, status, code) in [
        (json!({"name": "garden"}), 409, "room_taken"),
        (json!({"name": "busy"}), 409, "room_taken"),
        (json!({"name": "written"}), 409, "room_taken"),
        (json!({"name": "$0000000000000"}), 400, "invalid_room"),
        (json!({"name": "$broadcast"}), 400, "invalid_room"),
        (json!({"name": "a/b"}), 400, "invalid_room"),
        (json!({}), 400, "invalid_field"),
        (json!({"door": "private"}), 400, "invalid_field"),
        (
            json!({"door": "private", "name": "x", "title": "x"}),
            400,
            "invalid_field",
        ),
        (json!({"door": "direct"}), 400, "invalid_field"),
    ] {
        let answer = ada
            .send(&server, "POST", "/api/v1/rooms", body.clone())
            .await;
        assert_eq!(
            (answer.status, &answer.json()["code"]),
            (status, &json!(code)),
            "{body}"
        );
    }
    let guests = gus
        .send(
            &server,
            "POST",
            "/api/v1/rooms",
            json!({"door": "private", "title": "x"}),
        )
        .await;
    assert_eq!(guests.status, 403);
    let list = server.get("/api/v1/rooms").await.json();
    let rooms = list["rooms"].as_array().unwrap();
    assert!(
        rooms
            .iter()
            .any(|room| room["room"] == "garden" && room["topic"] == "plants")
    );
}

#[tokio::test]
async fn a_private_room_keeps_an_owner_while_it_has_members() {
    let server = Server::start().await;
    let ada = Person::account(&server, "Ada").await;
    let bob = Person::account(&server, "Bob").await;
    let private = ada.make_private(&server, "The lounge").await;
    assert_eq!(
        ada.put(&server, &private, bob.id(), "member").await.status,
        204
    );
    let own = format!("{}/members/{}", room(&private), ada.id());
    let stuck = ada.send(&server, "DELETE", &own, Value::Null).await;
    assert_eq!(stuck.status, 403, "{stuck:?}");
    assert_eq!(
        ada.put(&server, &private, ada.id(), "member").await.status,
        403
    );
    assert_eq!(
        bob.put(&server, &private, ada.id(), "member").await.status,
        403
    );
    assert_eq!(
        ada.put(&server, &private, bob.id(), "owner").await.status,
        204
    );
    assert_eq!(
        ada.put(&server, &private, bob.id(), "member").await.status,
        403,
        "an equal"
    );
    let members = bob
        .send(
            &server,
            "GET",
            &format!("{}/members", room(&private)),
            Value::Null,
        )
        .await
        .json();
    assert_eq!(members["members"].as_array().unwrap().len(), 2);
    assert_eq!(
        ada.send(&server, "DELETE", &own, Value::Null).await.status,
        204
    );
    let gone = ada.send(&server, "GET", &room(&private), Value::Null).await;
    assert_eq!(gone.status, 404);
}

#[tokio::test]
async fn rooms_and_what_holds_in_them_survive_a_restart() {
    let mut server = Server::start().await;
    let ada = Person::account(&server, "Ada").await;
    let private = ada.make_private(&server, "The lounge").await;
    let locked = json!({"locked": true});
    let changed = ada.send(&server, "PATCH", &room("general"), locked).await;
    assert_eq!(changed.status, 200, "{changed:?}");
    server.restart().await;
    let mut adas = ada.connect(&server).await;
    adas.join(&private).await;
    assert_eq!(adas.next_of("settings").await["title"], "The lounge");
    let mut bob = server.connect("Bob").await;
    bob.join("general").await;
    assert_eq!(bob.next_of("settings").await["locked"], true);
}

#[tokio::test]
async fn the_audit_log_says_what_was_done_in_private_rooms_and_neither_where_nor_to_whom() {
    let server = Server::start().await;
    let ada = Person::account(&server, "Ada").await;
    let bob = Person::account(&server, "Bob").await;
    let private = ada.make_private(&server, "The lounge").await;
    ada.put(&server, &private, bob.id(), "moderator").await;
    ada.send(
        &server,
        "PATCH",
        &room(&private),
        json!({"topic": "t", "archived": false}),
    )
    .await;
    let mute = json!({"user": bob.id(), "kind": "mute"});
    let made = ada
        .send(
            &server,
            "POST",
            &format!("{}/sanctions", room(&private)),
            mute,
        )
        .await
        .json();
    let path = format!(
        "{}/sanctions/{}",
        room(&private),
        made["id"].as_str().unwrap()
    );
    ada.send(&server, "DELETE", &path, Value::Null).await;
    let path = format!("{}/members/{}", room(&private), bob.id());
    ada.send(&server, "DELETE", &path, Value::Null).await;
    let page = ada.send(&server, "GET", "/api/v1/audit", Value::Null).await;
    assert!(
        !page.body.contains("lounge"),
        "titles are the members' business"
    );
    assert!(!page.body.contains(private.as_str()), "and so are names");
    let page = page.json();
    let lines: Vec<_> = page["entries"]
        .as_array()
        .unwrap()
        .iter()
        .rev()
        .skip(4)
        .map(|entry| {
            assert_eq!(entry["actor"]["name"], "Ada");
            format!(
                "{} {}",
                entry["act"].as_str().unwrap(),
                entry["subject"].as_str().unwrap()
            )
        })
        .collect();
    assert_eq!(
        lines,
        [
            "room_made a private room",
            "standing_changed a private room",
            "room_changed a private room",
            "room_reopened a private room",
            "muted a private room",
            "sanction_lifted a private room",
            "kicked a private room",
        ]
    );
}

async fn closed(client: &mut Client) -> Option<u16> {
    loop {
        if let Err(code) = client.next_raw().await {
            return code;
        }
    }
}

//! The hub without a page and without a socket.

use crate::support::Server;
use crate::support::client::Client;
use crate::support::http::{Answer, request};
use serde_json::{Value, json};

#[tokio::test]
async fn a_program_publishes_over_http_and_members_hear_it() {
    let server = Server::with(|config| config.server.page = false).await;
    let mut ada = server.connect("Ada").await;
    ada.join("builds").await;
    let body = r#"{"content":"build 7 failed","data":{"build":7},"id":"b7"}"#;
    let first = server
        .post("/api/v1/rooms/builds/messages?name=ci", body)
        .await;
    assert_eq!(first.status, 201);
    assert_eq!(
        (&first.json()["seq"], &first.json()["room"]),
        (&json!(1), &json!("builds"))
    );
    let heard = ada.next_of("message").await;
    assert_eq!(
        (&heard["from"], &heard["data"]),
        (&json!("ci"), &json!({"build": 7}))
    );
    let again = server
        .post("/api/v1/rooms/builds/messages?name=ci", body)
        .await;
    assert_eq!((again.status, again.json()), (200, first.json()));
    let broadcast = server
        .post("/api/v1/broadcasts?name=ci", r#"{"content":"maintenance"}"#)
        .await;
    assert_eq!(broadcast.status, 201);
    assert_eq!(ada.next_of("broadcast").await["content"], "maintenance");
}

#[tokio::test]
async fn pages_are_read_over_http_with_the_frames_own_types() {
    let server = Server::start().await;
    for n in 1..=5 {
        let body = format!(r#"{{"content":"{n}"}}"#);
        server
            .post("/api/v1/rooms/My%20room/messages?name=ci", &body)
            .await;
    }
    for (query, expected, more) in [
        ("", vec![1, 2, 3, 4, 5], false),
        ("?limit=2", vec![4, 5], true),
        ("?before=3", vec![1, 2], false),
        ("?after=1&limit=2", vec![2, 3], true),
        ("?after=99", vec![], false),
    ] {
        let page = server
            .get(&format!("/api/v1/rooms/My%20room/messages{query}"))
            .await
            .json();
        let seqs: Vec<_> = page["messages"]
            .as_array()
            .unwrap()
            .iter()
            .map(|m| m["seq"].clone())
            .collect();
        let expected: Vec<Value> = expected.into_iter().map(|n: u64| json!(n)).collect();
        assert_eq!((seqs, &page["more"]), (expected, &json!(more)), "{query}");
        assert_eq!(
            (&page["room"], &page["head"]),
            (&json!("My room"), &json!(5))
        );
    }
}

#[tokio::test]
#[expect(clippy::too_many_lines, reason = "one table of requests")]
async fn bad_requests_are_told_what_is_wrong() {
    let server = Server::start().await;
    let address = server.address;
    let messages = "/api/v1/rooms/general/messages";
    let json_type = ("content-type", "application/json");
    let large = format!(r#"{{"content":"{}"}}"#, "x".repeat(300_000));
    let long = format!(r#"{{"content":"{}"}}"#, "x".repeat(16 * 1024 + 1));
    for (method, path, headers, body, status, code) in [
        ("GET", "/nowhere", vec![], "", 404, "not_found"),
        ("GET", "/api/v1/nowhere", vec![], "", 404, "not_found"),
        (
            "PUT",
            messages,
            vec![json_type],
            "{}",
            405,
            "method_not_allowed",
        ),
        (
            "POST",
            messages,
            vec![],
            r#"{"content":"x"}"#,
            415,
            "unsupported_media_type",
        ),
        (
            "POST",
            messages,
            vec![("content-type", "text/plain")],
            r#"{"content":"x"}"#,
            415,
            "unsupported_media_type",
        ),
        (
            "POST",
            messages,
            vec![json_type],
            "",
            400,
            "malformed_frame",
        ),
        (
            "POST",
            messages,
            vec![json_type],
            "{",
            400,
            "malformed_frame",
        ),
        (
            "POST",
            messages,
            vec![json_type],
            "[]",
            400,
            "malformed_frame",
        ),
        (
            "POST",
            messages,
            vec![json_type],
            "{}",
            400,
            "empty_message",
        ),
        (
            "POST",
            messages,
            vec![json_type],
            r#"{"content":" "}"#,
            400,
            "empty_message",
        ),
        (
            "POST",
            messages,
            vec![json_type],
            r#"{"content":"x","id":"a b"}"#,
            400,
            "invalid_field",
        ),
        (
            "POST",
            messages,
            vec![json_type],
            &long,
            413,
            "message_too_large",
        ),
        (
            "POST",
            messages,
            vec![json_type],
            &large,
            413,
            "body_too_large",
        ),
        (
            "POST",
            messages,
            vec![json_type, ("origin", "https://evil.example")],
            r#"{"content":"x"}"#,
            403,
            "foreign_origin",
        ),
        (
            "POST",
            "/api/v1/rooms/$broadcast/messages",
            vec![json_type],
            r#"{"content":"x"}"#,
            403,
            "reserved_room",
        ),
        (
            "POST",
            "/api/v1/rooms/$x/messages",
            vec![json_type],
            r#"{"content":"x"}"#,
            400,
            "invalid_room",
        ),
        (
            "POST",
            "/api/v1/rooms/a%2Fb/messages",
            vec![json_type],
            r#"{"content":"x"}"#,
            400,
            "invalid_room",
        ),
        (
            "GET",
            "/api/v1/rooms/%FF/messages",
            vec![],
            "",
            400,
            "invalid_room",
        ),
        (
            "POST",
            messages,
            vec![json_type],
            r#"{"content":"x","id":"a"}"#,
            400,
            "invalid_field",
        ),
        (
            "GET",
            "/api/v1/rooms/%20/messages",
            vec![],
            "",
            400,
            "invalid_room",
        ),
        (
            "GET",
            "/api/v1/rooms/x/messages?before=1&after=2",
            vec![],
            "",
            400,
            "invalid_field",
        ),
        (
            "GET",
            "/api/v1/rooms/x/messages?limit=0",
            vec![],
            "",
            400,
            "invalid_field",
        ),
        (
            "GET",
            "/api/v1/rooms/x/messages?limit=many",
            vec![],
            "",
            400,
            "invalid_field",
        ),
        (
            "POST",
            "/api/v1/session",
            vec![json_type],
            r#"{"name":""}"#,
            400,
            "invalid_name",
        ),
        (
            "POST",
            "/api/v1/session",
            vec![json_type],
            r#"{"name":7}"#,
            400,
            "invalid_field",
        ),
        (
            "POST",
            "/api/v1/session",
            vec![json_type],
            "{",
            400,
            "malformed_frame",
        ),
        (
            "POST",
            "/api/v1/session",
            vec![],
            r#"{"name":"x"}"#,
            415,
            "unsupported_media_type",
        ),
    ] {
        let answer = request(address, method, path, &headers, body).await;
        let shown: String = body.chars().take(40).collect();
        assert_eq!(
            answer.status, status,
            "{method} {path} {shown}: {}",
            answer.body
        );
        assert_eq!(
            answer.json()["code"],
            code,
            "{method} {path} {shown}: {}",
            answer.body
        );
    }
    let head = server.get(messages).await.json()["head"].clone();
    assert_eq!(head, json!(0), "nothing of all this was stored");
}

/// The session cookie an answer sets, as a `Cookie` header's value.
fn cookie(answer: &Answer) -> String {
    answer
        .header("set-cookie")
        .unwrap()
        .split(';')
        .next()
        .unwrap()
        .to_owned()
}

#[tokio::test]
async fn a_browser_takes_a_name_keeps_it_by_cookie_and_gives_it_up() {
    let server = Server::start().await;
    let address = server.address;
    assert_eq!(
        server.get("/api/v1/session").await.json()["user"],
        Value::Null
    );
    let signed_in = server.post("/api/v1/session", r#"{"name":" Ada "}"#).await;
    assert_eq!(
        (signed_in.status, &signed_in.json()["user"]["name"]),
        (201, &json!("Ada"))
    );
    let set = signed_in.header("set-cookie").unwrap().to_owned();
    for part in ["HttpOnly", "SameSite=Strict", "Path=/"] {
        assert!(set.contains(part), "{set}");
    }
    let cookie = cookie(&signed_in);
    let shown = request(
        address,
        "GET",
        "/api/v1/session",
        &[("cookie", &cookie)],
        "",
    )
    .await;
    assert_eq!(shown.json()["user"], signed_in.json()["user"]);

    let client = Client::connect_with(address, "/ws", &[("cookie", &cookie)]).await;
    assert_eq!(client.welcome["user"], signed_in.json()["user"]);
    let taken = server.post("/api/v1/session", r#"{"name":"ADA"}"#).await;
    assert_eq!(
        (taken.status, &taken.json()["code"]),
        (409, &json!("name_taken"))
    );

    let out = request(
        address,
        "DELETE",
        "/api/v1/session",
        &[("cookie", &cookie)],
        "",
    )
    .await;
    assert_eq!(out.status, 204);
    let shown = request(
        address,
        "GET",
        "/api/v1/session",
        &[("cookie", &cookie)],
        "",
    )
    .await;
    assert_eq!(shown.json()["user"], Value::Null);
    assert_eq!(
        server
            .post("/api/v1/session", r#"{"name":"Ada"}"#)
            .await
            .status,
        201
    );
}

#[tokio::test]
async fn a_signed_in_browser_survives_a_restart() {
    let mut server = Server::start().await;
    let cookie = cookie(&server.post("/api/v1/session", r#"{"name":"Ada"}"#).await);
    server.restart().await;
    let client = Client::connect_with(server.address, "/ws", &[("cookie", &cookie)]).await;
    assert_eq!(client.welcome["user"]["name"], "Ada");
}

#[tokio::test]
async fn health_stats_rooms_and_presence_answer_json() {
    let server = Server::start().await;
    assert_eq!(server.get("/health").await.json()["status"], "ok");
    assert_eq!(server.get("/ready").await.json(), json!({"ready": true}));
    let mut ada = server.connect("Ada").await;
    ada.join("general").await;
    ada.join("empty").await;
    ada.say("general", "hello").await;
    ada.hear(1).await;
    let mut stats = server.get("/stats").await.json();
    let refused = stats.as_object_mut().unwrap().remove("refused").unwrap();
    // There is one where other nodes may be.
    let cluster = stats.as_object_mut().unwrap().remove("cluster");
    assert!(cluster.is_none_or(|cluster| cluster["bus_connected"] == true));
    let refused = refused.as_object().unwrap();
    assert!(refused.len() > 5 && refused.values().all(|count| *count == json!(0)));
    assert_eq!(
        stats,
        json!({"clients": 1, "rooms": 2, "members": {"empty": 1, "general": 1}})
    );
    let rooms = server.get("/api/v1/rooms").await.json();
    let rooms = rooms["rooms"].as_array().unwrap().clone();
    let shown: Vec<_> = rooms
        .iter()
        .map(|r| (&r["room"], &r["head"], &r["online"]))
        .collect();
    assert_eq!(
        shown,
        [
            (&json!("general"), &json!(1), &json!(1)),
            (&json!("empty"), &json!(0), &json!(1)),
        ]
    );
    let presence = server.get("/api/v1/rooms/general/presence").await.json();
    assert_eq!(
        (&presence["count"], &presence["users"][0]["name"]),
        (&json!(1), &json!("Ada"))
    );
    let nobody = server.get("/api/v1/rooms/nobody/presence").await.json();
    assert_eq!(
        (&nobody["count"], &nobody["users"]),
        (&json!(0), &json!([]))
    );
}

#[tokio::test]
async fn an_unknown_address_is_a_page_for_people_and_an_error_for_programs() {
    let server = Server::start().await;
    let browser = [("accept", "text/html,application/xhtml+xml,*/*;q=0.8")];
    for (path, headers, status, kind) in [
        ("/nope", &browser[..], 404, "text/html"),
        ("/nope", &[], 404, "application/json"),
        ("/api/v1/nope", &browser, 404, "application/json"),
    ] {
        let answer = request(server.address, "GET", path, headers, "").await;
        assert_eq!(answer.status, status, "{path}");
        let found = answer.header("content-type").unwrap();
        assert!(found.starts_with(kind), "{path}: {found}");
    }
    let api_only = Server::with(|config| config.server.page = false).await;
    let answer = request(api_only.address, "GET", "/nope", &browser, "").await;
    assert_eq!(answer.header("content-type"), Some("application/json"));
}

#[tokio::test]
async fn a_trailing_slash_is_redirected() {
    let server = Server::start().await;
    for (from, to) in [
        ("/r/general/", "/r/general"),
        ("/api/v1/rooms/?name=Ada", "/api/v1/rooms?name=Ada"),
    ] {
        let answer = request(server.address, "GET", from, &[], "").await;
        assert_eq!(answer.status, 308, "{from}");
        assert_eq!(answer.header("location"), Some(to), "{from}");
    }
}

#[tokio::test]
async fn without_the_page_there_is_no_page() {
    let server = Server::with(|config| config.server.page = false).await;
    for path in ["/", "/r/general", "/account", "/admin", "/index.html"] {
        assert_eq!(server.get(path).await.status, 404, "{path}");
    }
    let with_page = Server::start().await;
    for path in ["/", "/r/general", "/account", "/admin", "/admin/keys"] {
        assert_eq!(with_page.get(path).await.status, 200, "{path}");
    }
}

#[tokio::test]
async fn answers_are_not_sniffed_framed_or_leaked() {
    let server = Server::start().await;
    for path in ["/", "/health", "/nowhere", "/api/v1/rooms"] {
        let answer = server.get(path).await;
        assert_eq!(
            answer.header("x-content-type-options"),
            Some("nosniff"),
            "{path}"
        );
        assert_eq!(answer.header("x-frame-options"), Some("DENY"), "{path}");
        assert_eq!(
            answer.header("referrer-policy"),
            Some("same-origin"),
            "{path}"
        );
    }
}

#[tokio::test]
async fn rooms_with_similar_names_are_found() {
    let server = Server::start().await;
    for room in ["general", "live:Ticks"] {
        let path = format!("/api/v1/rooms/{room}/messages");
        let posted = server.post(&path, r#"{"content":"x"}"#).await;
        assert_eq!(posted.status, 201);
    }
    let mut ada = server.connect("Ada").await;
    ada.join("Lounge").await;
    for (name, expected) in [
        ("General", &["general"][..]),
        ("genera1", &["general"]),
        ("general", &["general"]),
        ("LIVE:TICKS", &["live:Ticks"]),
        ("lounge", &["Lounge"]),
        ("nowhere", &[]),
    ] {
        let answer = server
            .get(&format!("/api/v1/rooms/similar?room={name}"))
            .await;
        assert_eq!(answer.status, 200, "{answer:?}");
        let answer = answer.json();
        let rooms = answer["rooms"].as_array().unwrap().iter();
        let names: Vec<_> = rooms.map(|room| room["room"].as_str().unwrap()).collect();
        assert_eq!(names, expected, "{name}");
    }
    for query in ["", "?room=", "?room=a/b"] {
        let refused = server.get(&format!("/api/v1/rooms/similar{query}")).await;
        assert_eq!(
            (refused.status, &refused.json()["code"]),
            (400, &json!("invalid_room"))
        );
    }
}

#[tokio::test]
async fn pages_of_allowed_origins_may_use_the_api_and_no_others() {
    let app = "https://app.example";
    let server = Server::with(|config| {
        config.server.allowed_origins = vec![app.to_owned()];
    })
    .await;
    let preflight = |origin: &'static str| {
        let headers = [
            ("origin", origin),
            ("access-control-request-method", "PUT"),
            ("access-control-request-headers", "content-type"),
        ];
        async move { request(server.address, "OPTIONS", "/api/v1/password", &headers, "").await }
    };
    let allowed = preflight(app).await;
    assert_eq!(allowed.header("access-control-allow-origin"), Some(app));
    assert_eq!(
        allowed.header("access-control-allow-credentials"),
        Some("true")
    );
    let methods = allowed.header("access-control-allow-methods").unwrap();
    assert!(methods.contains("PUT"), "{methods}");
    let foreign = preflight("https://evil.example").await;
    assert_eq!(foreign.header("access-control-allow-origin"), None);
    let headers = [("origin", app), ("content-type", "application/json")];
    let path = "/api/v1/rooms/r/messages";
    let posted = request(server.address, "POST", path, &headers, r#"{"content":"x"}"#).await;
    assert_eq!(posted.status, 201);
    assert_eq!(posted.header("access-control-allow-origin"), Some(app));
}

//! What admins do, what others may not, and what the audit log says of it.

use crate::support::Server;
use crate::support::client::Client;
use crate::support::http::{Answer, request};
use serde_json::{Value, json};

const PASSWORD: &str = "correct horse battery";

/// Makes an account; its user and what it proves itself with.
async fn account(server: &Server, name: &str) -> (Value, String) {
    let body = json!({"name": name, "password": PASSWORD, "tokens": true}).to_string();
    let made = server.post("/api/v1/accounts", &body).await.json();
    let access = made["tokens"]["access"].as_str().unwrap();
    (made["user"].clone(), format!("Bearer {access}"))
}

/// Signs in anew: a role that was changed takes the old connections, not the sign-in.
async fn send(server: &Server, bearer: &str, method: &str, path: &str, body: Value) -> Answer {
    let mut headers = vec![("content-type", "application/json")];
    if !bearer.is_empty() {
        headers.push(("authorization", bearer));
    }
    let body = if body.is_null() {
        String::new()
    } else {
        body.to_string()
    };
    request(server.address, method, path, &headers, &body).await
}

async fn connect(server: &Server, bearer: &str) -> Client {
    match bearer {
        "" => server.connect("Gus").await,
        bearer => Client::connect_with(server.address, "/ws", &[("authorization", bearer)]).await,
    }
}

async fn promote(server: &Server, admin: &str, user: &Value, role: &str) {
    let path = format!("/api/v1/accounts/{}", user["id"].as_str().unwrap());
    let answer = send(server, admin, "PATCH", &path, json!({"role": role})).await;
    assert_eq!(answer.status, 204, "{answer:?}");
}

#[tokio::test]
#[expect(clippy::too_many_lines, reason = "one table of roles and actions")]
async fn every_cell_of_the_table_holds_on_the_socket_and_over_http() {
    let server = Server::start().await;
    let (_, admin) = account(&server, "Ada").await;
    let (moderator_user, moderator) = account(&server, "Mo").await;
    let (_, member) = account(&server, "Meg").await;
    promote(&server, &admin, &moderator_user, "moderator").await;
    let people = [
        ("guest", ""),
        ("member", &member),
        ("moderator", &moderator),
        ("admin", &admin),
    ];
    let mut victim = server.connect("Vic").await;
    victim.join("general").await;
    for (at, (role, bearer)) in people.iter().enumerate() {
        let mut client = connect(&server, bearer).await;
        assert_eq!(client.welcome["role"], *role);
        let said =
            json!({"type": "message", "id": format!("v{at}"), "room": "general", "content": "x"});
        victim.send(said).await;
        let target = victim.next_of("ack").await["seq"].clone();
        // By action: enter, read history, see presence, mark read, post, change own, react, delete
        // others', broadcast.
        let frame = |kind: &str, more: Value| {
            let mut frame = json!({"type": kind, "id": kind, "room": "general"});
            frame
                .as_object_mut()
                .unwrap()
                .extend(more.as_object().unwrap().clone());
            frame
        };
        let mut on_socket = String::new();
        let mut own = Value::Null;
        for step in [
            "join",
            "history",
            "read",
            "message",
            "edit",
            "react",
            "delete",
            "broadcast",
        ] {
            let more = match step {
                "read" => json!({"seq": 1}),
                "message" => json!({"content": "mine"}),
                "edit" => json!({"content": "better", "target": own}),
                "react" => json!({"emoji": "+1", "target": target}),
                "delete" => json!({"target": target}),
                "broadcast" => json!({"content": "all"}),
                _ => json!({}),
            };
            client.send(frame(step, more)).await;
            let answer = loop {
                let answer = client.next().await;
                if answer["id"] == step && (answer["type"] == "ack" || answer["type"] == "error") {
                    break answer;
                }
            };
            if step == "message" {
                own = answer["seq"].clone();
            }
            let may = answer["type"] == "ack";
            assert!(
                may || answer["code"] == "forbidden",
                "{role} {step}: {answer}"
            );
            on_socket.push(if may { 'y' } else { '.' });
        }
        let expected = match *role {
            "guest" => "yyyyyy..",
            "member" => "yyyyyy.y",
            _ => "yyyyyyyy",
        };
        assert_eq!(on_socket, expected, "{role}");
        let mut over_http = String::new();
        for (method, path, body) in [
            ("GET", "/api/v1/rooms/general/messages", Value::Null),
            ("GET", "/api/v1/rooms/general/presence", Value::Null),
            (
                "POST",
                "/api/v1/rooms/general/messages",
                json!({"content": "x"}),
            ),
            ("POST", "/api/v1/broadcasts", json!({"content": "x"})),
            ("GET", "/api/v1/accounts", Value::Null),
            ("GET", "/api/v1/keys", Value::Null),
            ("GET", "/api/v1/audit", Value::Null),
        ] {
            let answer = send(&server, bearer, method, path, body).await;
            let may = answer.status < 300;
            assert!(
                may || answer.json()["code"] == "forbidden",
                "{role} {path}: {answer:?}"
            );
            over_http.push(if may { 'y' } else { '.' });
        }
        let expected = match *role {
            "guest" => "yyy....",
            "admin" => "yyyyyyy",
            _ => "yyyy...",
        };
        assert_eq!(over_http, expected, "{role}");
    }
}

#[tokio::test]
#[expect(
    clippy::too_many_lines,
    reason = "one sequence of actions, then what the log says of it"
)]
async fn the_audit_log_says_who_did_what_and_no_secret() {
    let server = Server::start().await;
    let (ada_user, ada) = account(&server, "Ada").await;
    let (eve_user, eve) = account(&server, "Eve").await;
    let mut victim = server.connect("Vic").await;
    victim.join("general").await;
    victim
        .send(json!({"type": "message", "id": "m", "room": "general", "content": "rude"}))
        .await;
    victim.next_of("ack").await;
    let mut moderator = connect(&server, &ada).await;
    moderator.join("general").await;
    moderator
        .send(json!({"type": "delete", "id": "d", "room": "general", "target": 1}))
        .await;
    assert_eq!(moderator.next_of("ack").await["id"], "d");
    let wrong = json!({"name": "Eve", "password": "hunter2 hunter2"}).to_string();
    assert_eq!(server.post("/api/v1/session", &wrong).await.status, 401);
    let slip = json!({"name": "hunter2 hunter2", "password": "x"}).to_string();
    assert_eq!(server.post("/api/v1/session", &slip).await.status, 401);
    let made = send(
        &server,
        &ada,
        "POST",
        "/api/v1/keys",
        json!({"name": "ci", "scopes": "read"}),
    );
    let made = made.await.json();
    let key = made["key"].as_str().unwrap().to_owned();
    let path = format!("/api/v1/keys/{}", made["id"].as_str().unwrap());
    assert_eq!(
        send(&server, &ada, "DELETE", &path, Value::Null)
            .await
            .status,
        204
    );
    assert_eq!(
        send(&server, &ada, "DELETE", &path, Value::Null)
            .await
            .status,
        404
    );
    let eves = format!("/api/v1/accounts/{}", eve_user["id"].as_str().unwrap());
    let mut live = connect(&server, &eve).await;
    let out = json!({"disabled": true});
    assert_eq!(
        send(&server, &ada, "PATCH", &eves, out.clone())
            .await
            .status,
        204
    );
    assert_eq!(live.next_raw().await, Err(Some(4502)));
    let own = format!("/api/v1/accounts/{}", ada_user["id"].as_str().unwrap());
    assert_eq!(send(&server, &ada, "PATCH", &own, out).await.status, 403);
    let emperor = json!({"role": "emperor"});
    assert_eq!(
        send(&server, &ada, "PATCH", &eves, emperor).await.status,
        400
    );
    let page = send(&server, &ada, "GET", "/api/v1/audit", Value::Null).await;
    let entries = page.json()["entries"].as_array().unwrap().clone();
    let acts: Vec<&str> = entries
        .iter()
        .rev()
        .map(|e| e["act"].as_str().unwrap())
        .collect();
    assert_eq!(
        acts,
        [
            "signed_up",
            "signed_in",
            "signed_up",
            "signed_in",
            "message_deleted",
            "sign_in_refused",
            "sign_in_refused",
            "key_created",
            "key_revoked",
            "account_disabled",
        ]
    );
    let deleted = &entries[5];
    assert_eq!(deleted["actor"], ada_user);
    assert_eq!(deleted["subject"], "1 of ~Vic in general");
    assert_eq!(entries[0]["subject"], eve_user["id"]);
    assert_eq!(entries[0]["origin"], "127.0.0.1");
    for secret in ["hunter2", PASSWORD, &key, &ada[7..]] {
        assert!(!page.body.contains(secret), "{secret}");
    }
    let older = format!("/api/v1/audit?limit=2&before={}", entries[5]["id"]);
    let older = send(&server, &ada, "GET", &older, Value::Null).await.json();
    assert_eq!(
        (older["entries"].as_array().unwrap().len(), &older["more"]),
        (2, &json!(true))
    );
}

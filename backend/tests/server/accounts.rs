//! Accounts: signing up and in, over HTTP and on the socket, as a browser and as a program.

use crate::support::Server;
use crate::support::client::{Client, open};
use crate::support::http::{Answer, request};
use serde_json::{Value, json};
use std::time::Duration;

const PASSWORD: &str = "correct horse battery";

/// What a browser keeps: the cookies that answers have set.
#[derive(Default, Clone)]
struct Browser {
    cookies: Vec<(String, String)>,
}

impl Browser {
    fn keep(&mut self, answer: &Answer) {
        let set = answer
            .headers
            .iter()
            .filter(|(name, _)| name == "set-cookie");
        for (_, cookie) in set {
            assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Strict"));
            let (name, value) = cookie.split(';').next().unwrap().split_once('=').unwrap();
            self.cookies.retain(|(known, _)| known != name);
            if !value.is_empty() {
                self.cookies.push((name.to_owned(), value.to_owned()));
            }
        }
    }

    fn header(&self) -> String {
        let pairs = self
            .cookies
            .iter()
            .map(|(name, value)| format!("{name}={value}"));
        pairs.collect::<Vec<_>>().join("; ")
    }

    fn value(&self, name: &str) -> Option<&str> {
        let found = self.cookies.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value.as_str())
    }

    async fn send(&mut self, server: &Server, method: &str, path: &str, body: Value) -> Answer {
        let origin = format!("http://{}", server.address);
        let headers = [
            ("cookie", self.header()),
            ("origin", origin),
            ("content-type", "application/json".to_owned()),
            ("user-agent", "Browser/1".to_owned()),
        ];
        let headers = headers
            .each_ref()
            .map(|(name, value)| (*name, value.as_str()));
        let body = if method == "GET" {
            String::new()
        } else {
            body.to_string()
        };
        let answer = request(server.address, method, path, &headers, &body).await;
        self.keep(&answer);
        answer
    }

    async fn sign_up(server: &Server, name: &str) -> Self {
        let mut browser = Self::default();
        let body = json!({"name": name, "password": PASSWORD});
        let answer = browser.send(server, "POST", "/api/v1/accounts", body).await;
        assert_eq!(answer.status, 201, "{answer:?}");
        assert!(!answer.body.contains("hba_") && !answer.body.contains("hbr_"));
        browser
    }

    async fn session(&mut self, server: &Server) -> Answer {
        self.send(server, "GET", "/api/v1/session", Value::Null)
            .await
    }

    async fn connect(&self, server: &Server) -> Client {
        let (cookie, origin) = (self.header(), format!("http://{}", server.address));
        let headers = [("cookie", cookie.as_str()), ("origin", origin.as_str())];
        Client::connect_with(server.address, "/ws", &headers).await
    }
}

/// A program's tokens.
async fn tokens(server: &Server, name: &str) -> Value {
    let body = json!({"name": name, "password": PASSWORD, "tokens": true, "label": "a program"});
    let answer = server.post("/api/v1/session", &body.to_string()).await;
    assert_eq!(answer.status, 201, "{answer:?}");
    assert_eq!(answer.header("set-cookie"), None);
    answer.json()["tokens"].clone()
}

async fn by_bearer(server: &Server, token: &str) -> Client {
    let value = format!("Bearer {token}");
    Client::connect_with(server.address, "/ws", &[("authorization", &value)]).await
}

#[tokio::test]
async fn a_browser_signs_up_connects_refreshes_and_signs_out_on_every_tab() {
    let server = Server::start().await;
    let mut browser = Browser::sign_up(&server, "Ada").await;
    let session = browser.session(&server).await.json();
    assert_eq!(
        (&session["user"]["name"], &session["role"]),
        (&json!("Ada"), &json!("admin"))
    );
    let mut tab = browser.connect(&server).await;
    assert_eq!(tab.welcome["role"], "admin");
    assert_eq!(tab.welcome["user"], session["user"]);
    let before = browser.clone();
    let refreshed = browser
        .send(&server, "POST", "/api/v1/session/refresh", json!({}))
        .await;
    assert_eq!(refreshed.status, 200, "{refreshed:?}");
    assert_ne!(
        browser.value("hubbub_access"),
        before.value("hubbub_access")
    );
    // Another tab had the same thought: both have the same cookies then.
    let mut other = before.clone();
    let again = other
        .send(&server, "POST", "/api/v1/session/refresh", json!({}))
        .await;
    assert_eq!(again.status, 200, "{again:?}");
    assert_eq!(other.header(), browser.header());
    // The place in the room is kept, and the tab may go on.
    tab.join("general").await;
    tab.send(json!({"type": "authenticate", "id": "a1"})).await;
    assert_eq!(tab.next_of("ack").await["id"], "a1");
    let out = browser
        .send(&server, "DELETE", "/api/v1/session", Value::Null)
        .await;
    assert_eq!((out.status, browser.header().as_str()), (204, ""));
    assert_eq!(closed(&mut tab).await, Some(4502));
    let late = other
        .send(&server, "POST", "/api/v1/session/refresh", json!({}))
        .await;
    assert_eq!(
        (late.status, late.json()["code"].clone()),
        (401, json!("unauthenticated"))
    );
    assert_eq!(other.header(), "", "what is worth nothing is dropped");
}

async fn closed(client: &mut Client) -> Option<u16> {
    loop {
        if let Err(code) = client.next_raw().await {
            return code;
        }
    }
}

#[tokio::test]
async fn a_program_asks_for_tokens_and_a_browser_is_given_none() {
    let server = Server::start().await;
    let mut browser = Browser::sign_up(&server, "Ada").await;
    let tokens = tokens(&server, "ada").await;
    let access = tokens["access"].as_str().unwrap();
    let mut program = by_bearer(&server, access).await;
    assert_eq!(program.welcome["user"]["name"], "Ada");
    let body = json!({"name": "Ada", "password": PASSWORD, "tokens": true});
    let refused = browser.send(&server, "POST", "/api/v1/session", body).await;
    assert_eq!(
        (refused.status, refused.json()["code"].clone()),
        (403, json!("forbidden"))
    );
    let body = json!({"refresh": tokens["refresh"]}).to_string();
    let next = server.post("/api/v1/session/refresh", &body).await.json()["tokens"].clone();
    let proof = json!({"type": "authenticate", "id": "a1", "token": next["access"]});
    program.send(proof).await;
    assert_eq!(program.next_of("ack").await["id"], "a1");
    // The program's tokens do not open by the old one, nor by the refresh token, nor by nonsense.
    for bad in [access, next["refresh"].as_str().unwrap(), "hba_00", "x", ""] {
        let value = format!("Bearer {bad}");
        let opened = open(server.address, "/ws", &[("authorization", &value)]).await;
        assert_eq!(status(opened), 401, "{bad}");
    }
    let proof = json!({"type": "authenticate", "id": "a2", "token": access});
    assert_eq!(program.error(proof).await["code"], "unauthenticated");
    program.complete().await;
    let listed = browser
        .send(&server, "GET", "/api/v1/sign-ins", Value::Null)
        .await
        .json();
    let sign_ins = listed["sign_ins"].as_array().unwrap();
    let mut labels: Vec<_> = sign_ins
        .iter()
        .map(|known| format!("{} {}", known["label"], known["current"]))
        .collect();
    labels.sort();
    assert_eq!(labels, ["\"Browser/1\" true", "\"a program\" false"]);
}

fn status<T>(opened: Result<T, tungstenite::Error>) -> u16 {
    match opened {
        Err(tungstenite::Error::Http(answer)) => answer.status().as_u16(),
        Err(other) => panic!("no answer: {other}"),
        Ok(_) => 101,
    }
}

#[tokio::test]
async fn a_reused_refresh_token_ends_the_sign_in_and_its_connections() {
    let server = Server::start().await;
    Browser::sign_up(&server, "Ada").await;
    let first = tokens(&server, "Ada").await;
    let refresh = |token: &Value| json!({"refresh": token}).to_string();
    let path = "/api/v1/session/refresh";
    let second = server.post(path, &refresh(&first["refresh"])).await.json();
    let third = server
        .post(path, &refresh(&second["tokens"]["refresh"]))
        .await
        .json();
    let mut live = by_bearer(&server, third["tokens"]["access"].as_str().unwrap()).await;
    let stolen = server.post(path, &refresh(&first["refresh"])).await;
    assert_eq!(stolen.status, 401);
    assert_eq!(closed(&mut live).await, Some(4502));
    let dead = server
        .post(path, &refresh(&third["tokens"]["refresh"]))
        .await;
    assert_eq!(dead.status, 401);
}

#[tokio::test]
async fn a_connection_whose_token_runs_out_is_asked_and_then_closed() {
    let server = Server::with(|config| {
        config.auth.access_life = Duration::from_secs(2);
        config.auth.expiry_grace = Duration::from_secs(3);
        config.server.heartbeat = Duration::from_millis(400);
    })
    .await;
    let mut browser = Browser::sign_up(&server, "Ada").await;
    let mut tab = browser.connect(&server).await;
    tab.join("general").await;
    let asked = tab.next_of("expiring").await;
    assert_eq!(asked["close_in_ms"], 3000);
    // Not refreshed yet: it says so.
    let proof = json!({"type": "authenticate", "id": "a1"});
    assert_eq!(tab.error(proof.clone()).await["code"], "token_expired");
    let refreshed = browser
        .send(&server, "POST", "/api/v1/session/refresh", json!({}))
        .await;
    assert_eq!(refreshed.status, 200);
    tab.send(proof).await;
    assert_eq!(tab.next_of("ack").await["id"], "a1");
    tab.say("general", "still here").await;
    assert_eq!(tab.hear(1).await, ["still here"]);
    assert_eq!(closed(&mut tab).await, Some(4006));
    // A page that wakes up with a stale cookie is shown in the same way what to do.
    assert_eq!(
        browser.session(&server).await.json()["code"],
        "token_expired"
    );
    let cookie = browser.header();
    let (socket, _) = open(server.address, "/ws", &[("cookie", &cookie)])
        .await
        .unwrap();
    let mut turned_away = Client::over(socket);
    assert_eq!(turned_away.next_raw().await, Err(Some(4006)));
}

#[tokio::test]
async fn wrong_names_and_wrong_passwords_are_refused_alike() {
    let server = Server::start().await;
    Browser::sign_up(&server, "Ada").await;
    let sign_in = |name: &str, password: &str| {
        let body = json!({"name": name, "password": password}).to_string();
        let server = &server;
        async move { server.post("/api/v1/session", &body).await }
    };
    let wrong = sign_in("Ada", "incorrect horse").await;
    let unknown = sign_in("Eve", PASSWORD).await;
    assert_eq!(wrong.status, 401);
    assert_eq!(wrong.json()["code"], "sign_in_refused");
    assert_eq!((unknown.status, unknown.body), (wrong.status, wrong.body));
    for (body, status, code) in [
        (
            json!({"name": "Bob", "password": "short"}),
            400,
            "invalid_password",
        ),
        (
            json!({"name": "B\u{200b}b", "password": PASSWORD}),
            400,
            "invalid_name",
        ),
        (json!({"name": "Bob"}), 400, "invalid_field"),
        (
            json!({"name": "\u{410}d\u{430}", "password": PASSWORD}),
            400,
            "invalid_name",
        ),
    ] {
        let answer = server.post("/api/v1/accounts", &body.to_string()).await;
        assert_eq!(
            (answer.status, answer.json()["code"].clone()),
            (status, json!(code)),
            "{body}"
        );
    }
}

#[tokio::test]
async fn a_guest_never_takes_an_accounts_name_and_may_make_an_account_of_the_own() {
    let server = Server::start().await;
    let mut guest = Browser::default();
    let body = json!({"name": "Ada"});
    let session = guest
        .send(&server, "POST", "/api/v1/session", body)
        .await
        .json();
    let body = json!({"name": "Ada", "password": PASSWORD});
    let stranger = server.post("/api/v1/accounts", &body.to_string()).await;
    assert_eq!(stranger.status, 409);
    let account = guest
        .send(&server, "POST", "/api/v1/accounts", body)
        .await
        .json();
    assert_eq!(
        account["user"], session["user"],
        "what Ada has said is still hers"
    );
    assert_eq!(guest.value("hubbub_session"), None);
    for (alike, refusal) in [("ada", 409), ("%D0%90da", 400), ("Ada%E2%A0%80", 400)] {
        let opened = open(server.address, &format!("/ws?name={alike}"), &[]).await;
        assert_eq!(status(opened), refusal, "{alike}");
    }
    let taken = server.post("/api/v1/session", r#"{"name":"ADA"}"#).await;
    assert_eq!(taken.status, 409);
}

#[tokio::test]
async fn the_first_account_needs_the_code_where_others_can_come_and_then_guests_do_not_broadcast() {
    let server = Server::with(|config| {
        config.server.public_url = Some("https://chat.example".to_owned());
    })
    .await;
    let code = server.claim_code().unwrap();
    let mut guest = server.connect("guest").await;
    let shout = json!({"type": "broadcast", "content": "hello", "id": "b"});
    guest.send(shout.clone()).await;
    assert_eq!(guest.next_of("ack").await["id"], "b");
    let sign_up = |name: &str, claim: Option<&str>| {
        let body = json!({"name": name, "password": PASSWORD, "claim": claim}).to_string();
        let server = &server;
        async move { server.post("/api/v1/accounts", &body).await }
    };
    let refused = sign_up("Eve", None).await;
    assert_eq!(
        (refused.status, refused.json()["code"].clone()),
        (403, json!("claim_required"))
    );
    assert_eq!(sign_up("Eve", Some("guess")).await.status, 403);
    let first = sign_up("Ada", Some(&code)).await;
    assert_eq!(
        (first.status, first.json()["role"].clone()),
        (201, json!("admin"))
    );
    assert!(
        first
            .headers
            .iter()
            .any(|(_, value)| value.contains("; Secure"))
    );
    assert!(first.header("strict-transport-security").is_some());
    assert_eq!(server.claim_code(), None);
    let second = sign_up("Bob", None).await;
    assert_eq!(
        (second.status, second.json()["role"].clone()),
        (201, json!("member"))
    );
    assert_eq!(guest.error(shout).await["code"], "forbidden");
    let over_http = server
        .post("/api/v1/broadcasts?name=ci", r#"{"content":"hello"}"#)
        .await;
    assert_eq!(
        (over_http.status, over_http.json()["code"].clone()),
        (403, json!("forbidden"))
    );
}

#[tokio::test]
async fn another_password_ends_the_other_sign_ins_at_once() {
    let server = Server::start().await;
    let mut browser = Browser::sign_up(&server, "Ada").await;
    let elsewhere = tokens(&server, "Ada").await;
    let mut other = by_bearer(&server, elsewhere["access"].as_str().unwrap()).await;
    let mut own = browser.connect(&server).await;
    let body = json!({"present": "incorrect horse", "new": "another horse"});
    let refused = browser.send(&server, "PUT", "/api/v1/password", body).await;
    assert_eq!(refused.status, 401);
    let body = json!({"present": PASSWORD, "new": "another horse"});
    let changed = browser.send(&server, "PUT", "/api/v1/password", body).await;
    assert_eq!(changed.status, 204, "{changed:?}");
    assert_eq!(closed(&mut other).await, Some(4502));
    own.complete().await;
    let listed = browser
        .send(&server, "GET", "/api/v1/sign-ins", Value::Null)
        .await
        .json();
    assert_eq!(listed["sign_ins"].as_array().unwrap().len(), 1);
    assert_eq!(listed["sign_ins"][0]["label"], "Browser/1");
    let id = listed["sign_ins"][0]["id"].as_str().unwrap();
    let path = format!("/api/v1/sign-ins/{id}");
    let strangers = server.send("DELETE", &path).await;
    assert_eq!(strangers.status, 401);
    let ended = browser.send(&server, "DELETE", &path, Value::Null).await;
    assert_eq!(ended.status, 204);
    assert_eq!(closed(&mut own).await, Some(4502));
}

#[tokio::test]
async fn a_page_of_another_site_cannot_use_the_cookies() {
    let server = Server::start().await;
    let browser = Browser::sign_up(&server, "Ada").await;
    let cookie = browser.header();
    for (method, path) in [
        ("POST", "/api/v1/session/refresh"),
        ("DELETE", "/api/v1/session"),
        ("PUT", "/api/v1/password"),
        ("POST", "/api/v1/broadcasts"),
    ] {
        for origin in ["https://evil.example", "null", ""] {
            let headers = [
                ("cookie", cookie.as_str()),
                ("origin", origin),
                ("content-type", "application/json"),
            ];
            let answer = request(server.address, method, path, &headers, "{}").await;
            assert_eq!(answer.status, 403, "{method} {path} from {origin}");
            assert_eq!(answer.json()["code"], "foreign_origin");
        }
    }
    for origin in ["https://evil.example", ""] {
        let headers = [("cookie", cookie.as_str()), ("origin", origin)];
        assert_eq!(status(open(server.address, "/ws", &headers).await), 403);
    }
    let mut browser = browser;
    assert_eq!(browser.session(&server).await.json()["user"]["name"], "Ada");
}

#[tokio::test]
async fn the_own_account_can_be_read_and_its_other_sign_ins_ended_together() {
    let server = Server::start().await;
    let mut browser = Browser::sign_up(&server, "Ada").await;
    let mut others = Vec::new();
    for _ in 0..2 {
        let elsewhere = tokens(&server, "Ada").await;
        others.push(by_bearer(&server, elsewhere["access"].as_str().unwrap()).await);
    }
    let mut own = browser.connect(&server).await;
    let read = browser
        .send(&server, "GET", "/api/v1/account", Value::Null)
        .await
        .json();
    assert_eq!(
        (&read["user"]["name"], &read["role"], &read["disabled"]),
        (&json!("Ada"), &json!("admin"), &json!(false))
    );
    assert!(read["created_at"].is_string(), "{read}");
    assert_eq!(server.get("/api/v1/account").await.status, 401);
    assert_eq!(server.send("DELETE", "/api/v1/sign-ins").await.status, 401);
    let ended = browser
        .send(&server, "DELETE", "/api/v1/sign-ins", Value::Null)
        .await;
    assert_eq!(ended.status, 204);
    for other in &mut others {
        assert_eq!(closed(other).await, Some(4502));
    }
    own.complete().await;
    let left = browser
        .send(&server, "GET", "/api/v1/sign-ins", Value::Null)
        .await
        .json();
    assert_eq!(left["sign_ins"].as_array().unwrap().len(), 1);
    assert_eq!(left["sign_ins"][0]["current"], json!(true));
}

#[tokio::test]
async fn whoever_comes_is_told_how_one_may_come_in() {
    let ways = |server: &Server| {
        let address = server.address;
        async move {
            let answer = request(address, "GET", "/api/v1/session", &[], "");
            answer.await.json()["ways"].clone()
        }
    };
    let open = Server::start().await;
    let unclaimed = json!({"guests": true, "sign_up": true, "claimed": false, "claim_code": false});
    assert_eq!(ways(&open).await, unclaimed);
    let closed = Server::with(|config| {
        config.auth.guests = false;
        config.auth.sign_up = false;
        config.server.public_url = Some("https://chat.example".to_owned());
    })
    .await;
    let first = json!({"guests": false, "sign_up": true, "claimed": false, "claim_code": true});
    assert_eq!(ways(&closed).await, first);
    let code = closed.claim_code().unwrap();
    let body = json!({"name": "Ada", "password": PASSWORD, "claim": code}).to_string();
    assert_eq!(closed.post("/api/v1/accounts", &body).await.status, 201);
    let later = json!({"guests": false, "sign_up": false, "claimed": true, "claim_code": false});
    assert_eq!(ways(&closed).await, later);
}

#[tokio::test]
async fn a_guest_who_signs_in_to_an_account_gives_the_guests_name_up() {
    let server = Server::start().await;
    Browser::sign_up(&server, "Ada").await;
    let mut browser = Browser::default();
    let body = json!({"name": "Visitor"});
    let session = browser.send(&server, "POST", "/api/v1/session", body).await;
    assert_eq!(session.status, 201);
    let body = json!({"name": "Ada", "password": PASSWORD});
    let signed_in = browser.send(&server, "POST", "/api/v1/session", body).await;
    assert_eq!(signed_in.status, 201);
    assert_eq!(browser.value("hubbub_session"), None);
    let free = server
        .post("/api/v1/session", r#"{"name":"Visitor"}"#)
        .await;
    assert_eq!(free.status, 201);
}

#[tokio::test]
async fn a_page_whose_new_tokens_were_lost_on_their_way_is_not_signed_out() {
    let server = Server::start().await;
    let mut browser = Browser::sign_up(&server, "Ada").await;
    let mut elsewhere = browser.clone();
    let path = "/api/v1/session/refresh";
    let lost = elsewhere.send(&server, "POST", path, json!({})).await;
    assert_eq!(lost.status, 200);
    // The page was reloaded meanwhile, and comes with the tokens from before.
    let asked = browser.session(&server).await;
    assert_eq!(
        (asked.status, asked.json()["code"].clone()),
        (401, json!("token_expired"))
    );
    let refreshed = browser.send(&server, "POST", path, json!({})).await;
    assert_eq!(refreshed.status, 200);
    assert_eq!(browser.session(&server).await.json()["user"]["name"], "Ada");
    assert_eq!(browser.header(), elsewhere.header());
}

/// Somebody plants the own cookies in another's browser, and waits for that one to sign in there.
#[tokio::test]
async fn cookies_that_were_planted_before_a_sign_in_open_nothing_after_it() {
    let server = Server::start().await;
    Browser::sign_up(&server, "Ada").await;
    let mut attacker = Browser::default();
    let guest = json!({"name": "Mallory"});
    let answer = attacker
        .send(&server, "POST", "/api/v1/session", guest)
        .await;
    assert_eq!(answer.status, 201);

    // A guest's cookie, under somebody who signs in, and under somebody who signs up.
    let mut victim = attacker.clone();
    let body = json!({"name": "Ada", "password": PASSWORD});
    let answer = victim.send(&server, "POST", "/api/v1/session", body).await;
    assert_eq!(answer.json()["user"]["name"], "Ada");
    let seen = attacker.clone().session(&server).await;
    assert_ne!(seen.json()["user"]["name"], "Ada");
    let mut planted = Browser::default();
    let guest = json!({"name": "Trudy"});
    planted
        .send(&server, "POST", "/api/v1/session", guest)
        .await;
    let mut victim = planted.clone();
    let body = json!({"name": "Bob", "password": PASSWORD});
    let answer = victim.send(&server, "POST", "/api/v1/accounts", body).await;
    assert_eq!(answer.json()["user"]["name"], "Bob");
    assert_eq!(planted.session(&server).await.json()["user"], Value::Null);

    // An account's cookies: whoever signs in over them has others, and the planted session whose they
    // were.
    let mut attacker = Browser::sign_up(&server, "Eve").await;
    let mut victim = attacker.clone();
    let body = json!({"name": "Ada", "password": PASSWORD});
    victim.send(&server, "POST", "/api/v1/session", body).await;
    for name in ["hubbub_access", "hubbub_refresh"] {
        assert_ne!(victim.value(name), attacker.value(name));
    }
    let seen = attacker.session(&server).await.json();
    assert_ne!(seen["user"]["name"], "Ada", "{seen}");
    let refreshed = attacker
        .send(&server, "POST", "/api/v1/session/refresh", json!({}))
        .await;
    assert_ne!(refreshed.json()["user"]["name"], "Ada");
    assert_eq!(victim.session(&server).await.json()["user"]["name"], "Ada");
}

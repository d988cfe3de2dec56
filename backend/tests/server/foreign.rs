//! Tokens that another program signs, at the door.

use crate::support::Server;
use crate::support::client::{Client, open};
use backend::config::{TokenAlgorithm, TokenConfig};
use common::role::Role;
use jsonwebtoken::{EncodingKey, Header, encode};
use serde_json::{Value, json};
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use tokio_tungstenite::tungstenite::Error;

const SECRET: &str = "a secret that both programs know!";

#[expect(
    clippy::disallowed_methods,
    reason = "the other program has a clock of its own"
)]
fn now() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.unwrap().as_secs()
}

fn token(user: &str, name: &str, seconds: i64) -> String {
    let claims = json!({
        "sub": user,
        "name": name,
        "iss": "https://id.example",
        "aud": "hubbub",
        "exp": now().saturating_add_signed(seconds),
    });
    let key = EncodingKey::from_secret(SECRET.as_bytes());
    format!(
        "Bearer {}",
        encode(&Header::default(), &claims, &key).unwrap()
    )
}

async fn server() -> Server {
    Server::with(|config| {
        config.auth.expiry_grace = Duration::from_secs(5);
        config.server.heartbeat = Duration::from_millis(400);
        config.auth.token = Some(TokenConfig {
            algorithm: TokenAlgorithm::HS256,
            secret: Some(SECRET.to_owned()),
            jwks_file: None,
            jwks_url: None,
            issuer: "https://id.example".to_owned(),
            audience: "hubbub".to_owned(),
            name_claim: "name".to_owned(),
            role_claim: "role".to_owned(),
            role_max: Role::Member,
        });
    })
    .await
}

async fn refused(server: &Server, bearer: &str) -> (u16, Value) {
    match open(server.address, "/ws", &[("authorization", bearer)]).await {
        Err(Error::Http(answer)) => {
            let body: Value = serde_json::from_slice(answer.body().as_ref().unwrap()).unwrap();
            (answer.status().as_u16(), body["code"].clone())
        }
        other => panic!("not refused: {:?}", other.map(|_| ())),
    }
}

#[tokio::test]
async fn whoever_another_program_vouches_for_comes_in_and_stays_by_the_next_token() {
    let server = server().await;
    // It runs out at once, but for what clocks may be off: the client is asked for the next one.
    let bearer = token("42", "Ada", -1);
    let headers = [("authorization", bearer.as_str())];
    let mut ada = Client::connect_with(server.address, "/ws", &headers).await;
    let user = json!({"id": "@42", "name": "Ada"});
    assert_eq!(
        (&ada.welcome["user"], &ada.welcome["role"]),
        (&user, &json!("member"))
    );
    ada.join("general").await;
    assert_eq!(ada.next_of("expiring").await["close_in_ms"], 5000);
    let proof = |bearer: String| {
        let token = bearer.strip_prefix("Bearer ").unwrap().to_owned();
        json!({"type": "authenticate", "id": "a", "token": token})
    };
    let other = ada.error(proof(token("43", "Eve", 60))).await;
    assert_eq!(other["code"], "forbidden");
    ada.send(proof(token("42", "Ada", 60))).await;
    assert_eq!(ada.next_of("ack").await["id"], "a");
    ada.say("general", "still here").await;
    assert_eq!(ada.hear(1).await, ["still here"]);
}

#[tokio::test]
async fn what_is_forged_expired_or_taken_is_refused_at_the_door() {
    let server = server().await;
    let good = token("42", "Ada", 60);
    let (head, _) = good.rsplit_once('.').unwrap();
    let none = good.split('.').nth(1).unwrap();
    for (bearer, code) in [
        (token("42", "Ada", -60), "token_expired"),
        (format!("{head}.AAAA"), "unauthenticated"),
        (
            format!("Bearer eyJhbGciOiJub25lIn0.{none}."),
            "unauthenticated",
        ),
        ("Bearer a.b.c".to_owned(), "unauthenticated"),
        ("Basic YTpi".to_owned(), "unauthenticated"),
    ] {
        assert_eq!(
            refused(&server, &bearer).await,
            (401, json!(code)),
            "{bearer}"
        );
    }
    let session = server.post("/api/v1/session", r#"{"name":"Ada"}"#).await;
    assert_eq!(session.status, 201);
    assert_eq!(refused(&server, &good).await, (409, json!("name_taken")));
}

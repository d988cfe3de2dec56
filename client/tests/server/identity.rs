//! Who the client is, and how it ends when the server does not have it any more.

use crate::support::{Server, soon, until};
use common::error::ErrorCode;
use hubbub_client::{Client, FreshToken, Options, RefreshError, Status, StopReason};
use serde_json::{Value, json};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::Mutex;
use tokio::sync::mpsc::unbounded_channel;

/// One request with a JSON body, and the JSON that answers it.
async fn post(server: SocketAddr, path: &str, token: Option<&str>, body: &Value) -> Value {
    let body = body.to_string();
    let token = token.map(|token| format!("Authorization: Bearer {token}\r\n"));
    let request = format!(
        "POST {path} HTTP/1.1\r\nHost: {server}\r\nConnection: close\r\n{}\
         Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
        token.unwrap_or_default(),
        body.len()
    );
    let mut stream = TcpStream::connect(server).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    assert!(head.starts_with("HTTP/1.1 20"), "{answer}");
    serde_json::from_str(body).unwrap_or_default()
}

/// Makes an account, and gives its tokens.
async fn account(server: &Server, name: &str) -> (String, String) {
    let body = json!({"name": name, "password": "correct horse battery", "tokens": true});
    let made = post(server.address, "/api/v1/accounts", None, &body).await;
    let token = |kind: &str| made["tokens"][kind].as_str().unwrap().to_owned();
    (token("access"), token("refresh"))
}

async fn refresh(address: SocketAddr, token: &str) -> Value {
    let body = json!({"refresh": token});
    post(address, "/api/v1/session/refresh", None, &body).await
}

fn options(server: &Server, token: &str) -> Options {
    Options::new(&server.url()).unwrap().token(token).unwrap()
}

#[tokio::test]
async fn a_token_says_who_connects_and_a_revoked_one_ends_the_client() {
    let server = Server::start().await;
    let (admin, _) = account(&server, "root").await;
    let key = json!({"name": "bot", "scopes": "read"});
    let key = post(server.address, "/api/v1/keys", Some(&admin), &key).await;
    let client = Client::start(options(&server, key["key"].as_str().unwrap())).unwrap();
    until(&client, |status| *status == Status::Live).await;
    assert_eq!(client.user().unwrap().name.as_str(), "bot");
    let client = Client::start(options(&server, "hbk_unknown")).unwrap();
    assert_eq!(soon(client.stopped()).await, StopReason::SignInEnded);
}

#[tokio::test]
async fn a_token_that_runs_out_is_replaced_on_the_open_connection() {
    let server = Server::with(|config| {
        config.auth.access_life = Duration::from_secs(1);
        config.server.heartbeat = Duration::from_millis(400);
    })
    .await;
    let (access, first) = account(&server, "root").await;
    let (address, next) = (server.address, Arc::new(Mutex::new(first)));
    let (told, mut asked) = unbounded_channel();
    let options = options(&server, &access).refresh(move || {
        let (next, told) = (next.clone(), told.clone());
        async move {
            let mut token = next.lock().await;
            let fresh = refresh(address, &token).await;
            let kind = |kind: &str| fresh["tokens"][kind].as_str().map(str::to_owned);
            *token = kind("refresh").ok_or(RefreshError::TryLater)?;
            let _ = told.send(());
            let token = kind("access").ok_or(RefreshError::Ended)?;
            let token = token.parse().map_err(|_| RefreshError::Ended)?;
            Ok(FreshToken {
                token,
                valid_for: None,
            })
        }
    });
    let client = Client::start(options).unwrap();
    until(&client, |status| *status == Status::Live).await;
    let room = client.room(&"general".parse().unwrap());
    for expected in 1..=2 {
        soon(asked.recv()).await.unwrap();
        let stored = soon(room.send("still here")).await.unwrap();
        assert_eq!(stored.seq.unwrap().0, expected);
    }
}

#[tokio::test]
async fn a_token_that_runs_out_and_cannot_be_replaced_ends_the_client() {
    let server = Server::with(|config| {
        config.auth.access_life = Duration::from_secs(1);
        config.server.heartbeat = Duration::from_millis(400);
    })
    .await;
    let (access, _) = account(&server, "root").await;
    let client = Client::start(options(&server, &access)).unwrap();
    until(&client, |status| *status == Status::Live).await;
    assert_eq!(soon(client.stopped()).await, StopReason::SignInEnded);
    let refresh = || async { Err(RefreshError::Ended) };
    let client = Client::start(options(&server, &access).refresh(refresh)).unwrap();
    assert_eq!(soon(client.stopped()).await, StopReason::SignInEnded);
}

#[tokio::test]
async fn a_name_that_is_an_accounts_is_refused_for_good() {
    let server = Server::start().await;
    account(&server, "root").await;
    let client = server.client("root");
    let StopReason::Refused(error) = soon(client.stopped()).await else {
        panic!("{:?}", client.status())
    };
    assert_eq!(error.code, ErrorCode::NameTaken);
    assert_eq!(client.status(), Status::Stopped(StopReason::Refused(error)));
}

//! Accounts and keys from the command line, while a server runs.

use crate::http::{Answer, request};
use crate::program::{Program, run, run_well};
use futures_util::StreamExt;
use serde_json::json;
use tempfile::TempDir;
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

async fn post(program: &Program, path: &str, bearer: Option<&str>, body: &str) -> Answer {
    let bearer = bearer.map(|token| format!("Bearer {token}"));
    let mut headers = vec![("content-type", "application/json")];
    if let Some(bearer) = &bearer {
        headers.push(("authorization", bearer));
    }
    request(program.address, "POST", path, &headers, body).await
}

async fn sign_in(program: &Program, name: &str, password: &str) -> Answer {
    let body = json!({"name": name, "password": password, "tokens": true}).to_string();
    post(program, "/api/v1/session", None, &body).await
}

async fn connect(program: &Program, token: &str) -> Socket {
    let address = format!("ws://{}/ws", program.address);
    let mut request = address.into_client_request().unwrap();
    let bearer = format!("Bearer {token}").parse().unwrap();
    request.headers_mut().insert("authorization", bearer);
    connect_async(request).await.unwrap().0
}

/// The code the server closes with.
async fn closed(socket: &mut Socket) -> Option<u16> {
    let close = async {
        loop {
            match socket.next().await {
                Some(Ok(Message::Close(frame))) => return frame.map(|frame| frame.code.into()),
                Some(Ok(_)) => {}
                Some(Err(_)) | None => return None,
            }
        }
    };
    timeout(crate::DEADLINE, close)
        .await
        .expect("it stays open")
}

#[tokio::test]
async fn accounts_are_made_and_ended_while_the_server_runs() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().to_str().unwrap();
    let program = Program::start(folder.path()).await;
    let user = |arguments: &[&str]| {
        let all: Vec<String> = ["user", "--data-dir", path]
            .iter()
            .chain(arguments)
            .map(ToString::to_string)
            .collect();
        async move {
            let all: Vec<&str> = all.iter().map(String::as_str).collect();
            run_well(&all).await
        }
    };
    let made = user(&["create", "Ada"]).await;
    let password = made.rsplit(' ').next().unwrap().to_owned();
    assert!(made.starts_with("Ada is there now, as admin, "), "{made}");
    user(&["create", "Bob", "--role", "member"]).await;
    assert_eq!(user(&["list"]).await, "Ada\tadmin\nBob\tmember");
    let signed_in = sign_in(&program, "ada", &password).await;
    assert_eq!(
        (signed_in.status, signed_in.json()["role"].clone()),
        (201, json!("admin"))
    );
    // The server has heard of the name: nobody may say it who is not Ada.
    let mut said = 0;
    while said != 409 {
        said = post(
            &program,
            "/api/v1/rooms/a/messages?name=ada",
            None,
            r#"{"content":"x"}"#,
        )
        .await
        .status;
    }
    let tokens = signed_in.json()["tokens"].clone();
    let mut live = connect(&program, tokens["access"].as_str().unwrap()).await;
    user(&["promote", "Ada", "moderator"]).await;
    assert_eq!(closed(&mut live).await, Some(4007));
    let mut live = connect(&program, tokens["access"].as_str().unwrap()).await;
    user(&["disable", "Ada"]).await;
    assert_eq!(closed(&mut live).await, Some(4502));
    assert_eq!(sign_in(&program, "Ada", &password).await.status, 401);
    user(&["enable", "Ada"]).await;
    assert_eq!(sign_in(&program, "Ada", &password).await.status, 201);
    let reset = user(&["reset-password", "Ada"]).await;
    assert_eq!(sign_in(&program, "Ada", &password).await.status, 401);
    let password = reset.rsplit(' ').next().unwrap();
    assert_eq!(sign_in(&program, "Ada", password).await.status, 201);
    for (arguments, words) in [
        (&["create", "ada"][..], "taken"),
        (&["promote", "Eve", "admin"], "nobody has an account"),
        (&["promote", "Ada", "emperor"], "a role is one of"),
        (&["create", "Eve", "--role", "guest"], "an account is"),
    ] {
        let all = [&["user", "--data-dir", path], arguments].concat();
        let output = run(&all).await;
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(!output.status.success() && said.contains(words), "{said}");
    }
}

#[tokio::test]
async fn a_key_opens_what_its_scopes_cover_until_it_is_revoked() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().to_str().unwrap();
    let program = Program::start(folder.path()).await;
    // The folder may stand at the end, too.
    run_well(&["user", "create", "Ada", "--data-dir", path]).await;
    let key = |arguments: &[&str]| {
        let all = [&["key", "--data-dir", path], arguments].concat();
        let all: Vec<String> = all.iter().map(ToString::to_string).collect();
        async move {
            let all: Vec<&str> = all.iter().map(String::as_str).collect();
            run_well(&all).await
        }
    };
    let reader = key(&["create", "dashboard", "--scopes", "read"]).await;
    let writer = key(&["create", "deploy", "--scopes", "write,broadcast"]).await;
    assert!(reader.starts_with("hbk_"), "{reader}");
    let (messages, broadcasts) = ("/api/v1/rooms/builds/messages", "/api/v1/broadcasts");
    let body = r#"{"content":"done"}"#;
    for (path, token, status) in [
        (messages, &reader, 403),
        (broadcasts, &reader, 403),
        (messages, &writer, 201),
        (broadcasts, &writer, 201),
    ] {
        let answer = post(&program, path, Some(token), body).await;
        assert_eq!(answer.status, status, "{path}: {answer:?}");
    }
    let read = |token: &str| {
        let bearer = format!("Bearer {token}");
        let address = program.address;
        async move {
            let headers = [("authorization", bearer.as_str())];
            request(address, "GET", messages, &headers, "").await
        }
    };
    let page = read(&reader).await;
    assert_eq!(
        (page.status, page.json()["messages"][0]["from"].clone()),
        (200, json!("deploy"))
    );
    assert_eq!(read(&writer).await.status, 403);
    let mut live = connect(&program, &reader).await;
    let listed = key(&["list"]).await;
    let line = listed.lines().find(|line| line.contains("dashboard"));
    let id = line.unwrap().split('\t').next().unwrap();
    assert!(!listed.contains("hbk_"), "{listed}");
    key(&["revoke", id]).await;
    assert_eq!(closed(&mut live).await, Some(4502));
    assert_eq!(read(&reader).await.status, 401);
    let again = run(&["key", "--data-dir", path, "revoke", id]).await;
    assert!(!again.status.success());
}

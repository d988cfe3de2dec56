//! People with what they prove themselves by, and what they do about rooms.

use super::Server;
use super::client::{Client, open};
use super::http::{Answer, request};
use futures_util::StreamExt;
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::handshake::client::Response;
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream};

const PASSWORD: &str = "correct horse battery";

/// Somebody with an account, a key, or a guest's name.
pub(crate) struct Person {
    pub(crate) user: Value,
    header: (&'static str, String),
}

/// Where a room is spoken of over HTTP.
pub(crate) fn room(name: &str) -> String {
    format!("/api/v1/rooms/{}", name.replace('$', "%24"))
}

impl Person {
    pub(crate) async fn account(server: &Server, name: &str) -> Self {
        let body = json!({"name": name, "password": PASSWORD, "tokens": true}).to_string();
        let answer = server.post("/api/v1/accounts", &body).await;
        assert_eq!(answer.status, 201, "{answer:?}");
        let made = answer.json();
        let access = made["tokens"]["access"].as_str().unwrap();
        Self {
            user: made["user"].clone(),
            header: ("authorization", format!("Bearer {access}")),
        }
    }

    /// Somebody who holds a name without an account.
    pub(crate) async fn guest(server: &Server, name: &str) -> Self {
        let body = json!({"name": name}).to_string();
        let answer = server.post("/api/v1/session", &body).await;
        assert_eq!(answer.status, 201, "{answer:?}");
        let cookie = answer.header("set-cookie").unwrap();
        Self {
            header: ("cookie", cookie.split(';').next().unwrap().to_owned()),
            user: answer.json()["user"].clone(),
        }
    }

    /// A program with a key that an admin makes.
    pub(crate) async fn key(server: &Server, admin: &Self, name: &str, scopes: &str) -> Self {
        let body = json!({"name": name, "scopes": scopes});
        let made = admin.send(server, "POST", "/api/v1/keys", body).await;
        assert_eq!(made.status, 201, "{made:?}");
        let made = made.json();
        Self {
            user: made["user"].clone(),
            header: (
                "authorization",
                format!("Bearer {}", made["key"].as_str().unwrap()),
            ),
        }
    }

    pub(crate) fn id(&self) -> &str {
        self.user["id"].as_str().unwrap()
    }

    pub(crate) async fn send(
        &self,
        server: &Server,
        method: &str,
        path: &str,
        body: Value,
    ) -> Answer {
        let headers = [
            ("content-type", "application/json"),
            (self.header.0, self.header.1.as_str()),
        ];
        let body = match body {
            Value::Null => String::new(),
            body => body.to_string(),
        };
        request(server.address, method, path, &headers, &body).await
    }

    /// The same, with an address that need not live as long.
    pub(crate) async fn send_owned(
        &self,
        server: &Server,
        method: &str,
        path: String,
        body: Value,
    ) -> Answer {
        self.send(server, method, &path, body).await
    }

    pub(crate) async fn connect(&self, server: &Server) -> Client {
        let headers = [(self.header.0, self.header.1.as_str())];
        Client::connect_with(server.address, "/ws", &headers).await
    }

    /// Opens a socket, if that is let in.
    pub(crate) async fn open(
        &self,
        server: &Server,
    ) -> Result<(WebSocketStream<MaybeTlsStream<TcpStream>>, Response), Error> {
        open(
            server.address,
            "/ws",
            &[(self.header.0, self.header.1.as_str())],
        )
        .await
    }

    /// The code with which a connection is closed that is not let in.
    pub(crate) async fn turned_away(&self, server: &Server) -> Option<u16> {
        let headers = [(self.header.0, self.header.1.as_str())];
        let (mut socket, _) = open(server.address, "/ws", &headers).await.unwrap();
        match socket.next().await {
            Some(Ok(Message::Close(frame))) => frame.map(|frame| frame.code.into()),
            other => panic!("let in: {other:?}"),
        }
    }

    /// Gives an account another role on the node.
    pub(crate) async fn promote(&self, server: &Server, other: &Self, role: &str) {
        let path = format!("/api/v1/accounts/{}", other.id());
        let answer = self
            .send(server, "PATCH", &path, json!({"role": role}))
            .await;
        assert_eq!(answer.status, 204, "{answer:?}");
    }

    pub(crate) async fn make_private(&self, server: &Server, title: &str) -> String {
        let body = json!({"door": "private", "title": title});
        let made = self.send(server, "POST", "/api/v1/rooms", body).await;
        assert_eq!(made.status, 201, "{made:?}");
        made.json()["room"].as_str().unwrap().to_owned()
    }

    /// Makes somebody something in a room.
    pub(crate) async fn put(
        &self,
        server: &Server,
        name: &str,
        user: &str,
        standing: &str,
    ) -> Answer {
        let path = format!("{}/members/{user}", room(name));
        self.send(server, "PUT", &path, json!({"standing": standing}))
            .await
    }
}

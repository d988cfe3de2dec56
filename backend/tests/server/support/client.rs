//! A WebSocket client that works on plain JSON values, as a stranger's program would.

use super::DEADLINE;
use super::http::with_origin;
use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use std::net::SocketAddr;
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::handshake::client::Response;
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

pub(crate) struct Client {
    pub(crate) socket: WebSocketStream<MaybeTlsStream<TcpStream>>,
    pub(crate) welcome: Value,
    /// The place of something that this one has said.
    pub(crate) own: Value,
    sent: usize,
}

/// Opens a socket with these extra headers.
pub(crate) async fn open(
    address: SocketAddr,
    path: &str,
    headers: &[(&'static str, &str)],
) -> Result<(WebSocketStream<MaybeTlsStream<TcpStream>>, Response), Error> {
    let mut request = format!("ws://{address}{path}")
        .into_client_request()
        .unwrap();
    for (name, value) in with_origin(address, headers) {
        request.headers_mut().insert(name, value.parse().unwrap());
    }
    timeout(DEADLINE, connect_async(request))
        .await
        .expect("no answer to the upgrade")
}

impl Client {
    pub(crate) async fn connect(address: SocketAddr, name: &str) -> Self {
        Self::connect_with(address, &format!("/ws?name={name}"), &[]).await
    }

    /// A client that has not been welcomed.
    pub(crate) fn over(socket: WebSocketStream<MaybeTlsStream<TcpStream>>) -> Self {
        Self {
            socket,
            welcome: Value::Null,
            own: Value::Null,
            sent: 0,
        }
    }

    pub(crate) async fn connect_with(
        address: SocketAddr,
        path: &str,
        headers: &[(&'static str, &str)],
    ) -> Self {
        let (socket, _) = open(address, path, headers).await.unwrap();
        let mut client = Self::over(socket);
        client.welcome = client.next().await;
        assert_eq!(client.welcome["type"], "welcome");
        client
    }

    /// An `id` that was not used before.
    pub(crate) fn next_id(&mut self) -> String {
        self.sent += 1;
        format!(
            "{}-{}",
            self.welcome["connection"].as_str().unwrap(),
            self.sent
        )
    }

    pub(crate) async fn send(&mut self, frame: Value) {
        self.send_text(&frame.to_string()).await;
    }

    pub(crate) async fn send_text(&mut self, text: &str) {
        self.send_raw(Message::text(text)).await;
    }

    pub(crate) async fn send_raw(&mut self, message: Message) {
        self.socket.send(message).await.unwrap();
    }

    /// The next text frame.
    pub(crate) async fn next(&mut self) -> Value {
        match self.next_raw().await {
            Ok(text) => text,
            Err(code) => panic!("the connection was closed with {code:?}"),
        }
    }

    /// The next text frame, or the code the server closed with.
    pub(crate) async fn next_raw(&mut self) -> Result<Value, Option<u16>> {
        let next = async {
            loop {
                match self.socket.next().await {
                    Some(Ok(Message::Text(text))) => break Ok(serde_json::from_str(&text).unwrap()),
                    Some(Ok(Message::Close(frame))) => break Err(frame.map(|f| f.code.into())),
                    // Pings are no reason to go on waiting.
                    Some(Ok(_)) => {}
                    Some(Err(_)) | None => break Err(None),
                }
            }
        };
        timeout(DEADLINE, next).await.expect("nothing came")
    }

    /// The next frame of this type; others are passed over.
    pub(crate) async fn next_of(&mut self, kind: &str) -> Value {
        loop {
            let frame = self.next().await;
            if frame["type"] == kind {
                return frame;
            }
        }
    }

    /// The next presence frame for which `enough` holds.
    pub(crate) async fn presence(&mut self, enough: impl Fn(&Value) -> bool) -> Value {
        loop {
            let frame = self.next_of("presence").await;
            if enough(&frame) {
                return frame;
            }
        }
    }

    /// Joins at the head and waits for the answer.
    pub(crate) async fn join(&mut self, room: &str) -> Value {
        self.join_with(json!({"type": "join", "room": room})).await
    }

    pub(crate) async fn join_with(&mut self, frame: Value) -> Value {
        self.send(frame).await;
        self.next_of("joined").await
    }

    pub(crate) async fn say(&mut self, room: &str, content: &str) {
        self.send(json!({"type": "message", "room": room, "content": content}))
            .await;
    }

    /// The contents of the next `count` messages.
    pub(crate) async fn hear(&mut self, count: usize) -> Vec<String> {
        let mut heard = Vec::new();
        while heard.len() < count {
            let message = self.next_of("message").await;
            heard.push(message["content"].as_str().unwrap().to_owned());
        }
        heard
    }

    /// Everything the server had ready for this connection has been read when this returns: what
    /// came, without the pong itself.
    pub(crate) async fn complete(&mut self) -> Vec<Value> {
        self.send(json!({"type": "ping"})).await;
        let mut frames = Vec::new();
        loop {
            let frame = self.next().await;
            if frame["type"] == "pong" {
                return frames;
            }
            frames.push(frame);
        }
    }

    /// The error that answers this frame.
    pub(crate) async fn error(&mut self, frame: Value) -> Value {
        self.send(frame).await;
        self.next_of("error").await
    }
}

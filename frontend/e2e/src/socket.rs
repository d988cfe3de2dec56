//! A plain WebSocket client with hand-typed JSON, as somebody else's program would be.

use crate::wait::eventually;
use futures_util::{SinkExt, StreamExt};
use serde_json::Value;
use std::time::Duration;
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

const FRAME_TIME_MAX: Duration = Duration::from_secs(20);

/// An open WebSocket.
pub struct Socket(WebSocketStream<MaybeTlsStream<TcpStream>>);

impl Socket {
    /// Connects as soon as somebody answers at the address.
    pub async fn connect(url: &str) -> Self {
        let open = || async { connect_async(url).await.ok() };
        let (stream, _) = eventually(&format!("a WebSocket at {url}"), open).await;
        Self(stream)
    }

    /// Sends a text frame.
    pub async fn send(&mut self, text: &str) {
        self.0
            .send(Message::text(text))
            .await
            .expect("sending a frame");
    }

    /// Reads frames until one is as wanted, and gives it back.
    pub async fn wait_frame(&mut self, what: &str, wanted: impl Fn(&Value) -> bool) -> Value {
        self.wait_frame_within(FRAME_TIME_MAX, what, wanted).await
    }

    /// As [`Socket::wait_frame`], for what is known to be slow.
    pub async fn wait_frame_within(
        &mut self,
        time_max: Duration,
        what: &str,
        wanted: impl Fn(&Value) -> bool,
    ) -> Value {
        let read = async {
            loop {
                let frame = self.0.next().await.expect("the socket to stay open");
                let Message::Text(text) = frame.expect("a readable frame") else {
                    continue;
                };
                let value: Value = serde_json::from_str(&text).expect("frames to be JSON");
                if wanted(&value) {
                    return value;
                }
            }
        };
        timeout(time_max, read)
            .await
            .unwrap_or_else(|_| panic!("not within {time_max:?}: {what}"))
    }
}

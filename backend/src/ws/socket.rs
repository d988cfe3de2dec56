//! axum's WebSocket as the session's [`Socket`].

use crate::room::Frame;
use crate::session::socket::{Fault, Incoming, Socket};
use axum::extract::ws::{CloseFrame, Message, Utf8Bytes, WebSocket};
use common::CloseCode;
use futures_util::{SinkExt, StreamExt};
use std::time::Duration;
use tungstenite::Error as WsError;
use tungstenite::error::CapacityError;

/// How long the closing handshake may take.
const CLOSE_MAX: Duration = Duration::from_secs(2);

/// See the module.
pub(super) struct AxumSocket(WebSocket);

impl AxumSocket {
    /// Wraps a socket that was just upgraded.
    pub(super) fn new(socket: WebSocket) -> Self {
        Self(socket)
    }
}

impl Socket for AxumSocket {
    type Text = Utf8Bytes;

    async fn receive(&mut self) -> Result<Incoming<Utf8Bytes>, Fault> {
        match self.0.next().await {
            Some(Ok(Message::Text(text))) => Ok(Incoming::Text(text)),
            Some(Ok(Message::Binary(_))) => Ok(Incoming::Binary),
            Some(Ok(Message::Ping(_) | Message::Pong(_))) => Ok(Incoming::Control),
            Some(Ok(Message::Close(_))) | None => Err(Fault::Closed),
            Some(Err(error)) => Err(fault(error)),
        }
    }

    async fn send(&mut self, frames: &mut Vec<Frame>) -> Result<(), Fault> {
        for frame in frames.drain(..) {
            // Frames are encoded from strings: there is no other way to make one.
            let text = Utf8Bytes::try_from(frame).map_err(|_| Fault::Protocol)?;
            self.0.feed(Message::Text(text)).await.map_err(fault)?;
        }
        self.0.flush().await.map_err(fault)
    }

    async fn ping(&mut self) -> Result<(), Fault> {
        self.0
            .send(Message::Ping(Frame::new()))
            .await
            .map_err(fault)
    }

    async fn close(mut self, code: CloseCode, reason: &'static str) {
        let frame = CloseFrame {
            code: code.code(),
            reason: reason.into(),
        };
        let handshake = async {
            if self.0.send(Message::Close(Some(frame))).await.is_ok() {
                // Until the peer has answered, or gone: closing at once could lose the code.
                while let Some(Ok(_)) = self.0.next().await {}
            }
        };
        // A peer that does not answer is left to itself.
        drop(tokio::time::timeout(CLOSE_MAX, handshake).await);
    }
}

/// What an error of the library means to the session.
fn fault(error: axum::Error) -> Fault {
    match error.into_inner().downcast_ref::<WsError>() {
        Some(WsError::Capacity(CapacityError::MessageTooLong { .. })) => Fault::FrameTooLarge,
        Some(WsError::Utf8(_) | WsError::Protocol(_)) => Fault::Protocol,
        _ => Fault::Closed,
    }
}

//! One WebSocket under the client core: opens it, reports its fate, sends what it is given.

use crate::platform::page;
use common::client::{Attempt, Input};
use futures_channel::mpsc::{UnboundedReceiver, UnboundedSender, unbounded};
use futures_util::future::{Either, poll_fn, select};
use futures_util::{FutureExt, SinkExt, StreamExt};
use gloo_net::websocket::futures::WebSocket;
use gloo_net::websocket::{Message, State, WebSocketError};
use std::pin::pin;
use wasm_bindgen_futures::spawn_local;

/// Told what becomes of a socket.
pub type Report = Box<dyn Fn(Input)>;

/// A socket that is open or about to be. Dropping it closes the connection and ends all reports.
pub struct Socket {
    outgoing: UnboundedSender<String>,
}

impl Socket {
    /// Opens a socket to the page's own server.
    #[must_use]
    pub fn open(attempt: Attempt, report: Report) -> Self {
        let (socket, texts) = Self::pair();
        spawn_local(async move {
            if let Some(code) = run(attempt, texts, &report).await {
                report(Input::Closed { attempt, code });
            }
        });
        socket
    }

    /// A socket and the other end of its line: what is sent on the one comes out of the other.
    #[must_use]
    pub fn pair() -> (Self, UnboundedReceiver<String>) {
        let (outgoing, texts) = unbounded();
        (Self { outgoing }, texts)
    }

    /// Sends a text; once the connection is gone, it is dropped.
    pub fn send(&self, text: String) {
        let _ = self.outgoing.unbounded_send(text);
    }
}

/// The socket's life. Gives the code it was closed with, or nothing when the owner dropped it.
async fn run(
    attempt: Attempt,
    mut texts: UnboundedReceiver<String>,
    report: &Report,
) -> Option<Option<u16>> {
    let url = page::socket_url();
    let opened = match page::subprotocol() {
        Some(protocol) => WebSocket::open_with_protocol(&url, protocol),
        None => WebSocket::open(&url),
    };
    let Ok(mut socket) = opened else {
        return Some(None);
    };
    let ready = poll_fn(|cx| socket.poll_ready_unpin(cx)).map(|_| ());
    // Nothing is sent before the socket is open, so the first thing to come from the owner is its
    // end.
    if let Either::Right(_) = select(pin!(ready), texts.next()).await {
        return None;
    }
    if matches!(socket.state(), State::Open) {
        report(Input::Opened { attempt });
    }
    loop {
        match select(texts.next(), socket.next()).await {
            Either::Left((None, _)) => return None,
            Either::Left((Some(text), _)) => {
                // What cannot be sent is sent again by the core, after the close that follows.
                let _ = socket.send(Message::Text(text)).await;
            }
            Either::Right((Some(Ok(Message::Text(text))), _)) => {
                report(Input::from_text(attempt, &text));
            }
            Either::Right((Some(Ok(Message::Bytes(_))), _)) => {
                report(Input::Unreadable {
                    attempt,
                    event: None,
                });
            }
            Either::Right((Some(Err(WebSocketError::ConnectionClose(close))), _)) => {
                return Some(Some(close.code));
            }
            // Says only that the close is coming, which brings the code.
            Either::Right((Some(Err(_)), _)) => {}
            Either::Right((None, _)) => return Some(None),
        }
    }
}

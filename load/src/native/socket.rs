//! One WebSocket under the client core: opens it, reports its fate, sends what it is given.
//!
//! Nothing here waits for the peer to take what is sent: as in a browser, it is queued, and the
//! core's own deadlines decide when a connection is dead.

use common::client::{Attempt, Input};
use common::version::V1_JSON;
use futures_util::future::{BoxFuture, FutureExt, poll_fn};
use futures_util::{Sink, SinkExt, StreamExt};
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use tokio::net::{TcpSocket, TcpStream};
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::http::HeaderValue;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{WebSocketStream, client_async_with_config};

/// Bytes read at once. Ten thousand clients hold one such buffer each.
const READ_BUFFER_BYTES: usize = 2 * 1024;

type Stream = WebSocketStream<TcpStream>;

/// Where to connect to, and as whom.
#[derive(Debug, Clone)]
pub(crate) struct Target {
    pub(crate) server: SocketAddr,
    /// A loopback address to come from, where the ports of one do not go round.
    pub(crate) source: Option<IpAddr>,
    pub(crate) name: String,
}

/// At most one connection, in some stage of its life.
pub(super) enum Socket {
    Nothing,
    Opening {
        attempt: Attempt,
        opening: BoxFuture<'static, Option<Stream>>,
    },
    Open(Box<Open>),
}

pub(super) struct Open {
    attempt: Attempt,
    stream: Stream,
    /// Something was queued since the last flush.
    unflushed: bool,
    /// The code of the server's close frame.
    code: Option<u16>,
}

impl Socket {
    pub(super) fn connect(target: Target, attempt: Attempt) -> Self {
        let opening = async move { open(target).await.ok() }.boxed();
        Self::Opening { attempt, opening }
    }

    /// Gives the connection up, if it is that one.
    pub(super) fn disconnect(&mut self, given_up: Attempt) {
        let current = match self {
            Self::Nothing => None,
            Self::Opening { attempt, .. } => Some(*attempt),
            Self::Open(open) => Some(open.attempt),
        };
        if current == Some(given_up) {
            *self = Self::Nothing;
        }
    }

    /// Queues a text. On a connection that is not open it is dropped.
    pub(super) fn send(&mut self, text: String) {
        if let Self::Open(open) = self {
            // An error shows again when the stream is read.
            let _ = Pin::new(&mut open.stream).start_send(Message::text(text));
            open.unflushed = true;
        }
    }

    /// The next thing that happens to the connection; never, where there is none.
    pub(super) async fn next(&mut self) -> Input {
        poll_fn(|context| self.poll_next(context)).await
    }

    fn poll_next(&mut self, context: &mut Context<'_>) -> Poll<Input> {
        match self {
            Self::Nothing => Poll::Pending,
            Self::Opening { attempt, opening } => {
                let attempt = *attempt;
                let Some(stream) = ready!(opening.poll_unpin(context)) else {
                    *self = Self::Nothing;
                    return Poll::Ready(Input::Closed {
                        attempt,
                        code: None,
                    });
                };
                *self = Self::Open(Box::new(Open {
                    attempt,
                    stream,
                    unflushed: false,
                    code: None,
                }));
                Poll::Ready(Input::Opened { attempt })
            }
            Self::Open(open) => {
                let input = ready!(open.poll_next(context));
                if matches!(input, Input::Closed { .. }) {
                    *self = Self::Nothing;
                }
                Poll::Ready(input)
            }
        }
    }
}

impl Open {
    fn poll_next(&mut self, context: &mut Context<'_>) -> Poll<Input> {
        let attempt = self.attempt;
        loop {
            if self.unflushed && self.stream.poll_flush_unpin(context).is_ready() {
                self.unflushed = false;
            }
            match ready!(self.stream.poll_next_unpin(context)) {
                Some(Ok(Message::Text(text))) => {
                    return Poll::Ready(Input::from_text(attempt, &text));
                }
                Some(Ok(Message::Binary(_))) => {
                    return Poll::Ready(Input::Unreadable {
                        attempt,
                        event: None,
                    });
                }
                // The library has queued the answer to a ping, or to the close.
                Some(Ok(Message::Close(frame))) => {
                    self.code = frame.map(|frame| frame.code.into());
                    self.unflushed = true;
                }
                Some(Ok(_)) => self.unflushed = true,
                Some(Err(_)) | None => {
                    return Poll::Ready(Input::Closed {
                        attempt,
                        code: self.code,
                    });
                }
            }
        }
    }
}

async fn open(target: Target) -> Result<Stream, Error> {
    let tcp = TcpSocket::new_v4()?;
    if let Some(source) = target.source {
        tcp.bind(SocketAddr::new(source, 0))?;
    }
    let tcp = tcp.connect(target.server).await?;
    tcp.set_nodelay(true)?;
    let address = format!("ws://{}/ws?name={}", target.server, target.name);
    let mut request = address.into_client_request()?;
    request.headers_mut().insert(
        "sec-websocket-protocol",
        HeaderValue::from_str(V1_JSON).map_err(io::Error::other)?,
    );
    let config = WebSocketConfig::default()
        .read_buffer_size(READ_BUFFER_BYTES)
        .write_buffer_size(0);
    let (stream, _) = client_async_with_config(request, tcp, Some(config)).await?;
    Ok(stream)
}

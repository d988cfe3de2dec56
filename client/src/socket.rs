//! One WebSocket under the client core: opens it, reports its fate, sends what it is given.
//!
//! Nothing here waits for the peer to take what is sent: as in a browser, it is queued, and the
//! core's own deadlines decide when a connection is dead.

use crate::target::Target;
use crate::tls::{self, Transport};
use common::CloseCode;
use common::client::{Attempt, Input};
use common::error::{ErrorCode, ErrorFrame};
use futures_util::future::{BoxFuture, FutureExt, poll_fn};
use futures_util::{Sink, SinkExt, StreamExt};
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;
use tokio::net::{TcpSocket, TcpStream, lookup_host};
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode as WebSocketCode;
use tokio_tungstenite::tungstenite::protocol::{CloseFrame, WebSocketConfig};
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{WebSocketStream, client_async_with_config};

/// Bytes read at once. Each of ten thousand clients in one program has such a buffer.
const READ_BUFFER_BYTES: usize = 2 * 1024;

/// How long the server may take to answer a close frame.
const CLOSE_MAX: Duration = Duration::from_secs(1);

type Stream = WebSocketStream<Transport>;

/// What happened to the connection.
#[derive(Debug)]
pub(crate) struct Report {
    pub(crate) input: Input,
    /// Why the server refused the handshake, where it said so.
    pub(crate) refusal: Option<ErrorFrame>,
}

impl From<Input> for Report {
    fn from(input: Input) -> Self {
        Self {
            input,
            refusal: None,
        }
    }
}

/// Why a connection was not made.
pub(crate) enum OpenError {
    /// Nobody answered, or no server of this protocol.
    Failed,
    Refused(ErrorFrame),
}

/// At most one connection, in some stage of its life.
pub(crate) enum Socket {
    Nothing,
    Opening {
        attempt: Attempt,
        opening: BoxFuture<'static, Result<Stream, OpenError>>,
    },
    Open(Box<Open>),
}

pub(crate) struct Open {
    attempt: Attempt,
    stream: Stream,
    /// Something was queued since the last flush.
    unflushed: bool,
    /// The code of the server's close frame.
    code: Option<u16>,
}

impl Socket {
    pub(crate) fn connect(target: Target, tls: tls::Connector, attempt: Attempt) -> Self {
        let opening = open(target, tls).boxed();
        Self::Opening { attempt, opening }
    }

    /// Gives the connection up, if it is that one.
    pub(crate) fn disconnect(&mut self, given_up: Attempt) {
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
    pub(crate) fn send(&mut self, text: String) {
        if let Self::Open(open) = self {
            // An error shows again when the stream is read.
            let _ = Pin::new(&mut open.stream).start_send(Message::text(text));
            open.unflushed = true;
        }
    }

    /// Closes the connection as RFC 6455, section 7.1.2, wants it, and waits a moment for the
    /// server to agree. What was queued is sent before.
    pub(crate) async fn close(self) {
        let Self::Open(mut open) = self else {
            return;
        };
        let going_away = CloseFrame {
            code: WebSocketCode::Away,
            reason: "".into(),
        };
        let closing = async {
            if open.stream.close(Some(going_away)).await.is_ok() {
                while let Some(Ok(_)) = open.stream.next().await {}
            }
        };
        let _ = timeout(CLOSE_MAX, closing).await;
    }

    /// The next thing that happens to the connection; never, where there is none.
    pub(crate) async fn next(&mut self) -> Report {
        poll_fn(|context| self.poll_next(context)).await
    }

    fn poll_next(&mut self, context: &mut Context<'_>) -> Poll<Report> {
        match self {
            Self::Nothing => Poll::Pending,
            Self::Opening { attempt, opening } => {
                let attempt = *attempt;
                let opened = ready!(opening.poll_unpin(context));
                Poll::Ready(self.opened(attempt, opened))
            }
            Self::Open(open) => {
                let input = ready!(open.poll_next(context));
                if matches!(input, Input::Closed { .. }) {
                    *self = Self::Nothing;
                }
                Poll::Ready(input.into())
            }
        }
    }

    fn opened(&mut self, attempt: Attempt, opened: Result<Stream, OpenError>) -> Report {
        let refusal = match opened {
            Ok(stream) => {
                *self = Self::Open(Box::new(Open {
                    attempt,
                    stream,
                    unflushed: false,
                    code: None,
                }));
                return Input::Opened { attempt }.into();
            }
            Err(OpenError::Failed) => None,
            Err(OpenError::Refused(error)) => Some(error),
        };
        *self = Self::Nothing;
        let code = refusal.as_ref().and_then(close_code);
        Report {
            input: Input::Closed { attempt, code },
            refusal,
        }
    }
}

/// The code with which a server that refuses a handshake would close a connection.
fn close_code(refusal: &ErrorFrame) -> Option<u16> {
    match refusal.code {
        ErrorCode::TokenExpired => Some(CloseCode::SignInExpired.code()),
        ErrorCode::Unauthenticated => Some(CloseCode::SignInEnded.code()),
        ErrorCode::Banned => Some(CloseCode::Banned.code()),
        _ if refusal.retryable => None,
        _ => Some(CloseCode::TERMINAL_MIN),
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

async fn open(target: Target, tls: tls::Connector) -> Result<Stream, OpenError> {
    let request = target.request().ok_or(OpenError::Failed)?;
    let transport = connect(&target, &tls).await.map_err(|error| {
        tracing::debug!(%error, host = target.address.host, "no connection");
        OpenError::Failed
    })?;
    let config = WebSocketConfig::default()
        .read_buffer_size(READ_BUFFER_BYTES)
        .write_buffer_size(0);
    match client_async_with_config(request, transport, Some(config)).await {
        Ok((stream, _)) => Ok(stream),
        Err(Error::Http(answer)) => {
            let said = answer.body().as_deref().unwrap_or_default();
            Err(serde_json::from_slice(said).map_or(OpenError::Failed, OpenError::Refused))
        }
        Err(error) => {
            tracing::debug!(%error, "the handshake failed");
            Err(OpenError::Failed)
        }
    }
}

async fn connect(target: &Target, tls: &tls::Connector) -> io::Result<Transport> {
    let address = (target.address.bare_host(), target.address.port);
    let tcp = match target.source {
        None => TcpStream::connect(address).await?,
        Some(source) => {
            let found = lookup_host(address).await?;
            let server = found
                .into_iter()
                .find(|to| to.is_ipv4() == source.is_ipv4());
            let server = server.ok_or(io::ErrorKind::AddrNotAvailable)?;
            let socket = match server {
                SocketAddr::V4(_) => TcpSocket::new_v4()?,
                SocketAddr::V6(_) => TcpSocket::new_v6()?,
            };
            socket.bind(SocketAddr::new(source, 0))?;
            socket.connect(server).await?
        }
    };
    tcp.set_nodelay(true)?;
    tls.wrap(&target.address, tcp).await
}

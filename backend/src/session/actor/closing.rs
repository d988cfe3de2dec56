//! How a connection ends: with `goodbye` when the node shuts down, and with the closing handshake of
//! RFC 6455, section 7.1.

use super::Session;
use crate::session::End;
use crate::session::link::Link;
use crate::wire::decoder::{Decoder, Incoming};
use common::reply::{Goodbye, GoodbyeReason};
use common::{CloseCode, ServerFrame};
use socket2::SockRef;
use std::future::poll_fn;
use std::io::ErrorKind;
use std::net::Shutdown;
use std::task::Poll;
use std::time::Duration;
use tokio::net::TcpStream;

/// How long the closing handshake may take.
const CLOSE_MAX: Duration = Duration::from_secs(2);

impl Session {
    /// The node is going away: waits for what this connection posted to be settled, tells it, and
    /// says when to come back.
    pub(super) async fn say_goodbye(&mut self, after: Duration) -> End {
        self.link.drain();
        let link = &self.link;
        let settled = poll_fn(|context| {
            // Looked at after the waker is in place: what is settled meanwhile wakes.
            let _ = link.poll_signals(context);
            match link.in_flight() {
                0 => Poll::Ready(()),
                _ => Poll::Pending,
            }
        });
        if tokio::time::timeout(self.config.drain_max, settled)
            .await
            .is_err()
        {
            tracing::warn!(connection = %self.connection, "posts were still open at shutdown");
        }
        // The events behind the acks are the peer's, too, as far as it takes them at once.
        self.link.write();
        self.link.push(&ServerFrame::Goodbye(Goodbye {
            reason: GoodbyeReason::Shutdown,
            reconnect_after_ms: u64::try_from(after.as_millis()).unwrap_or(u64::MAX),
        }));
        End::Close(CloseCode::ShuttingDown, "the server is going away")
    }
}

/// The closing handshake, as far as the end leaves room for one, and the end of the connection
/// beneath it. A message that still comes may take `bytes_max`.
pub async fn close(link: &Link, decoder: &mut Decoder, bytes_max: usize, end: End) {
    let closing = async {
        match end {
            End::Gone | End::ShutDown => return,
            End::Closed(code) => write_close(link, code, "").await,
            End::Close(code, reason) => {
                write_close(link, Some(code.code()), reason).await;
                read_close(link.stream(), decoder, bytes_max).await;
            }
        }
        finish(link.stream()).await;
    };
    // A peer that does not answer is left to itself.
    drop(tokio::time::timeout(CLOSE_MAX, closing).await);
}

async fn write_close(link: &Link, code: Option<u16>, reason: &str) {
    let mut is_written = link.write_last(Some((code, reason)));
    while !is_written && link.stream().writable().await.is_ok() {
        is_written = link.write_last(None);
    }
}

/// Until the peer has answered, or gone, or what it says cannot be read any more.
async fn read_close(stream: &TcpStream, decoder: &mut Decoder, bytes_max: usize) {
    let mut bytes = [0; 1024];
    loop {
        match decoder.next(bytes_max) {
            Ok(Some(Incoming::Close(_))) | Err(_) => return,
            Ok(Some(_)) => continue,
            Ok(None) => {}
        }
        match read(stream, &mut bytes).await {
            0 => return,
            count => decoder.feed(bytes.get(..count).unwrap_or_default()),
        }
    }
}

/// Says that nothing more will come, and takes in what does until the peer has said so, too (section
/// 7.1.1): a socket that is closed with something unread is reset, and the peer might never read the
/// code.
async fn finish(stream: &TcpStream) {
    if SockRef::from(stream).shutdown(Shutdown::Write).is_ok() {
        let mut bytes = [0; 1024];
        while read(stream, &mut bytes).await > 0 {}
    }
}

/// How many bytes came; none at the end, whatever that is.
async fn read(stream: &TcpStream, bytes: &mut [u8]) -> usize {
    loop {
        if stream.readable().await.is_err() {
            return 0;
        }
        match stream.try_read(bytes) {
            Err(error) if error.kind() == ErrorKind::WouldBlock => {}
            read => return read.unwrap_or(0),
        }
    }
}

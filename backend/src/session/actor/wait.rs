//! Waiting for the next thing, without holding anything for it.

use super::Session;
use std::cell::RefCell;
use std::future::poll_fn;
use std::pin::Pin;
use std::task::{Context, Poll};
use tokio::io::{AsyncRead, ReadBuf};

/// Bytes read at once. One buffer for all connections of a worker.
const READ_BYTES: usize = 64 * 1024;

thread_local! {
    static SCRATCH: RefCell<Vec<u8>> = RefCell::new(vec![0; READ_BYTES]);
}

/// What came.
pub(super) enum Event {
    /// Nothing.
    None,
    /// Nothing, and there is more to do already.
    Rest,
    /// Bytes; they are with the decoder.
    Read,
    /// The end of what the peer sends, or a fault of the network.
    Gone,
    /// The socket takes something again.
    Writable,
    /// What the link is told by others; see [`signal`](crate::session::link::signal).
    Signals(u8),
}

impl Session {
    pub(super) async fn wait(&mut self) -> Event {
        poll_fn(|context| self.poll(context)).await
    }

    /// What there is already.
    pub(super) async fn glance(&mut self) -> Event {
        poll_fn(|context| match self.poll(context) {
            Poll::Ready(event) => Poll::Ready(event),
            Poll::Pending => Poll::Ready(Event::None),
        })
        .await
    }

    fn poll(&mut self, context: &mut Context<'_>) -> Poll<Event> {
        let bits = self.link.poll_signals(context);
        if bits != 0 {
            return Poll::Ready(Event::Signals(bits));
        }
        if self.link.is_blocked() {
            let writable = self.link.stream().poll_write_ready(context);
            // An error shows with the next write.
            return writable.map(|_| Event::Writable);
        }
        if !self.may_read() {
            return Poll::Pending;
        }
        self.poll_read(context)
    }

    fn poll_read(&mut self, context: &mut Context<'_>) -> Poll<Event> {
        SCRATCH.with_borrow_mut(|scratch| {
            let mut buffer = ReadBuf::new(scratch);
            let read = Pin::new(&mut self.socket).poll_read(context, &mut buffer);
            read.map(|result| match result {
                Ok(()) if !buffer.filled().is_empty() => {
                    self.decoder.feed(buffer.filled());
                    Event::Read
                }
                _ => Event::Gone,
            })
        })
    }
}

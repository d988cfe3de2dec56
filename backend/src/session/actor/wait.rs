//! Waiting for the next event without holding buffers or timers.

use super::Session;
use crate::socket;
use std::cell::RefCell;
use std::future::poll_fn;
use std::io::ErrorKind;
use std::task::{Context, Poll};

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
    Yield,
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
        let stream = self.link.stream();
        SCRATCH.with_borrow_mut(|scratch| {
            loop {
                match stream.poll_read_ready(context) {
                    Poll::Pending => return Poll::Pending,
                    Poll::Ready(Err(_)) => return Poll::Ready(Event::Gone),
                    Poll::Ready(Ok(())) => {}
                }
                match socket::read(stream, scratch) {
                    Ok(count @ 1..) => {
                        self.decoder.feed(scratch.get(..count).unwrap_or_default());
                        return Poll::Ready(Event::Read);
                    }
                    // It was not ready after all.
                    Err(error) if error.kind() == ErrorKind::WouldBlock => {}
                    _ => return Poll::Ready(Event::Gone),
                }
            }
        })
    }
}

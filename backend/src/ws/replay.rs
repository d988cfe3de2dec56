//! A connection for the HTTP server, of which something was read already.

use std::pin::Pin;
use std::task::{Context, Poll};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;

/// A connection whose first bytes were read already, and are read once more.
pub struct Replay {
    before: Vec<u8>,
    at: usize,
    stream: TcpStream,
}

impl Replay {
    /// A connection, and what was read of it.
    #[must_use]
    pub fn new(before: Vec<u8>, stream: TcpStream) -> Self {
        let at = 0;
        Self { before, at, stream }
    }

    /// The connection, and what of the first bytes was not read again.
    #[must_use]
    pub fn into_parts(mut self) -> (TcpStream, Vec<u8>) {
        let rest = self.before.split_off(self.at);
        (self.stream, rest)
    }
}

impl AsyncRead for Replay {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        into: &mut ReadBuf<'_>,
    ) -> Poll<std::io::Result<()>> {
        let this = self.get_mut();
        let rest = this.before.get(this.at..).unwrap_or_default();
        if rest.is_empty() {
            this.before = Vec::new();
            this.at = 0;
            return Pin::new(&mut this.stream).poll_read(context, into);
        }
        let count = rest.len().min(into.remaining());
        into.put_slice(rest.get(..count).unwrap_or_default());
        this.at += count;
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Replay {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<std::io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_flush(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<std::io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<std::io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[std::io::IoSlice<'_>],
    ) -> Poll<std::io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(context, slices)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }
}

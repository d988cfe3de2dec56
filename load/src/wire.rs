//! Reading what the server sends as cheaply as can be, and writing what it reads. Only the
//! generator's own cost is saved here: the server and this share the machine's cores, and a
//! library that copies and checks ten thousand times what one sender reads would be measured too.

mod frame;

pub(crate) use frame::{Frame, Frames, Kind, Mark, kind, mark, room_prefix};

use anyhow::{Context as _, Result, bail, ensure};
use nix::sys::socket::setsockopt;
use nix::sys::socket::sockopt::TcpMaxSeg;
use std::cell::RefCell;
use std::future::poll_fn;
use std::net::{IpAddr, SocketAddr};
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use tokio::io::{AsyncReadExt, AsyncWrite, AsyncWriteExt, ReadBuf};
use tokio::net::{TcpSocket, TcpStream};

/// Bytes read at once. One such buffer serves all connections: what is read is looked at at once,
/// and only the beginning of a frame that is not whole yet is kept.
const READ_BYTES: usize = 256 * 1024;

/// Bytes that the system takes in for a narrow connection.
const NARROW_RECEIVE_BYTES: u32 = 8 * 1024;

/// As on an Ethernet. With the 64 KiB of the loopback device, the server's system takes megabytes
/// for a connection before it says that nobody reads.
const NARROW_SEGMENT_BYTES: u32 = 1460;

thread_local! {
    static READ: RefCell<Vec<u8>> = RefCell::new(vec![0; READ_BYTES]);
}

/// Whom to connect to, and how.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Dial {
    pub(crate) server: SocketAddr,
    /// A loopback address to come from, where the ports of one do not go round.
    pub(crate) source: Option<IpAddr>,
    /// The system takes in little for this connection, so that the server notices soon when nobody
    /// reads.
    pub(crate) is_narrow: bool,
}

/// A WebSocket after its handshake (RFC 6455). It answers pings by itself.
pub(crate) struct Connection {
    stream: TcpStream,
    /// Read, and not looked at yet: the beginning of a frame, or what came with the handshake.
    left: Vec<u8>,
    /// What came with the handshake may hold whole frames.
    is_fresh: bool,
    outgoing: Vec<u8>,
    /// How much of `outgoing` the system has taken.
    taken: usize,
}

impl Connection {
    pub(crate) async fn open(dial: Dial, name: &str) -> Result<Self> {
        let socket = TcpSocket::new_v4()?;
        if dial.is_narrow {
            socket.set_recv_buffer_size(NARROW_RECEIVE_BYTES)?;
            setsockopt(&socket, TcpMaxSeg, &NARROW_SEGMENT_BYTES)?;
        }
        if let Some(source) = dial.source {
            socket.bind(SocketAddr::new(source, 0))?;
        }
        let stream = socket.connect(dial.server).await.context("connecting")?;
        stream.set_nodelay(true)?;
        let mut connection = Self {
            stream,
            left: Vec::new(),
            is_fresh: true,
            outgoing: Vec::new(),
            taken: 0,
        };
        let server = dial.server;
        let request = format!(
            "GET /ws?name={name} HTTP/1.1\r\nHost: {server}\r\nConnection: Upgrade\r\n\
             Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\
             Sec-WebSocket-Key: bG9hZCBnZW5lcmF0b3IuLg==\r\n\r\n"
        );
        connection.stream.write_all(request.as_bytes()).await?;
        connection.shake_hands().await?;
        Ok(connection)
    }

    async fn shake_hands(&mut self) -> Result<()> {
        loop {
            let end = self.left.windows(4).position(|four| four == b"\r\n\r\n");
            if let Some(end) = end {
                if !self.left.starts_with(b"HTTP/1.1 101") {
                    bail!("refused: {}", String::from_utf8_lossy(&self.left));
                }
                self.left.drain(..end + 4);
                return Ok(());
            }
            if self.stream.read_buf(&mut self.left).await? == 0 {
                bail!("the server closed a connection instead of upgrading it");
            }
        }
    }

    /// Adds a text frame to what goes out with the next [`flush`](Self::flush). Its mask is zero:
    /// there is nothing between us that a mask would help.
    pub(crate) fn queue(&mut self, text: &str) -> Result<()> {
        frame::text_into(&mut self.outgoing, text)
    }

    /// Sends what is queued. Safe to give up and to call again.
    pub(crate) async fn flush(&mut self) -> Result<()> {
        poll_fn(|context| self.poll_flush(context)).await
    }

    fn poll_flush(&mut self, context: &mut Context<'_>) -> Poll<Result<()>> {
        while let Some(rest @ [_, ..]) = self.outgoing.get(self.taken..) {
            self.taken += ready!(Pin::new(&mut self.stream).poll_write(context, rest))?;
        }
        self.outgoing.clear();
        self.taken = 0;
        Poll::Ready(Ok(()))
    }

    /// Waits for something to come, and gives the whole frames among it to `see`, in order. Safe
    /// to give up and to call again.
    pub(crate) async fn frames(
        &mut self,
        mut see: impl FnMut(&mut Frames<'_>) -> Result<()>,
    ) -> Result<()> {
        poll_fn(|context| self.poll_frames(context, &mut see)).await?;
        if self.outgoing.is_empty() {
            return Ok(());
        }
        // A pong.
        self.flush().await
    }

    fn poll_frames(
        &mut self,
        context: &mut Context<'_>,
        see: &mut impl FnMut(&mut Frames<'_>) -> Result<()>,
    ) -> Poll<Result<()>> {
        if std::mem::take(&mut self.is_fresh) && !self.left.is_empty() {
            let left = std::mem::take(&mut self.left);
            return Poll::Ready(self.look(&left, see));
        }
        READ.with_borrow_mut(|bytes| {
            let mut buffer = ReadBuf::new(bytes);
            if self.left.len() >= buffer.capacity() {
                return Poll::Ready(Err(anyhow::anyhow!(
                    "a frame of {READ_BYTES} bytes or more"
                )));
            }
            buffer.put_slice(&self.left);
            ready!(tokio::io::AsyncRead::poll_read(
                Pin::new(&mut self.stream),
                context,
                &mut buffer
            ))?;
            if buffer.filled().len() == self.left.len() {
                return Poll::Ready(Err(anyhow::anyhow!("the server closed a connection")));
            }
            self.left.clear();
            let filled = buffer.filled().len();
            let bytes = bytes.get(..filled).unwrap_or_default();
            Poll::Ready(self.look(bytes, see))
        })
    }

    fn look(
        &mut self,
        bytes: &[u8],
        see: &mut impl FnMut(&mut Frames<'_>) -> Result<()>,
    ) -> Result<()> {
        let mut frames = Frames::new(bytes, &mut self.outgoing);
        see(&mut frames)?;
        ensure!(frames.next().is_none(), "frames were not looked at");
        let rest = frames.rest();
        self.left.extend_from_slice(rest);
        Ok(())
    }
}

//! Reading what the server sends as cheaply as can be, and writing what it reads. Only the
//! generator's own cost is saved here: the server and this share the machine's cores, and a
//! library that copies and checks ten thousand times what one sender reads would be measured too.

use anyhow::{Result, bail};
use std::net::SocketAddr;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// Bytes read at once: a busy room's members get many frames with one read.
const READ_BYTES: usize = 16 * 1024;

/// What a frame is to a sender.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Joined,
    Ack,
    Message,
    Refused,
    Closed,
    Other,
}

/// A WebSocket after its handshake (RFC 6455).
pub(super) struct Connection {
    stream: TcpStream,
    buffer: Vec<u8>,
    /// What is read and not looked at yet is from here on.
    at: usize,
    outgoing: Vec<u8>,
}

impl Connection {
    pub(super) async fn open(server: SocketAddr, name: &str) -> Result<Self> {
        let stream = TcpStream::connect(server).await?;
        stream.set_nodelay(true)?;
        let mut connection = Self {
            stream,
            buffer: Vec::with_capacity(READ_BYTES),
            at: 0,
            outgoing: Vec::new(),
        };
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
            let end = self.buffer.windows(4).position(|four| four == b"\r\n\r\n");
            if let Some(end) = end {
                if !self.buffer.starts_with(b"HTTP/1.1 101") {
                    bail!("refused: {}", String::from_utf8_lossy(&self.buffer));
                }
                self.at = end + 4;
                return Ok(());
            }
            self.fill().await?;
        }
    }

    /// Sends a text frame. Its mask is zero: there is nothing between us that a mask would help.
    pub(super) async fn send(&mut self, text: &str) -> Result<()> {
        self.outgoing.clear();
        self.outgoing.push(0x81);
        match u8::try_from(text.len()) {
            Ok(length @ ..126) => self.outgoing.push(0x80 | length),
            _ => {
                self.outgoing.push(0x80 | 126);
                let length = u16::try_from(text.len())?;
                self.outgoing.extend(length.to_be_bytes());
            }
        }
        self.outgoing.extend([0; 4]);
        self.outgoing.extend(text.as_bytes());
        self.stream.write_all(&self.outgoing).await?;
        Ok(())
    }

    /// What the next frame is. Safe to give up and to call again.
    pub(super) async fn next(&mut self) -> Result<Kind> {
        loop {
            let unread = self.buffer.get(self.at..).unwrap_or_default();
            if let Some((kind, length)) = frame(unread) {
                self.at += length;
                return Ok(kind);
            }
            self.fill().await?;
        }
    }

    async fn fill(&mut self) -> Result<()> {
        self.buffer.drain(..self.at);
        self.at = 0;
        self.buffer.reserve(READ_BYTES);
        if self.stream.read_buf(&mut self.buffer).await? == 0 {
            bail!("the server closed a connection");
        }
        Ok(())
    }
}

/// The first frame and how many bytes it takes, if it is whole. A server's frames have no mask.
fn frame(bytes: &[u8]) -> Option<(Kind, usize)> {
    let (opcode, short) = (bytes.first()? & 0x0f, usize::from(bytes.get(1)? & 0x7f));
    let (header, length) = match short {
        126 => {
            let length = bytes.get(2..4)?.try_into().ok()?;
            (4, usize::from(u16::from_be_bytes(length)))
        }
        127 => {
            let length = bytes.get(2..10)?.try_into().ok()?;
            (10, usize::try_from(u64::from_be_bytes(length)).ok()?)
        }
        _ => (2, short),
    };
    let payload = bytes.get(header..header + length)?;
    let kind = match opcode {
        1 => kind(payload),
        8 => Kind::Closed,
        _ => Kind::Other,
    };
    Some((kind, header + length))
}

/// By how the text begins: the server writes `type` first.
fn kind(text: &[u8]) -> Kind {
    let Some(rest) = text.strip_prefix(br#"{"type":""#) else {
        return Kind::Other;
    };
    let is = |name: &[u8]| {
        rest.strip_prefix(name)
            .is_some_and(|rest| rest.starts_with(b"\""))
    };
    match () {
        () if is(b"message") => Kind::Message,
        () if is(b"ack") => Kind::Ack,
        () if is(b"joined") => Kind::Joined,
        () if is(b"error") => Kind::Refused,
        () => Kind::Other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use common::codec::encode_server;
    use common::reply::Ack;
    use common::{ErrorCode, ErrorFrame, ServerFrame};

    fn framed(text: &str) -> Vec<u8> {
        let mut bytes = match text.len() {
            length @ ..126 => vec![0x81, length as u8],
            length => {
                let length = (length as u16).to_be_bytes();
                vec![0x81, 126, length[0], length[1]]
            }
        };
        bytes.extend(text.as_bytes());
        bytes
    }

    #[test]
    fn frames_are_known_by_how_the_codec_writes_them() {
        let ack = ServerFrame::Ack(Box::new(Ack::done("a".parse().unwrap())));
        let long = ServerFrame::Error(ErrorFrame::new(ErrorCode::Overloaded, "x".repeat(300)));
        for (sent, expected) in [(ack, Kind::Ack), (long, Kind::Refused)] {
            let bytes = framed(&encode_server(&sent));
            assert_eq!(frame(&bytes), Some((expected, bytes.len())));
            for cut in 0..bytes.len() {
                assert_eq!(frame(&bytes[..cut]), None, "cut at {cut}");
            }
        }
        assert_eq!(frame(&[0x89, 0]), Some((Kind::Other, 2)));
        assert_eq!(frame(&[0x88, 2, 3, 232]), Some((Kind::Closed, 4)));
    }
}

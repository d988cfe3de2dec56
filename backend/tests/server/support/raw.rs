//! A client without a WebSocket library: it can send what no library would.

use super::{DEADLINE, Server};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

/// The fields of a request to open a WebSocket.
pub(crate) const UPGRADE: &str = "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";

/// The first byte of a close frame.
pub(crate) const CLOSE: u8 = 0x88;

/// An open socket, beyond its handshake and its `welcome`.
pub(crate) async fn socket(server: &Server, extra: &str) -> (TcpStream, String) {
    let mut stream = TcpStream::connect(server.address).await.unwrap();
    let address = server.address;
    let head = format!("GET /ws HTTP/1.1\r\nHost: {address}\r\n{UPGRADE}{extra}\r\n");
    stream.write_all(head.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    while !answer.ends_with(b"\r\n\r\n") {
        answer.push(stream.read_u8().await.unwrap());
    }
    let (kind, _) = next_frame(&mut stream).await;
    assert_eq!(kind, 0x81, "a text");
    (stream, String::from_utf8(answer).unwrap())
}

/// The next frame that the server sends: the first byte of its header, and its payload.
pub(crate) async fn next_frame(stream: &mut TcpStream) -> (u8, Vec<u8>) {
    let read = async {
        let (kind, length) = (stream.read_u8().await?, stream.read_u8().await?);
        let length = match length {
            126 => u64::from(stream.read_u16().await?),
            127 => stream.read_u64().await?,
            length => u64::from(length),
        };
        let mut payload = vec![0; usize::try_from(length).unwrap()];
        stream.read_exact(&mut payload).await?;
        std::io::Result::Ok((kind, payload))
    };
    let frame = timeout(DEADLINE, read).await.expect("nothing comes");
    frame.expect("a whole frame")
}

/// The code that the server closes with, passing over what it says before.
pub(crate) async fn close_code(stream: &mut TcpStream) -> u16 {
    loop {
        let (kind, payload) = next_frame(stream).await;
        if kind == CLOSE {
            return u16::from_be_bytes([payload[0], payload[1]]);
        }
    }
}

/// A frame of a client, masked with zeros.
pub(crate) fn frame(first: u8, payload: &[u8]) -> Vec<u8> {
    let mut frame = vec![first];
    match u8::try_from(payload.len()) {
        Ok(short @ ..126) => frame.push(0x80 | short),
        _ => {
            frame.push(0xff);
            frame.extend((payload.len() as u64).to_be_bytes());
        }
    }
    frame.extend([0; 4]);
    frame.extend(payload);
    frame
}

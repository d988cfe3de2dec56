//! Readers who do not read cost the node no memory, whatever they miss.

use crate::DEADLINE;
use crate::http::request;
use crate::program::Program;
use std::net::SocketAddr;
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

const READERS: usize = 40;
const MESSAGES: usize = 1000;
const MESSAGE_BYTES: usize = 12 * 1024;

/// One who joins, and then reads nothing.
async fn joined(address: SocketAddr) -> TcpStream {
    let mut stream = TcpStream::connect(address).await.unwrap();
    let request = format!(
        "GET /ws HTTP/1.1\r\nHost: {address}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
         Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: bm8gbWVtb3J5IGF0IGFsbA==\r\n\r\n"
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    let join = br#"{"type":"join","room":"general"}"#;
    // Masked with zeros, which leaves it as it is (RFC 6455, section 5.3).
    let header = [0x81, 0x80 | u8::try_from(join.len()).unwrap(), 0, 0, 0, 0];
    stream
        .write_all(&[&header, &join[..]].concat())
        .await
        .unwrap();
    let mut read = Vec::new();
    while !String::from_utf8_lossy(&read).contains("\"joined\"") {
        let count = timeout(DEADLINE, stream.read_buf(&mut read)).await;
        assert!(count.expect("no answer").unwrap() > 0, "it was closed");
    }
    stream
}

#[tokio::test]
async fn forty_readers_who_stop_are_not_queued_for() {
    let folder = TempDir::new().unwrap();
    let program = Program::start(folder.path()).await;
    let mut readers = Vec::new();
    for _ in 0..READERS {
        readers.push(joined(program.address).await);
    }
    let before = program.memory();
    let content = "x".repeat(MESSAGE_BYTES);
    let body = serde_json::json!({ "content": content }).to_string();
    for n in 0..MESSAGES {
        // No user may say so much so fast; ten may.
        let path = format!("/api/v1/rooms/general/messages?name=Ada{}", n % 10);
        let headers = [("content-type", "application/json")];
        let answer = request(program.address, "POST", &path, &headers, &body).await;
        assert_eq!(answer.status, 201);
    }
    let grown = program.memory().saturating_sub(before);
    let missed = (READERS * MESSAGES * MESSAGE_BYTES) as u64;
    // Each has more to come than all of what the node has come to hold, its cache of the database,
    // a tail and a few pages among it.
    assert!(
        grown < missed / 8,
        "{grown} bytes for {missed} that were not read"
    );
    drop(readers);
    program.kill().await;
}

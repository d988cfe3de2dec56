//! HTTP by hand: one request, one connection, every byte chosen by the test.

use super::DEADLINE;
use serde_json::Value;
use std::net::SocketAddr;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: String,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|_| panic!("not JSON: {self:?}"))
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(key, _)| key == name);
        found.map(|(_, value)| value.as_str())
    }
}

pub(crate) async fn request(
    address: SocketAddr,
    method: &str,
    path: &str,
    headers: &[(&str, &str)],
    body: &str,
) -> Answer {
    let mut text = format!(
        "{method} {path} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\ncontent-length: {}\r\n",
        body.len()
    );
    for (name, value) in with_origin(address, headers) {
        text.push_str(&format!("{name}: {value}\r\n"));
    }
    let bytes = [text.as_bytes(), b"\r\n", body.as_bytes()].concat();
    timeout(DEADLINE, exchange(address, bytes))
        .await
        .expect("no answer")
}

/// A browser that sends a cookie says from which page, unless the test says otherwise; an empty
/// `origin` is none.
pub(crate) fn with_origin<'a>(
    address: SocketAddr,
    headers: &[(&'a str, &str)],
) -> Vec<(&'a str, String)> {
    let has = |wanted| headers.iter().any(|(name, _)| *name == wanted);
    let own = (has("cookie") && !has("origin")).then(|| ("origin", format!("http://{address}")));
    let given = headers
        .iter()
        .map(|(name, value)| (*name, (*value).to_owned()));
    let all = given.chain(own);
    all.filter(|header| *header != ("origin", String::new()))
        .collect()
}

async fn exchange(address: SocketAddr, bytes: Vec<u8>) -> Answer {
    let mut stream = TcpStream::connect(address).await.unwrap();
    // The server may answer, and close, before it has read all of a body that is too large.
    drop(stream.write_all(&bytes).await);
    let mut answer = Vec::new();
    drop(stream.read_to_end(&mut answer).await);
    parse(&String::from_utf8_lossy(&answer))
}

fn parse(text: &str) -> Answer {
    let (head, body) = text
        .split_once("\r\n\r\n")
        .unwrap_or_else(|| panic!("no head: {text:?}"));
    let mut lines = head.lines();
    let status = lines
        .next()
        .unwrap()
        .split(' ')
        .nth(1)
        .unwrap()
        .parse()
        .unwrap();
    let headers: Vec<_> = lines
        .filter_map(|line| line.split_once(": "))
        .map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()))
        .collect();
    let chunked = headers
        .iter()
        .any(|(name, value)| name == "transfer-encoding" && value == "chunked");
    assert!(!chunked, "the API's answers are small and have a length");
    Answer {
        status,
        headers,
        body: body.to_owned(),
    }
}

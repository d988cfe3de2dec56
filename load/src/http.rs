//! Just enough HTTP to read a room's log: one request, one connection, one JSON body.

use anyhow::{Context, Result, bail};
use common::api::paths::{self, fill};
use common::ids::Seq;
use common::limits::PAGE_MESSAGES_MAX;
use common::reply::HistoryPage;
use common::text::RoomName;
use std::net::SocketAddr;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

/// How long one answer may take.
const ANSWER_MAX: Duration = Duration::from_secs(10);

/// A page of a room's log, the oldest messages above `after`.
pub(crate) async fn page(server: SocketAddr, room: &RoomName, after: Seq) -> Result<HistoryPage> {
    let path = fill(paths::MESSAGES, &[room.as_str()]);
    let path = format!("{path}?after={after}&limit={PAGE_MESSAGES_MAX}");
    let body = timeout(ANSWER_MAX, get(server, &path))
        .await
        .with_context(|| format!("no answer to GET {path}"))??;
    serde_json::from_slice(&body).with_context(|| format!("reading GET {path}"))
}

/// Where a room's log ends.
pub(crate) async fn head(server: SocketAddr, room: &RoomName) -> Result<Seq> {
    let path = fill(paths::MESSAGES, &[room.as_str()]) + "?limit=1";
    let body = timeout(ANSWER_MAX, get(server, &path)).await??;
    let page: HistoryPage = serde_json::from_slice(&body)?;
    Ok(page.head)
}

async fn get(server: SocketAddr, path: &str) -> Result<Vec<u8>> {
    let mut stream = TcpStream::connect(server).await?;
    let request = format!("GET {path} HTTP/1.1\r\nHost: {server}\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await?;
    body_of(&answer).with_context(|| format!("GET {path}"))
}

/// The body of an answer that was read to the connection's end.
fn body_of(answer: &[u8]) -> Result<Vec<u8>> {
    let end = answer.windows(4).position(|four| four == b"\r\n\r\n");
    let (head, body) = end
        .and_then(|end| answer.split_at_checked(end + 4))
        .context("not an HTTP answer")?;
    let head = String::from_utf8_lossy(head);
    let status = head.split(' ').nth(1).unwrap_or_default();
    if status != "200" {
        bail!("status {status}: {}", String::from_utf8_lossy(body));
    }
    if head.to_ascii_lowercase().contains("transfer-encoding:") {
        bail!("a chunked answer, which this client does not read");
    }
    Ok(body.to_vec())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_plain_200_has_a_body() {
        assert_eq!(
            body_of(b"HTTP/1.1 200 OK\r\nA: b\r\n\r\n{}").unwrap(),
            b"{}"
        );
        for bad in [
            &b"HTTP/1.1 503 No\r\n\r\n{}"[..],
            b"garbage",
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}",
        ] {
            assert!(body_of(bad).is_err(), "{bad:?}");
        }
    }
}

//! What others do on the same disk in the same run: SQLite with one commit for each message, and
//! Redis Streams with `appendfsync always`.

use crate::clock::wait_until;
use crate::times::{Times, per_second};
use anyhow::{Context, Result};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;
use tokio::process::{Child, Command};
use tokio::time::{Instant, timeout};

/// How many in a second, and how long each took.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Rate {
    pub(crate) per_second: f64,
    pub(super) p50_ms: f64,
}

/// One commit after another for `time`.
pub(super) fn sqlite(folder: &Path, bytes: usize, time: Duration) -> Result<Rate> {
    let database = rusqlite::Connection::open(folder.join("baseline.sqlite"))?;
    database.pragma_update(None, "journal_mode", "WAL")?;
    database.pragma_update(None, "synchronous", "FULL")?;
    database.execute_batch(
        "DROP TABLE IF EXISTS log; CREATE TABLE log (room TEXT, seq INTEGER, content TEXT, PRIMARY KEY (room, seq)) \
         WITHOUT ROWID",
    )?;
    let mut insert = database.prepare("INSERT INTO log VALUES ('room', ?1, ?2)")?;
    let content = "x".repeat(bytes);
    let (start, mut times) = (Instant::now(), Vec::new());
    while start.elapsed() < time {
        let before = Instant::now();
        insert.execute((times.len(), &content))?;
        times.push(before.elapsed());
    }
    let (times, took) = (Times::new(times), start.elapsed());
    Ok(Rate {
        per_second: per_second(u64::try_from(times.len())?, took),
        p50_ms: times.ms(50),
    })
}

/// A Redis of the run's own. Dropping it ends it.
pub(crate) struct Redis {
    port: u16,
    _server: Child,
}

impl Redis {
    /// Starts one with its data in `folder`; nothing where Redis is not installed.
    pub(crate) async fn start(folder: &Path) -> Result<Option<Self>> {
        let port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?
            .local_addr()?
            .port();
        let data = folder.join("redis");
        std::fs::create_dir_all(&data)?;
        let server = Command::new("redis-server")
            .args(["--bind", "127.0.0.1", "--port", &port.to_string()])
            .args([
                "--appendonly",
                "yes",
                "--appendfsync",
                "always",
                "--save",
                "",
            ])
            .arg("--dir")
            .arg(&data)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn();
        let server = match server {
            Ok(server) => server,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error).context("starting redis-server"),
        };
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        let timeout = Duration::from_secs(20);
        let up = || TcpStream::connect_timeout(&address, timeout).is_ok();
        wait_until("redis-server answers", timeout, up).await?;
        Ok(Some(Self {
            port,
            _server: server,
        }))
    }

    /// So many clients, each with one `XADD` under way.
    pub(crate) async fn xadd(&self, clients: usize, bytes: usize) -> Result<Rate> {
        // Two or three seconds at the rates to be expected.
        let requests = match clients {
            ..10 => 10_000,
            10..100 => 40_000,
            _ => 200_000,
        };
        let output = Command::new("redis-benchmark")
            .args(["-h", "127.0.0.1", "-p", &self.port.to_string(), "--csv"])
            .args(["-c", &clients.to_string(), "-n", &requests.to_string()])
            .args(["XADD", "stream", "*", "content", &"x".repeat(bytes)])
            .stdin(Stdio::null())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .output();
        let output = timeout(Duration::from_secs(120), output)
            .await
            .context("redis-benchmark does not end")?
            .context("starting redis-benchmark")?;
        let text = String::from_utf8_lossy(&output.stdout);
        rate(&text).with_context(|| format!("reading what redis-benchmark says: {text}"))
    }
}

/// From a header of names and a line of values, both quoted.
fn rate(csv: &str) -> Option<Rate> {
    let mut lines = csv.lines().skip_while(|line| !line.contains("\"rps\""));
    let names: Vec<&str> = lines.next()?.split(',').collect();
    // The command is the first value, and may hold anything: what counts is counted from the end.
    let values: Vec<&str> = lines.next()?.rsplit(',').collect();
    let value = |name: &str| {
        let behind = names
            .iter()
            .rev()
            .position(|known| known.trim_matches('"') == name)?;
        let text = values.get(behind)?.trim_matches('"');
        text.parse::<f64>().ok()
    };
    Some(Rate {
        per_second: value("rps")?,
        p50_ms: value("p50_latency_ms")?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn redis_benchmark_is_read_by_its_header() {
        let csv = "\"test\",\"rps\",\"avg_latency_ms\",\"p50_latency_ms\",\"p99_latency_ms\"\n\
                   \"XADD a, b\",\"21000.50\",\"0.4\",\"0.300\",\"1.200\"\n";
        let rate = rate(csv).unwrap();
        assert_eq!((rate.per_second, rate.p50_ms), (21000.5, 0.3));
        assert!(super::rate("no such thing").is_none());
    }

    #[test]
    fn one_commit_after_another_is_counted() {
        let folder = tempfile::tempdir().unwrap();
        let rate = sqlite(folder.path(), 128, Duration::from_millis(20)).unwrap();
        assert!(rate.per_second > 1.0, "{rate:?}");
    }
}

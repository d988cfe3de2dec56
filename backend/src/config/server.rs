//! `[server]`: where the server listens and what it serves.

use super::{ConfigError, require};
use hyper::http::uri::Authority;
use serde::Deserialize;
use std::net::{IpAddr, Ipv4Addr};
use std::time::Duration;

/// See the module.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ServerConfig {
    /// Address to listen on. Default `127.0.0.1`: this machine only. `0.0.0.0` is every network.
    pub host: IpAddr,
    /// Port to listen on. Default 8080; 0 lets the system choose.
    pub port: u16,
    /// Threads that serve connections. Default 0: one for each processor.
    pub workers: usize,
    /// Whether the page is served. Default true.
    pub page: bool,
    /// Where people reach the server from elsewhere (`https://chat.example`), if it stands behind a
    /// proxy or a name. Default none. With `https`, cookies are `Secure`; on loopback, requests for
    /// its host are answered, too; and the first account needs the claim code.
    pub public_url: Option<String>,
    /// Origins (`https://app.example`) whose pages may connect besides the server's own. Default
    /// none.
    pub allowed_origins: Vec<String>,
    /// Time between WebSocket pings; a peer silent for two of them is gone. Default `25s`; at
    /// least `10ms`.
    #[serde(with = "humantime_serde")]
    pub heartbeat: Duration,
    /// A connection that takes nothing that is written to it for this long is closed with a
    /// *retry* code. Default `30s`; at least `10ms`.
    #[serde(with = "humantime_serde")]
    pub stall_max: Duration,
    /// At shutdown, how long clients and requests are waited for. Default `10s`; zero waits for
    /// nobody.
    #[serde(with = "humantime_serde")]
    pub drain_max: Duration,
}

impl Default for ServerConfig {
    fn default() -> Self {
        Self {
            host: IpAddr::V4(Ipv4Addr::LOCALHOST),
            port: 8080,
            workers: 0,
            page: true,
            public_url: None,
            allowed_origins: Vec::new(),
            heartbeat: Duration::from_secs(25),
            stall_max: Duration::from_secs(30),
            drain_max: Duration::from_secs(10),
        }
    }
}

impl ServerConfig {
    /// Threads that serve connections.
    #[must_use]
    pub fn workers(&self) -> usize {
        match self.workers {
            0 => std::thread::available_parallelism().map_or(1, usize::from),
            workers => workers,
        }
    }

    /// Whether others than those at this machine may come.
    #[must_use]
    pub fn is_exposed(&self) -> bool {
        !self.host.is_loopback() || self.public_url.is_some()
    }

    /// Whether people reach it over TLS.
    #[must_use]
    pub fn is_secure(&self) -> bool {
        let url = self.public_url.as_deref().unwrap_or_default();
        url.starts_with("https://")
    }

    pub(super) fn check(&self) -> Result<(), ConfigError> {
        require(
            self.public_url.as_deref().is_none_or(is_origin),
            "server.public_url",
            "a scheme and a host, such as https://chat.example",
        )?;
        require(
            self.allowed_origins.iter().all(|origin| is_origin(origin)),
            "server.allowed_origins",
            "origins, each a scheme and a host without a path, such as https://app.example",
        )?;
        let shortest = Duration::from_millis(10);
        require(
            self.heartbeat >= shortest,
            "server.heartbeat",
            "10ms or more",
        )?;
        require(
            self.stall_max >= shortest,
            "server.stall_max",
            "10ms or more",
        )
    }
}

/// Whether a URL is an origin: `http` or `https`, a host, perhaps a port, and nothing else
/// (RFC 6454).
fn is_origin(url: &str) -> bool {
    let host = url
        .strip_prefix("https://")
        .or_else(|| url.strip_prefix("http://"));
    let is_authority = |host: &str| Authority::try_from(host).is_ok() && !host.contains('@');
    host.is_some_and(is_authority)
}

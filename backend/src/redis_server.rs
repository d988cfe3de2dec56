//! Which Redis server is used: the one at an address, or the one that sentinels name.
//!
//! `redis://cache:6379`, `rediss://…` for TLS, or `redis+sentinel://s1:26379,s2:26379/NAME` (with
//! `rediss+sentinel` for TLS): sentinels, and the name under which they watch the server. A user and a
//! password before the hosts are those of the server.

use redis::sentinel::{SentinelClient, SentinelNodeConnectionInfo, SentinelServerType};
use redis::{Client, ErrorKind, IntoConnectionInfo as _, RedisError, TlsMode};
use tokio::sync::Mutex;

/// See the module.
pub enum RedisServer {
    /// At this address.
    At(Box<Client>),
    /// Whichever the sentinels say.
    Named(Box<Mutex<SentinelClient>>),
}

impl RedisServer {
    /// The server of this address. Nothing is asked of it yet.
    ///
    /// # Errors
    /// The address cannot be read.
    pub fn new(url: &str) -> Result<Self, RedisError> {
        match url.split_once("+sentinel://") {
            Some((scheme @ ("redis" | "rediss"), rest)) => Self::named(scheme, rest),
            _ => Ok(Self::At(Box::new(Client::open(url)?))),
        }
    }

    fn named(scheme: &str, rest: &str) -> Result<Self, RedisError> {
        let (hosts, name) = rest.split_once('/').ok_or_else(|| refused("the name"))?;
        let (user, hosts) = match hosts.rsplit_once('@') {
            Some((user, hosts)) => (format!("{user}@"), hosts),
            None => (String::new(), hosts),
        };
        if name.is_empty() || name.contains('/') {
            return Err(refused("the name"));
        }
        let sentinels: Vec<String> = hosts
            .split(',')
            .map(|host| format!("{scheme}://{host}"))
            .collect();
        let first = hosts.split(',').next().unwrap_or_default();
        // What the server is to be told, as an address of its own would say it.
        let server = format!("{scheme}://{user}{first}").into_connection_info()?;
        let node = SentinelNodeConnectionInfo::default();
        let mut node = node.set_redis_connection_info(server.redis_settings().clone());
        if scheme == "rediss" {
            node = node.set_tls_mode(TlsMode::Secure);
        }
        let kind = SentinelServerType::Master;
        let client = SentinelClient::build(sentinels, name, Some(node), kind)?;
        Ok(Self::Named(Box::new(Mutex::new(client))))
    }

    /// A client of the server. Asked for each new connection: it may be another server by then.
    ///
    /// # Errors
    /// No sentinel answers, or none knows the name.
    pub async fn client(&self) -> Result<Client, RedisError> {
        match self {
            Self::At(client) => Ok(Client::clone(client)),
            Self::Named(sentinels) => sentinels.lock().await.async_get_client().await,
        }
    }
}

fn refused(what: &'static str) -> RedisError {
    let words = "an address with sentinels is redis+sentinel://HOST:PORT,HOST:PORT/NAME";
    (ErrorKind::InvalidClientConfig, words, what.to_owned()).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_names_a_server_or_sentinels() {
        for (url, is_named) in [
            ("redis://cache:6379", false),
            ("rediss://user:secret@cache", false),
            ("redis+sentinel://a:1,b:2/main", true),
            ("redis+sentinel://:secret@a:1/main", true),
            ("rediss+sentinel://a/main", true),
        ] {
            let server = RedisServer::new(url).unwrap();
            assert_eq!(matches!(server, RedisServer::Named(_)), is_named, "{url}");
        }
        for bad in [
            "not an address",
            "redis+sentinel://a:1",
            "redis+sentinel://a:1/",
            "redis+sentinel://a:1/b/c",
            "redis+sentinel:///main",
            "http+sentinel://a/main",
        ] {
            assert!(RedisServer::new(bad).is_err(), "{bad}");
        }
    }
}

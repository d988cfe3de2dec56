//! `[proxy]`: the reverse proxies in front of the server that are trusted.

use super::{ConfigError, require};
use ipnet::IpNet;
use serde::Deserialize;

/// See the module.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ProxyConfig {
    /// Networks (`10.0.0.0/8`, `127.0.0.1/32`) of proxies that say truly where a request comes
    /// from. Default none: where the connection comes from is where the request does.
    pub trusted: Vec<IpNet>,
    /// The header in which they say it: addresses with commas between them, each proxy's own at the
    /// end. Default `x-forwarded-for`.
    pub header: String,
}

impl Default for ProxyConfig {
    fn default() -> Self {
        Self {
            trusted: Vec::new(),
            header: "x-forwarded-for".to_owned(),
        }
    }
}

impl ProxyConfig {
    pub(super) fn check(&self) -> Result<(), ConfigError> {
        let is_name = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
        require(
            !self.header.is_empty() && self.header.bytes().all(is_name),
            "proxy.header",
            "the name of a header",
        )
    }
}

//! `[bus]`: how nodes tell each other what has happened.

use super::{ConfigError, require};
use serde::Deserialize;
use std::time::Duration;

/// What carries it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BusEngine {
    /// Nothing: one node, or several that find each other's messages in the store.
    #[default]
    Local,
    /// Redis.
    Redis,
}

/// See the module.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct BusConfig {
    /// Default `local`.
    pub engine: BusEngine,
    /// The address of Redis, such as `redis://cache:6379`, or `rediss://…` for TLS; with Sentinel
    /// `redis+sentinel://s1:26379,s2:26379/NAME`.
    pub url: Option<String>,
    /// What the names of channels begin with; another one for each cluster that uses the same Redis.
    /// Default `hubbub`; letters, digits, `-` and `_`.
    pub prefix: String,
    /// Time between two comparisons of the heads of this node's live rooms with those in PostgreSQL: so
    /// long a message of another node may be unseen where nothing told of it. At least `100ms`.
    /// Default `1s`.
    #[serde(with = "humantime_serde")]
    pub head_check: Duration,
}

impl Default for BusConfig {
    fn default() -> Self {
        Self {
            engine: BusEngine::Local,
            url: None,
            prefix: "hubbub".to_owned(),
            head_check: Duration::from_secs(1),
        }
    }
}

impl BusConfig {
    pub(super) fn check(&self) -> Result<(), ConfigError> {
        let is_redis = self.engine == BusEngine::Redis;
        let bounds = "the address of Redis with `engine = \"redis\"`, and left out otherwise";
        require(is_redis == self.url.is_some(), "bus.url", bounds)?;
        let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
        let is_prefix = !self.prefix.is_empty() && self.prefix.chars().all(is_plain);
        require(is_prefix, "bus.prefix", "letters, digits, `-` and `_`")?;
        let is_rare = self.head_check >= Duration::from_millis(100);
        require(is_rare, "bus.head_check", "100ms or more")
    }
}

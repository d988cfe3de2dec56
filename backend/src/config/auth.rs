//! `[auth]`: how users may sign in.

use super::token::TokenConfig;
use super::{ConfigError, require};
use common::role::Role;
use serde::{Deserialize, Deserializer};
use std::time::Duration;

/// See the module.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct AuthConfig {
    /// Whether guests, who have a name and nothing else, may come in. Default true.
    pub guests: bool,
    /// Whether people may make themselves an account. Default true. Where not, `hubbub user
    /// create` makes them.
    pub sign_up: bool,
    /// Who may say something to everyone, once the node has an account: `guest`, `member`,
    /// `moderator` or `admin`. Default `member`. (Before that, guests may.)
    #[serde(deserialize_with = "role")]
    pub broadcast_role: Role,
    /// How long an access token holds. Default `10m`; at least `1s`.
    #[serde(with = "humantime_serde")]
    pub access_life: Duration,
    /// How long a sign-in lasts that is not used. Default `30d`; at least `access_life`.
    #[serde(with = "humantime_serde")]
    pub refresh_life: Duration,
    /// How long a connection whose access token has run out is left to `authenticate`. Default
    /// `1m`; zero closes it at once.
    #[serde(with = "humantime_serde")]
    pub expiry_grace: Duration,
    /// How long the audit log is kept. Default `90d`; zero is for ever.
    #[serde(with = "humantime_serde")]
    pub audit_keep: Duration,
    /// Tokens that another program signs. Default none: only this node's own are taken.
    pub token: Option<TokenConfig>,
}

impl Default for AuthConfig {
    fn default() -> Self {
        Self {
            guests: true,
            sign_up: true,
            broadcast_role: Role::Member,
            access_life: Duration::from_secs(10 * 60),
            refresh_life: Duration::from_secs(30 * 24 * 60 * 60),
            expiry_grace: Duration::from_secs(60),
            audit_keep: Duration::from_secs(90 * 24 * 60 * 60),
            token: None,
        }
    }
}

/// On the wire a role that is not known is a guest; in a file it is a mistake.
fn role<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Role, D::Error> {
    let word = String::deserialize(deserializer)?;
    word.parse().map_err(serde::de::Error::custom)
}

impl AuthConfig {
    pub(super) fn check(&self) -> Result<(), ConfigError> {
        self.token.as_ref().map_or(Ok(()), TokenConfig::check)?;
        require(
            self.access_life >= Duration::from_secs(1),
            "auth.access_life",
            "1s or more",
        )?;
        require(
            self.refresh_life >= self.access_life,
            "auth.refresh_life",
            "auth.access_life or more",
        )
    }
}

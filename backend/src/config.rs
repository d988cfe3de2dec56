//! The configuration: one struct for each section of the TOML file. Every field has a default;
//! a file says only what differs. Durations are written as `25s` or `2m 30s`.

mod auth;
mod bus;
mod limits;
mod namespace;
mod proxy;
mod server;
mod store_config;
mod token;

pub use auth::AuthConfig;
pub use bus::{BusConfig, BusEngine};
pub use limits::LimitsConfig;
pub use namespace::NamespaceConfig;
pub use proxy::ProxyConfig;
pub use server::ServerConfig;
pub use store_config::{StoreConfig, StoreEngine};
pub use token::{TokenAlgorithm, TokenConfig};

use serde::Deserialize;
use std::path::{Path, PathBuf};

/// The whole file.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// Where the server listens and what it serves.
    pub server: ServerConfig,
    /// Where events live.
    pub store: StoreConfig,
    /// How nodes tell each other what has happened.
    pub bus: BusConfig,
    /// What stands before the server.
    pub proxy: ProxyConfig,
    /// Who may come in, and how.
    pub auth: AuthConfig,
    /// What a client may cost.
    pub limits: LimitsConfig,
    /// What is kept of which rooms; the first rule that fits a room holds for it, and a room that
    /// none fits is kept for ever. Default: `live:*` is not stored.
    pub namespace: Vec<NamespaceConfig>,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            server: ServerConfig::default(),
            store: StoreConfig::default(),
            bus: BusConfig::default(),
            proxy: ProxyConfig::default(),
            auth: AuthConfig::default(),
            limits: LimitsConfig::default(),
            namespace: vec![NamespaceConfig::live()],
        }
    }
}

/// Why a configuration is refused. Shown when the server starts.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file cannot be read.
    #[error("cannot read {path}: {reason}")]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        reason: std::io::Error,
    },
    /// Not TOML, an unknown key, or a value of the wrong kind.
    #[error("{path}, line {line}: {reason}")]
    Invalid {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
        /// The key, and what it must be.
        reason: String,
    },
    /// A value out of its bounds.
    #[error("{field} must be {bounds}")]
    OutOfBounds {
        /// The field.
        field: &'static str,
        /// What it may be.
        bounds: &'static str,
    },
}

impl Config {
    /// Reads and checks a file.
    ///
    /// # Errors
    /// See [`ConfigError`].
    pub fn load(path: &Path) -> Result<Self, ConfigError> {
        let text = std::fs::read_to_string(path).map_err(|reason| ConfigError::Unreadable {
            path: path.to_owned(),
            reason,
        })?;
        let config = parse(&text).map_err(|(line, reason)| ConfigError::Invalid {
            path: path.to_owned(),
            line,
            reason,
        })?;
        config.check()?;
        Ok(config)
    }

    /// Checks the bounds that types do not.
    ///
    /// # Errors
    /// [`ConfigError::OutOfBounds`].
    pub fn check(&self) -> Result<(), ConfigError> {
        self.server.check()?;
        self.store.check()?;
        self.bus.check()?;
        // Nodes with a log each would take each other's messages for their own.
        let shares_log = self.store.engine == StoreEngine::Postgres;
        let is_alone = self.bus.engine == BusEngine::Local;
        let bounds = "`local`, unless store.engine is `postgres`";
        require(shares_log || is_alone, "bus.engine", bounds)?;
        self.auth.check()?;
        self.proxy.check()?;
        self.namespace.iter().try_for_each(NamespaceConfig::check)?;
        self.limits.check()
    }
}

/// Reads a file's text, or says in which line which key is wrong.
fn parse(text: &str) -> Result<Config, (usize, String)> {
    let line_of = |error: &toml::de::Error| {
        let start = error.span().map_or(0, |span| span.start);
        1 + text
            .bytes()
            .take(start)
            .filter(|byte| *byte == b'\n')
            .count()
    };
    let reader = toml::Deserializer::parse(text).map_err(|error| {
        (
            line_of(&error),
            format!("this is not TOML: {}", error.message()),
        )
    })?;
    serde_path_to_error::deserialize(reader).map_err(|error| {
        let key = error.path().to_string();
        let error = error.into_inner();
        let line = line_of(&error);
        let reason = match error.message().strip_prefix("unknown field ") {
            Some(rest) => format!("there is no key {rest}"),
            None => format!("`{key}`: {}", error.message()),
        };
        (line, reason)
    })
}

/// An error unless `holds`.
fn require(holds: bool, field: &'static str, bounds: &'static str) -> Result<(), ConfigError> {
    if holds {
        Ok(())
    } else {
        Err(ConfigError::OutOfBounds { field, bounds })
    }
}

#[cfg(test)]
mod tests;

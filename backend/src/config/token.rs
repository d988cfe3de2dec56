//! `[auth.token]`: tokens signed by another program.

use super::{ConfigError, require};
use common::role::Role;
use hyper::Uri;
use serde::{Deserialize, Deserializer};
use std::net::IpAddr;
use std::path::PathBuf;

/// See the module.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TokenConfig {
    /// The one algorithm that is taken: `HS256`, `RS256`, `ES256` or `EdDSA`. A token that names
    /// another is refused, whatever its signature says.
    pub algorithm: TokenAlgorithm,
    /// For `HS256`, the secret that both programs know; at least 32 bytes.
    #[serde(default)]
    pub secret: Option<String>,
    /// For the others, a file with the public keys, as a JSON Web Key Set (RFC 7517). Read at the
    /// start; a new key needs a restart.
    #[serde(default)]
    pub jwks_file: Option<PathBuf>,
    /// Instead of a file, where the key set is to be fetched: an `https` URL, or an `http` one on
    /// this machine. Fetched at the start, every hour, and, once a minute at the most, when a token
    /// names a key that is not known.
    #[serde(default)]
    pub jwks_url: Option<String>,
    /// What `iss` must be.
    pub issuer: String,
    /// What `aud` must be, or have among others.
    pub audience: String,
    /// The claim with the name to be shown by. Default `name`.
    #[serde(default = "name")]
    pub name_claim: String,
    /// The claim with the role on the node. Default `role`; without it the role is `member`.
    #[serde(default = "role_claim")]
    pub role_claim: String,
    /// The most that a token may make somebody: `member`, `moderator` or `admin`. Default `member`.
    #[serde(default = "member", deserialize_with = "role")]
    pub role_max: Role,
}

/// How a token is signed (RFC 7518, section 3.1; RFC 8037).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub enum TokenAlgorithm {
    /// HMAC with SHA-256.
    HS256,
    /// RSA with SHA-256.
    RS256,
    /// ECDSA on P-256 with SHA-256.
    ES256,
    /// Ed25519.
    #[serde(rename = "EdDSA")]
    EdDsa,
}

fn name() -> String {
    "name".to_owned()
}

fn role_claim() -> String {
    "role".to_owned()
}

fn member() -> Role {
    Role::Member
}

fn role<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Role, D::Error> {
    let word = String::deserialize(deserializer)?;
    word.parse().map_err(serde::de::Error::custom)
}

/// Never with the secret in it.
impl std::fmt::Debug for TokenConfig {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("TokenConfig")
            .field("algorithm", &self.algorithm)
            .field("issuer", &self.issuer)
            .field("audience", &self.audience)
            .finish_non_exhaustive()
    }
}

/// Whether what is fetched from there is what its owner has put there.
fn is_safe(url: &str) -> bool {
    let Ok(url) = url.parse::<Uri>() else {
        return false;
    };
    let host = url.host().unwrap_or_default().trim_matches(['[', ']']);
    let is_here = host == "localhost" || host.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback());
    match url.scheme_str() {
        Some("https") => !host.is_empty(),
        Some("http") => is_here,
        _ => false,
    }
}

impl TokenConfig {
    pub(super) fn check(&self) -> Result<(), ConfigError> {
        let is_shared = self.algorithm == TokenAlgorithm::HS256;
        let secret = self.secret.as_ref().map(String::len);
        require(
            match secret {
                Some(bytes) => is_shared && bytes >= 32,
                None => !is_shared,
            },
            "auth.token.secret",
            "32 bytes or more with HS256, and nothing without",
        )?;
        let sets = usize::from(self.jwks_file.is_some()) + usize::from(self.jwks_url.is_some());
        require(
            sets == usize::from(!is_shared),
            "auth.token.jwks_file and auth.token.jwks_url",
            "one of them named with RS256, ES256 and EdDSA, and none with HS256",
        )?;
        require(
            self.jwks_url.as_deref().is_none_or(is_safe),
            "auth.token.jwks_url",
            "an https URL, or an http one on this machine: whoever can change the keys on their way can be anybody",
        )?;
        require(
            !self.issuer.is_empty() && !self.audience.is_empty(),
            "auth.token.issuer and auth.token.audience",
            "named: a token that is meant for another must not open this",
        )?;
        require(
            self.role_max > Role::Guest,
            "auth.token.role_max",
            "member, moderator or admin",
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_fetched_by_tls_or_from_this_machine() {
        for (url, safe) in [
            ("https://id.example/keys.json", true),
            ("https://id.example:8443/", true),
            ("http://localhost:9000/keys", true),
            ("http://127.0.0.1/keys", true),
            ("http://[::1]:80/keys", true),
            ("http://id.example/keys.json", false),
            ("http://127.0.0.1.evil.example/", false),
            ("http://localhost.evil.example/", false),
            ("ftp://id.example/", false),
            ("file:///etc/keys", false),
            ("/keys", false),
            ("id.example", false),
            ("", false),
            ("https://", false),
        ] {
            assert_eq!(is_safe(url), safe, "{url:?}");
        }
    }
}

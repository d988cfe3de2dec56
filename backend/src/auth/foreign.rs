//! Tokens that another program signs (JSON Web Tokens, RFC 7519), checked as RFC 8725 asks: one
//! algorithm, an issuer, an audience, an end.

use super::{AuthError, Kind, Visitor};
use crate::clock::Clock;
use crate::config::{TokenAlgorithm, TokenConfig};
use common::ids::UserId;
use common::reply::User;
use common::role::Role;
use common::text::UserName;
use common::time::Timestamp;
use jsonwebtoken::jwk::{Jwk, JwkSet};
use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode, decode_header};
use serde::Deserialize;
use serde_json::{Map, Value};
use std::path::PathBuf;
use std::sync::Arc;

/// How far the other program's clock may be off, in milliseconds.
const LEEWAY_MS: u64 = 30_000;

/// Why the keys cannot be used. Shown to whoever starts the server.
#[derive(Debug, thiserror::Error)]
pub enum KeysError {
    /// The file cannot be read.
    #[error("cannot read {path}: {source}")]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// Not a JSON Web Key Set, or a key in it cannot be used.
    #[error("{path} is no key set: {why}")]
    Invalid {
        /// The file.
        path: PathBuf,
        /// Why.
        why: String,
    },
    /// No key in it is for the algorithm.
    #[error("{path} has no key for the algorithm of auth.token")]
    NoKey {
        /// The file.
        path: PathBuf,
    },
}

/// See the module.
pub struct ForeignTokens {
    config: TokenConfig,
    keys: Vec<KnownKey>,
    validation: Validation,
    clock: Arc<dyn Clock>,
}

struct KnownKey {
    id: Option<String>,
    key: DecodingKey,
}

/// What is looked at in a token.
#[derive(Deserialize)]
struct Claims {
    sub: String,
    /// Seconds since 1970; RFC 7519 allows fractions.
    exp: f64,
    nbf: Option<f64>,
    #[serde(flatten)]
    others: Map<String, Value>,
}

impl ForeignTokens {
    /// Reads the keys.
    ///
    /// # Errors
    /// See [`KeysError`].
    pub fn new(config: TokenConfig, clock: Arc<dyn Clock>) -> Result<Self, KeysError> {
        let algorithm = match config.algorithm {
            TokenAlgorithm::HS256 => Algorithm::HS256,
            TokenAlgorithm::RS256 => Algorithm::RS256,
            TokenAlgorithm::ES256 => Algorithm::ES256,
            TokenAlgorithm::EdDsa => Algorithm::EdDSA,
        };
        let mut validation = Validation::new(algorithm);
        validation.set_issuer(&[&config.issuer]);
        validation.set_audience(&[&config.audience]);
        validation.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
        // By the server's own clock, which is an argument: below.
        validation.validate_exp = false;
        let keys = match (&config.secret, &config.jwks_file) {
            (Some(secret), _) => vec![KnownKey {
                id: None,
                key: DecodingKey::from_secret(secret.as_bytes()),
            }],
            (None, Some(path)) => read_keys(path, algorithm)?,
            (None, None) => Vec::new(),
        };
        Ok(Self {
            config,
            keys,
            validation,
            clock,
        })
    }

    /// Who comes with this token.
    ///
    /// # Errors
    /// It is not one of these, or not any more. Why is nobody's business but the log's.
    pub fn open(&self, token: &str) -> Result<Visitor, AuthError> {
        let header = decode_header(token).map_err(refuse)?;
        let key = self.key(header.kid.as_deref())?;
        let claims = decode::<Claims>(token, key, &self.validation);
        let claims = claims.map_err(refuse)?.claims;
        let now = self.clock.now();
        let until = Timestamp(milliseconds(claims.exp));
        if now.0 >= until.0.saturating_add(LEEWAY_MS) {
            return Err(AuthError::Expired);
        }
        let begins = claims.nbf.map_or(0, milliseconds);
        if now.0.saturating_add(LEEWAY_MS) < begins {
            return Err(refuse("it does not hold yet"));
        }
        let user = self.user(&claims)?;
        let role = self.role(&claims);
        let kind = Kind::Foreign { until };
        Ok(Visitor { user, role, kind })
    }

    /// The key with this id; without one, the only one there is.
    fn key(&self, id: Option<&str>) -> Result<&DecodingKey, AuthError> {
        let found = match (id, self.keys.as_slice()) {
            (None, [only]) => Some(only),
            (None, _) => None,
            (Some(_), [only]) if only.id.is_none() => Some(only),
            (Some(id), keys) => keys.iter().find(|key| key.id.as_deref() == Some(id)),
        };
        found
            .map(|found| &found.key)
            .ok_or_else(|| refuse("no key has its id"))
    }

    /// The other program's user, under an id that no user of this node has.
    fn user(&self, claims: &Claims) -> Result<User, AuthError> {
        let id: UserId = format!("@{}", claims.sub).parse().map_err(refuse)?;
        let name = claims.others.get(&self.config.name_claim);
        let name = name.and_then(Value::as_str).unwrap_or(&claims.sub);
        let name: UserName = name.parse().map_err(refuse)?;
        Ok(User { id, name })
    }

    fn role(&self, claims: &Claims) -> Role {
        let word = claims.others.get(&self.config.role_claim);
        let role = word.and_then(Value::as_str).map(str::parse::<Role>);
        let role = role.and_then(Result::ok).unwrap_or(Role::Member);
        role.clamp(Role::Member, self.config.role_max)
    }
}

fn refuse(why: impl std::fmt::Display) -> AuthError {
    tracing::debug!(%why, "a foreign token is refused");
    AuthError::Unauthenticated
}

/// Whole milliseconds; what is out of bounds is as far as time goes.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a float is cast to the nearest bound, and NaN to zero"
)]
fn milliseconds(seconds: f64) -> u64 {
    (seconds * 1000.0) as u64
}

fn read_keys(path: &PathBuf, algorithm: Algorithm) -> Result<Vec<KnownKey>, KeysError> {
    let text = std::fs::read_to_string(path).map_err(|source| KeysError::Unreadable {
        path: path.clone(),
        source,
    })?;
    let invalid = |why: &dyn std::fmt::Display| KeysError::Invalid {
        path: path.clone(),
        why: why.to_string(),
    };
    let set: JwkSet = serde_json::from_str(&text).map_err(|error| invalid(&error))?;
    let mut keys = Vec::new();
    for jwk in set.keys.iter().filter(|jwk| is_for(jwk, algorithm)) {
        let key = DecodingKey::from_jwk(jwk).map_err(|error| invalid(&error))?;
        if key.family().algorithms().contains(&algorithm) {
            let id = jwk.common.key_id.clone();
            keys.push(KnownKey { id, key });
        }
    }
    match keys.is_empty() {
        true => Err(KeysError::NoKey { path: path.clone() }),
        false => Ok(keys),
    }
}

/// Whether a key may be for the algorithm: it says so, or does not say.
fn is_for(jwk: &Jwk, algorithm: Algorithm) -> bool {
    let named = jwk.common.key_algorithm;
    named.is_none_or(|named| named.to_string() == format!("{algorithm:?}"))
}

#[cfg(test)]
mod tests;

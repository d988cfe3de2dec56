//! Tokens signed by another program (JSON Web Tokens, RFC 7519). As RFC 8725 requires, the algorithm is
//! fixed, and issuer, audience and expiry are checked.

mod keys;
mod remote;

use super::{AuthError, KeysError, Kind, Visitor};
use crate::clock::Clock;
use crate::config::{TokenAlgorithm, TokenConfig};
use common::ids::UserId;
use common::role::Role;
use common::text::UserName;
use common::time::Timestamp;
use common::user::User;
use jsonwebtoken::{Algorithm, Validation, decode, decode_header};
use keys::Keys;
use parking_lot::Mutex;
use remote::Remote;
use serde::Deserialize;
use serde_json::{Map, Value};
use std::sync::Arc;

/// How far the other program's clock may be off, in milliseconds.
const LEEWAY_MS: u64 = 30_000;

/// See the module.
pub struct ForeignTokens {
    config: TokenConfig,
    keys: Mutex<Arc<Keys>>,
    /// Where newer keys come from, if anywhere.
    remote: Option<Remote>,
    algorithm: Algorithm,
    validation: Validation,
    clock: Arc<dyn Clock>,
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
            (Some(secret), _) => Keys::shared(secret),
            (None, Some(path)) => Keys::read(path, algorithm)?,
            (None, None) => Keys::default(),
        };
        let remote = config.jwks_url.as_deref().map(Remote::new);
        Ok(Self {
            config,
            keys: Mutex::new(Arc::new(keys)),
            remote,
            algorithm,
            validation,
            clock,
        })
    }

    /// Who comes with this token, by keys that are fetched anew where it is time.
    ///
    /// # Errors
    /// As for [`ForeignTokens::open`].
    pub async fn admit(&self, token: &str) -> Result<Visitor, AuthError> {
        if let Some(remote) = &self.remote {
            let header = decode_header(token).map_err(refuse)?;
            let is_known = self.keys().find(header.kid.as_deref()).is_some();
            self.renew(remote, is_known).await;
        }
        self.open(token)
    }

    /// Fetches the keys, where they are fetched. Without them nobody is let in by a token, and it is
    /// tried again.
    pub async fn begin(&self) {
        if let Some(remote) = &self.remote {
            self.renew(remote, false).await;
        }
    }

    async fn renew(&self, remote: &Remote, is_known: bool) {
        let now = || self.clock.now();
        match remote.renew(is_known, self.algorithm, now).await {
            None => {}
            Some(Ok(keys)) => *self.keys.lock() = Arc::new(keys),
            Some(Err(error)) => {
                tracing::warn!(%error, "the keys of foreign tokens could not be fetched");
            }
        }
    }

    fn keys(&self) -> Arc<Keys> {
        Arc::clone(&self.keys.lock())
    }

    /// Who comes with this token.
    ///
    /// # Errors
    /// It is not one of these, or not any more. Why is nobody's business but the log's.
    pub fn open(&self, token: &str) -> Result<Visitor, AuthError> {
        let header = decode_header(token).map_err(refuse)?;
        let keys = self.keys();
        let key = keys.find(header.kid.as_deref());
        let key = key.ok_or_else(|| refuse("no key has its id"))?;
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

#[cfg(test)]
mod tests;

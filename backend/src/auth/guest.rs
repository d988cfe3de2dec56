//! Guests. A guest who signs in owns a name through a secret in an HttpOnly cookie. A program may state
//! a name that nobody owns. Everybody else gets a generated name.

use super::AuthError;
use super::secret::{self, Secret, from_hex, hash, to_hex};
use crate::clock::{Environment, NoRandomness};
use crate::store::{Claim, Guest, GuestStore};
use crate::unicode::check_new_name;
use common::ids::UserId;
use common::text::UserName;
use common::time::Timestamp;
use common::user::User;
use std::sync::Arc;
use std::time::Duration;

/// A name whose holder has not been seen for this long is free again; the cookie lives as long.
pub const GUEST_STAY: Duration = Duration::from_secs(30 * 24 * 60 * 60);

/// A guest who has just signed in.
#[derive(Debug)]
pub struct SignedIn {
    /// The guest.
    pub user: User,
    /// What the browser keeps, in hexadecimal. Only its hash is stored.
    pub secret: String,
}

/// See the module.
#[derive(Clone)]
pub struct Guests {
    store: Arc<dyn GuestStore>,
    environment: Environment,
}

impl Guests {
    /// Guests of this store.
    #[must_use]
    pub fn new(store: Arc<dyn GuestStore>, environment: Environment) -> Self {
        Self { store, environment }
    }

    /// Gives a new guest a name. The holder of the secret `instead_of` gives up another name for it.
    ///
    /// # Errors
    /// The name is taken or reserved, or the store fails; the old one is kept then.
    pub async fn sign_in(
        &self,
        name: UserName,
        instead_of: Option<&str>,
    ) -> Result<SignedIn, AuthError> {
        check_new_name(&name)?;
        let secret: Secret = secret::draw(&*self.environment.random)?;
        let now = self.environment.clock.now();
        let guest = Guest {
            secret_hash: hash(&secret),
            user: User {
                id: UserId::from_random(self.environment.random.bits()?),
                name,
            },
            seen_at: now,
        };
        let user = guest.user.clone();
        let instead_of = instead_of.and_then(from_hex::<32>).map(|old| hash(&old));
        let stay_ms = u64::try_from(GUEST_STAY.as_millis()).unwrap_or(u64::MAX);
        let stale_before = Timestamp(now.0.saturating_sub(stay_ms));
        match self.store.claim(guest, instead_of, stale_before).await? {
            Claim::Taken => Err(AuthError::NameTaken(user.name)),
            Claim::Granted => Ok(SignedIn {
                user,
                secret: to_hex(&secret),
            }),
        }
    }

    /// The guest who holds this secret.
    ///
    /// # Errors
    /// The store fails.
    pub async fn holder_of(&self, secret: &str) -> Result<Option<User>, AuthError> {
        let Some(secret) = from_hex::<32>(secret) else {
            return Ok(None);
        };
        let now = self.environment.clock.now();
        Ok(self.store.guest(hash(&secret), now).await?)
    }

    /// Somebody who only says a name.
    ///
    /// # Errors
    /// The name is reserved, a guest, an account or a key holds it, or the store fails.
    pub async fn unproven(&self, name: UserName) -> Result<User, AuthError> {
        check_new_name(&name)?;
        if self.store.holder(&name).await?.is_some() {
            return Err(AuthError::NameTaken(name));
        }
        Ok(User {
            id: UserId::from_unverified_name(&name),
            name,
        })
    }

    /// Somebody who says nothing: a name for this one connection.
    ///
    /// # Errors
    /// There is no randomness.
    pub fn anonymous(&self) -> Result<User, AuthError> {
        let id = UserId::from_random(self.environment.random.bits()?);
        let tail: String = id.as_str().chars().rev().take(6).collect();
        let name = format!("guest-{tail}").parse();
        // A short ASCII name is always valid.
        let name = name.map_err(|_| NoRandomness)?;
        Ok(User { id, name })
    }

    /// Forgets a guest: the secret opens nothing any more, the name is free.
    ///
    /// # Errors
    /// The store fails.
    pub async fn sign_out(&self, secret: &str) -> Result<(), AuthError> {
        if let Some(secret) = from_hex::<32>(secret) {
            self.store.forget(hash(&secret)).await?;
        }
        Ok(())
    }
}

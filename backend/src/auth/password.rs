//! Passwords: argon2id with the parameters that OWASP recommends (19 MiB, 2 passes, 1 lane). Hashing
//! runs on blocking threads; the number of running and of waiting computations is bounded.

use super::AuthError;
use super::secret;
use crate::clock::Environment;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use argon2::{Algorithm, Argon2, Params, Version};
use common::limits::{PASSWORD_BYTES_MAX, PASSWORD_CHARS_MIN};
use common::token::Password;
use std::sync::Arc;
use tokio::sync::Semaphore;

/// Hashes made at once. Each holds 19 MiB and a processor for some 20 ms.
const JOBS_MAX: usize = 2;

/// Hashes that are made or waited for; beyond, the answer is `overloaded`.
const QUEUE_MAX: usize = 64;

/// What an unknown name is checked against: as dear as any other, and nobody's.
const NOBODYS: &str = "$argon2id$v=19$m=19456,t=2,p=1$bm9ib2R5J3Mgc2FsdC4uLg\
    $AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/// See the module.
#[derive(Clone)]
pub(super) struct Passwords {
    jobs: Arc<Semaphore>,
    queue: Arc<Semaphore>,
    environment: Environment,
}

fn argon2() -> Argon2<'static> {
    Argon2::new(Algorithm::Argon2id, Version::V0x13, Params::DEFAULT)
}

/// Whether a new password is one.
pub(super) fn check(password: &Password) -> Result<(), AuthError> {
    let text = password.expose();
    if text.len() > PASSWORD_BYTES_MAX {
        return Err(AuthError::InvalidPassword("longer than 1024 bytes"));
    }
    // Bytes first: a count of characters walks the whole text.
    if text.chars().take(PASSWORD_CHARS_MIN).count() < PASSWORD_CHARS_MIN {
        return Err(AuthError::InvalidPassword("shorter than 8 characters"));
    }
    Ok(())
}

impl Passwords {
    pub(super) fn new(environment: Environment) -> Self {
        Self {
            jobs: Arc::new(Semaphore::new(JOBS_MAX)),
            queue: Arc::new(Semaphore::new(QUEUE_MAX)),
            environment,
        }
    }

    /// The hash of a new password, as a PHC string.
    pub(super) async fn hash(&self, password: &Password) -> Result<String, AuthError> {
        check(password)?;
        let salt: [u8; 16] = secret::draw(&*self.environment.random)?;
        let password = password.clone();
        let job = move || {
            let hash = argon2().hash_password_with_salt(password.expose().as_bytes(), &salt);
            hash.map(|hash| hash.to_string())
                .map_err(|error| AuthError::Hashing(error.to_string()))
        };
        self.run(job).await?
    }

    /// Whether the password is the one with this hash. Takes as long where there is none.
    pub(super) async fn verify(
        &self,
        password: &Password,
        hash: Option<String>,
    ) -> Result<bool, AuthError> {
        let password = password.clone();
        let job = move || {
            let is_somebodys = hash.is_some();
            let hash = hash.unwrap_or_else(|| NOBODYS.to_owned());
            // Longer ones are nobody's: there is no need to read a megabyte for that.
            let bytes = password.expose().as_bytes();
            let bytes = bytes.get(..PASSWORD_BYTES_MAX + 1).unwrap_or(bytes);
            let verified = argon2().verify_password(bytes, hash.as_str());
            verified.is_ok() && is_somebodys
        };
        self.run(job).await
    }

    async fn run<T: Send + 'static>(
        &self,
        job: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, AuthError> {
        let place = Arc::clone(&self.queue).try_acquire_owned();
        let place = place.map_err(|_| AuthError::Overloaded)?;
        let turn = Arc::clone(&self.jobs).acquire_owned().await;
        let turn = turn.map_err(|_| AuthError::Overloaded)?;
        let done = tokio::task::spawn_blocking(move || {
            let result = job();
            // Kept until here, also where nobody waits for the result any more.
            drop((place, turn));
            result
        });
        done.await.map_err(|_| AuthError::Overloaded)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn password(text: &str) -> Password {
        text.to_owned().into()
    }

    #[tokio::test]
    async fn a_password_fits_its_own_hash_and_no_other() {
        let passwords = Passwords::new(Environment::system());
        let right = password("correct horse");
        let hash = passwords.hash(&right).await.unwrap();
        assert!(
            hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"),
            "{hash}"
        );
        assert_ne!(passwords.hash(&right).await.unwrap(), hash, "salted");
        for (text, fits) in [
            ("correct horse", true),
            ("Correct horse", false),
            ("", false),
        ] {
            let verified = passwords.verify(&password(text), Some(hash.clone())).await;
            assert_eq!(verified.unwrap(), fits, "{text:?}");
        }
        assert!(!passwords.verify(&right, None).await.unwrap());
    }

    #[test]
    fn the_hash_that_is_nobodys_is_as_dear_as_any() {
        let parsed = argon2::password_hash::phc::PasswordHash::new(NOBODYS).unwrap();
        let params = Params::try_from(&parsed).unwrap();
        let cost = |params: &Params| (params.m_cost(), params.t_cost(), params.p_cost());
        assert_eq!(cost(&params), cost(&Params::DEFAULT));
        assert_eq!(parsed.hash.unwrap().as_bytes().len(), 32);
    }

    #[tokio::test]
    async fn bad_passwords_and_a_full_queue_are_answered_at_once() {
        let passwords = Passwords::new(Environment::system());
        for bad in ["", "1234567", &"x".repeat(PASSWORD_BYTES_MAX + 1)] {
            let refused = passwords.hash(&password(bad)).await;
            assert!(matches!(refused, Err(AuthError::InvalidPassword(_))));
        }
        let full = Arc::clone(&passwords.queue);
        let _all = full.try_acquire_many_owned(QUEUE_MAX as u32).unwrap();
        let refused = passwords.verify(&password("correct horse"), None).await;
        assert!(matches!(refused, Err(AuthError::Overloaded)));
    }
}

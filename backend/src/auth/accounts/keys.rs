//! API keys of programs.

use super::Accounts;
use crate::auth::scope::Scopes;
use crate::auth::secret::{self, KEY, Secret};
use crate::auth::visitor::KeySession;
use crate::auth::{AuthError, Kind, Visitor};
use crate::store::Key;
use crate::unicode::check_new_name;
use common::ids::{KeyId, UserId};
use common::text::UserName;
use common::token::Token;
use common::user::User;

/// A key that was just made; the secret is shown this once.
#[derive(Debug)]
pub struct NewKey {
    /// What is kept of it.
    pub key: Key,
    /// What the program sends.
    pub secret: Token,
}

impl Accounts {
    /// Makes a key for a program, which acts as a user of this name.
    ///
    /// # Errors
    /// The name is taken, or the store fails.
    pub async fn create_key(&self, name: UserName, scopes: Scopes) -> Result<NewKey, AuthError> {
        check_new_name(&name)?;
        let random = &*self.environment.random;
        let secret: Secret = secret::draw(random)?;
        let key = Key {
            id: KeyId::from_random(random.bits()?),
            user: User {
                id: UserId::from_random(random.bits()?),
                name: name.clone(),
            },
            scopes: scopes.bits(),
            created_at: self.now(),
        };
        let hash = secret::hash(&secret);
        if !self.store.add_key(key.clone(), hash).await? {
            return Err(AuthError::NameTaken(name));
        }
        let secret = secret::write(KEY, &[&secret])?;
        Ok(NewKey { key, secret })
    }

    /// Every key, the oldest first.
    ///
    /// # Errors
    /// The store fails.
    pub async fn keys(&self) -> Result<Vec<Key>, AuthError> {
        Ok(self.store.keys().await?)
    }

    /// Revokes a key. Returns whether there was such a one.
    ///
    /// # Errors
    /// The store fails.
    pub async fn revoke_key(&self, id: &KeyId) -> Result<bool, AuthError> {
        let revoked = self.store.revoke_key(id, self.now()).await?;
        self.sign_ins_changed.notify_one();
        Ok(revoked)
    }

    /// Who comes with this `Authorization: Bearer`: an access token, a key, or what
    /// another program has signed.
    ///
    /// # Errors
    /// It is not known, or has run out.
    pub async fn by_bearer(&self, token: &str, as_of: u64) -> Result<Visitor, AuthError> {
        if let Some(foreign) = &self.foreign
            && token.contains('.')
        {
            let visitor = foreign.admit(token).await?;
            return self.unlike_others(visitor).await;
        }
        let Some(secret) = secret::read::<32>(KEY, token) else {
            return self.by_access(token, as_of).await;
        };
        let found = self.store.key(secret::hash(&secret)).await?;
        let key = found.ok_or(AuthError::Unauthenticated)?;
        let scopes = Scopes::from_bits(key.scopes);
        Ok(Visitor {
            user: key.user,
            role: scopes.role(),
            kind: Kind::Key(KeySession { scopes, as_of }),
        })
    }
}

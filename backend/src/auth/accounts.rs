//! Accounts: creating one, signing in, refreshing a sign-in, and ending it.

mod keys;
mod sign_ins;

use super::password::{self, Passwords};
use super::permission::Policy;
use super::scope::Scopes;
use super::secret;
use super::{AuthError, ForeignTokens, GUEST_STAY, Visitor};
use crate::audit::Audit;
use crate::clock::Environment;
use crate::config::AuthConfig;
use crate::store::{
    Account, AccountChange, Created, Hash, Invalidation, Known, NewAccount, PeopleStore, StoreError,
};
use crate::unicode::check_new_name;
use common::ids::{SignInId, UserId};
use common::role::Role;
use common::text::UserName;
use common::time::Timestamp;
use common::token::{Password, Token};
use common::user::User;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::sync::Notify;

pub use keys::NewKey;

/// See the module.
pub struct Accounts {
    store: Arc<dyn PeopleStore>,
    passwords: Passwords,
    environment: Environment,
    config: AuthConfig,
    /// Needed for the first account; none where anybody who comes may make it.
    claim_code: Option<String>,
    claimed: AtomicBool,
    foreign: Option<ForeignTokens>,
    audit: Arc<Audit>,
    /// Rung when something was ended here.
    sign_ins_changed: Notify,
}

/// What is needed for an account.
pub struct SignUp {
    /// The name to be shown by.
    pub name: UserName,
    /// What it is to be signed in with.
    pub password: Password,
    /// The secret of the guest it is made of.
    pub guest: Option<String>,
    /// The claim code.
    pub claim: Option<String>,
    /// What the device calls itself.
    pub label: String,
}

/// A sign-in with its tokens, which are shown this once.
#[derive(Debug)]
pub struct Issued {
    /// Whose.
    pub account: Account,
    /// Which one.
    pub sign_in: SignInId,
    /// Proves who one is.
    pub access: Token,
    /// How long that holds.
    pub access_life: Duration,
    /// Gets the next two.
    pub refresh: Token,
    /// How long that holds, unless it is used before.
    pub refresh_life: Duration,
}

impl Accounts {
    /// The accounts of this store. The first one needs the code, where there is one.
    ///
    /// # Errors
    /// The store cannot be read, or there is no randomness.
    pub async fn start(
        store: Arc<dyn PeopleStore>,
        environment: Environment,
        audit: Arc<Audit>,
        config: AuthConfig,
        claim_code: Option<String>,
    ) -> Result<Self, AuthError> {
        let clock = Arc::clone(&environment.clock);
        let token = config.token.clone();
        let foreign = token.map(|token| ForeignTokens::new(token, clock));
        let foreign = foreign.transpose()?;
        if let Some(foreign) = &foreign {
            foreign.begin().await;
        }
        let claimed = store.is_claimed().await?;
        let claim_code = claim_code.filter(|_| !claimed);
        Ok(Self {
            store,
            passwords: Passwords::new(environment.clone()),
            environment,
            config,
            claim_code,
            claimed: AtomicBool::new(claimed),
            foreign,
            audit,
            sign_ins_changed: Notify::new(),
        })
    }

    /// What the first account needs; none where there is one, or where nothing is needed.
    #[must_use]
    pub fn claim_code(&self) -> Option<&str> {
        let code = self.claim_code.as_deref();
        code.filter(|_| !self.is_claimed())
    }

    /// Whether the node has an account.
    #[must_use]
    pub fn is_claimed(&self) -> bool {
        self.claimed.load(Ordering::Relaxed)
    }

    /// What the table of permissions goes by.
    #[must_use]
    pub fn policy(&self) -> Policy {
        Policy {
            broadcast: self.config.broadcast_role,
            claimed: self.is_claimed(),
        }
    }

    /// How it is configured.
    #[must_use]
    pub fn config(&self) -> &AuthConfig {
        &self.config
    }

    /// Waits until something may have been ended by this process.
    pub async fn ended(&self) {
        self.sign_ins_changed.notified().await;
    }

    /// Where it is noted who did what. What comes from somewhere is noted where it comes in.
    #[must_use]
    pub fn audit(&self) -> &Audit {
        &self.audit
    }

    fn now(&self) -> Timestamp {
        self.environment.clock.now()
    }

    /// Makes an account, and signs it in. The node's first becomes admin.
    ///
    /// # Errors
    /// The name is taken, the password is none, or the claim code is missing; see [`AuthError`].
    pub async fn sign_up(&self, wanted: SignUp) -> Result<Issued, AuthError> {
        if !self.config.sign_up && self.is_claimed() {
            return Err(AuthError::NotOffered("accounts to those who come"));
        }
        let may_claim = match &self.claim_code {
            None => true,
            Some(code) => {
                let given = wanted.claim.as_deref().unwrap_or_default();
                secret::hash(given.as_bytes()) == secret::hash(code.as_bytes())
            }
        };
        if !may_claim && !self.is_claimed() {
            return Err(AuthError::ClaimRequired);
        }
        let guest = wanted.guest.as_deref().and_then(secret::from_hex::<32>);
        let guest = guest.map(|guest| secret::hash(&guest));
        let account = self
            .create(
                wanted.name,
                &wanted.password,
                Role::Member,
                guest,
                may_claim,
            )
            .await?;
        self.begin(account, wanted.label).await
    }

    /// Makes an account.
    ///
    /// # Errors
    /// See [`Accounts::sign_up`].
    pub async fn create(
        &self,
        name: UserName,
        password: &Password,
        role: Role,
        guest: Option<Hash>,
        may_claim: bool,
    ) -> Result<Account, AuthError> {
        check_new_name(&name)?;
        let now = self.now();
        let stay_ms = u64::try_from(GUEST_STAY.as_millis()).unwrap_or(u64::MAX);
        let new = NewAccount {
            account: Account {
                user: User {
                    id: UserId::from_random(self.environment.random.bits()?),
                    name: name.clone(),
                },
                role,
                disabled: false,
                created_at: now,
            },
            password: self.passwords.hash(password).await?,
            guest,
            may_claim,
            stale_before: Timestamp(now.0.saturating_sub(stay_ms)),
        };
        match self.store.create(new).await? {
            Created::NameTaken => Err(AuthError::NameTaken(name)),
            Created::Unclaimed => Err(AuthError::ClaimRequired),
            Created::Made(account) => {
                self.claimed.store(true, Ordering::Relaxed);
                Ok(account)
            }
        }
    }

    /// Signs in by name and password.
    ///
    /// # Errors
    /// [`AuthError::Refused`], whatever of the two is wrong, after the same time.
    pub async fn sign_in(
        &self,
        name: &UserName,
        password: &Password,
        label: String,
    ) -> Result<Issued, AuthError> {
        let found = self.store.credentials(name).await?;
        let (account, hash) = found.map(|found| (found.account, found.password)).unzip();
        let fits = self.passwords.verify(password, hash).await?;
        match account {
            Some(account) if fits && !account.disabled => self.begin(account, label).await,
            _ => Err(AuthError::Refused),
        }
    }

    /// Changes the password; every other sign-in ends.
    ///
    /// # Errors
    /// The present password is wrong, or the new one is none.
    pub async fn change_password(
        &self,
        user: &User,
        present: &Password,
        new: &Password,
        kept: Option<SignInId>,
    ) -> Result<(), AuthError> {
        password::check(new)?;
        let found = self.store.credentials(&user.name).await?;
        let found = found.filter(|found| found.account.user.id == user.id);
        let hash = found.map(|found| found.password);
        if !self.passwords.verify(present, hash).await? {
            return Err(AuthError::Refused);
        }
        let change = AccountChange::Password(self.passwords.hash(new).await?, kept);
        self.change(&user.id, change).await?;
        Ok(())
    }

    /// Somebody whom another program vouches for, unless the name is held here by somebody else.
    async fn unlike_others(&self, visitor: Visitor) -> Result<Visitor, AuthError> {
        let name = &visitor.user.name;
        match self.store.holder(name).await? {
            Some(_) => Err(AuthError::NameTaken(name.clone())),
            None => Ok(visitor),
        }
    }

    /// The account of this name.
    ///
    /// # Errors
    /// The store fails.
    pub async fn find(&self, name: &UserName) -> Result<Option<Account>, AuthError> {
        let found = self.store.credentials(name).await?;
        Ok(found.map(|found| found.account))
    }

    /// Who has this id, and what they are on the node; none where it is nobody who would be let in.
    ///
    /// # Errors
    /// The store fails.
    pub async fn known(&self, user: &UserId) -> Result<Option<(User, Role)>, AuthError> {
        Ok(match self.store.known(user).await? {
            None => None,
            Some(Known::Account(account)) if account.disabled => None,
            Some(Known::Account(account)) => Some((account.user, account.role)),
            Some(Known::Guest(user)) => Some((user, Role::Guest)),
            Some(Known::Key(key)) => {
                let role = Scopes::from_bits(key.scopes).role();
                Some((key.user, role))
            }
        })
    }

    /// Up to `limit` accounts, the oldest first.
    ///
    /// # Errors
    /// The store fails.
    pub async fn list(&self, limit: usize) -> Result<Vec<Account>, AuthError> {
        Ok(self.store.accounts(limit).await?)
    }

    /// Gives an account another role, keeps it out, or lets it in again. Returns whether there is
    /// such an account.
    ///
    /// # Errors
    /// The store fails.
    pub async fn change(&self, user: &UserId, change: AccountChange) -> Result<bool, AuthError> {
        let changed = self.store.change(user, change, self.now()).await?;
        self.sign_ins_changed.notify_one();
        Ok(changed)
    }

    /// Puts another password in the place of one that was forgotten; every sign-in ends.
    ///
    /// # Errors
    /// It is no password, or the store fails.
    pub async fn reset_password(&self, user: &UserId, new: &Password) -> Result<bool, AuthError> {
        let change = AccountChange::Password(self.passwords.hash(new).await?, None);
        self.change(user, change).await
    }

    /// What happened behind this number, here or in another process.
    ///
    /// # Errors
    /// The store fails.
    pub async fn invalidations(&self, after: u64) -> Result<Vec<(u64, Invalidation)>, StoreError> {
        let invalidations = self.store.invalidations(after).await?;
        let is_news = invalidations
            .iter()
            .any(|(_, invalidation)| matches!(invalidation, Invalidation::NameHeld(_)));
        if is_news && !self.is_claimed() {
            let claimed = self.store.is_claimed().await?;
            self.claimed.store(claimed, Ordering::Relaxed);
        }
        Ok(invalidations)
    }

    /// The number of the newest notice. Those that every node must have read are forgotten.
    ///
    /// # Errors
    /// The store fails.
    pub async fn prune_invalidations(&self) -> Result<u64, StoreError> {
        const KEPT_MS: u64 = 24 * 60 * 60 * 1000;
        let before = Timestamp(self.now().0.saturating_sub(KEPT_MS));
        self.store.prune_invalidations(before).await
    }
}

#[cfg(test)]
mod tests;

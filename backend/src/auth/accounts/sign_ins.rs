//! Sign-ins: creating one, finding it by its tokens, refreshing it, and ending it.

use super::{Accounts, Issued};
use crate::audit::AuditContext;
use crate::auth::tokens::{Decision, Pair, Refresh, access_hash};
use crate::auth::visitor::SignInSession;
use crate::auth::{AuthError, Kind, Visitor, secret};
use crate::store::{Account, Previous, SignIn, TokenHashes};
use common::api::AuditAction;
use common::ids::{SignInId, UserId};
use common::time::Timestamp;
use common::user::User;

/// Characters of what a device calls itself that are kept.
const LABEL_CHARS_MAX: usize = 120;

/// How often a refresh is tried that others, of the same client, have come before.
const ROTATIONS_MAX: usize = 3;

impl Accounts {
    /// Begins a sign-in.
    pub(super) async fn begin(&self, account: Account, label: String) -> Result<Issued, AuthError> {
        let pair = Pair::draw(&*self.environment.random)?;
        let now = self.now();
        let sign_in = SignIn {
            id: SignInId::from_random(self.environment.random.bits()?),
            user: account.user.id.clone(),
            label: label
                .chars()
                .filter(|c| !c.is_control())
                .take(LABEL_CHARS_MAX)
                .collect(),
            created_at: now,
            seen_at: now,
            expires_at: now.plus(self.config.refresh_life),
            family: pair.refresh().family_hash(),
            tokens: self.hashes(&pair, now),
            previous: None,
        };
        self.store.begin(sign_in.clone()).await?;
        // One too many may have ended for it.
        self.sign_ins_changed.notify_one();
        self.issue(account, sign_in.id, &pair)
    }

    fn hashes(&self, pair: &Pair, now: Timestamp) -> TokenHashes {
        TokenHashes {
            access: pair.access_hash(),
            access_until: now.plus(self.config.access_life),
            refresh: pair.refresh().hash(),
        }
    }

    fn issue(&self, account: Account, id: SignInId, pair: &Pair) -> Result<Issued, AuthError> {
        let (access, refresh) = pair.write()?;
        Ok(Issued {
            account,
            sign_in: id,
            access,
            access_life: self.config.access_life,
            refresh,
            refresh_life: self.config.refresh_life,
        })
    }

    /// Replaces the tokens of a sign-in. One that was replaced a moment ago gets the same answer;
    /// one that was replaced before ends the sign-in.
    ///
    /// # Errors
    /// The token is not worth anything, or not any more.
    pub async fn refresh(&self, token: &str) -> Result<Issued, AuthError> {
        let refresh = Refresh::read(token).ok_or(AuthError::Unauthenticated)?;
        for _ in 0..ROTATIONS_MAX {
            let found = self.store.by_family(refresh.family_hash()).await?;
            let (sign_in, account) = found.ok_or(AuthError::Unauthenticated)?;
            if account.disabled {
                return Err(AuthError::Unauthenticated);
            }
            let now = self.now();
            match refresh.judge(&sign_in, now) {
                Decision::Expired => return Err(AuthError::Unauthenticated),
                Decision::Repeat(salt) => {
                    return self.issue(account, sign_in.id, &Pair::after(&refresh, &salt));
                }
                Decision::Reused => {
                    tracing::warn!(user = %sign_in.user, sign_in = %sign_in.id, "a refresh token was used twice; its sign-in ends");
                    let whose = format!("{} of {}", sign_in.id, sign_in.user);
                    let reused = AuditContext {
                        subject: Some(whose),
                        ..AuditContext::default()
                    };
                    self.audit.note(AuditAction::SignInReused, reused);
                    self.end(&sign_in.user, &sign_in.id).await?;
                    return Err(AuthError::Unauthenticated);
                }
                Decision::Rotate => {
                    let salt = secret::draw(&*self.environment.random)?;
                    let pair = Pair::after(&refresh, &salt);
                    let next = SignIn {
                        seen_at: now,
                        expires_at: now.plus(self.config.refresh_life),
                        tokens: self.hashes(&pair, now),
                        previous: Some(Previous {
                            refresh: refresh.hash(),
                            salt,
                            replaced_at: now,
                        }),
                        ..sign_in.clone()
                    };
                    if self.store.rotate(next).await? {
                        return self.issue(account, sign_in.id, &pair);
                    }
                    // Another tab came first: what it did is looked at anew.
                }
            }
        }
        Err(AuthError::Overloaded)
    }

    /// Who comes with this access token. `as_of` goes with the visitor: see [`SignInSession::as_of`].
    ///
    /// # Errors
    /// The token is not known, or has run out.
    pub async fn by_access(&self, token: &str, as_of: u64) -> Result<Visitor, AuthError> {
        let hash = access_hash(token).ok_or(AuthError::Unauthenticated)?;
        let found = self.store.by_access(hash).await?;
        let (sign_in, account) = found.ok_or(AuthError::Unauthenticated)?;
        self.visitor(sign_in, account, as_of)
    }

    /// Who stays by this sign-in, however its tokens have changed meanwhile.
    ///
    /// # Errors
    /// It has ended, or its access token has run out.
    pub async fn by_sign_in(&self, id: &SignInId, as_of: u64) -> Result<Visitor, AuthError> {
        let found = self.store.by_id(id).await?;
        let (sign_in, account) = found.ok_or(AuthError::Unauthenticated)?;
        self.visitor(sign_in, account, as_of)
    }

    fn visitor(&self, sign_in: SignIn, account: Account, as_of: u64) -> Result<Visitor, AuthError> {
        if account.disabled {
            return Err(AuthError::Unauthenticated);
        }
        if self.now() >= sign_in.tokens.access_until {
            return Err(AuthError::Expired);
        }
        let session = SignInSession {
            sign_in: sign_in.id,
            until: sign_in.tokens.access_until,
            as_of,
        };
        Ok(Visitor {
            user: account.user,
            role: account.role,
            kind: Kind::Account(Box::new(session)),
        })
    }

    /// Ends the sign-in that this refresh token is of, or else this access token, also when either
    /// has run out. Returns whose it was, and which.
    ///
    /// # Errors
    /// The store fails.
    pub async fn sign_out(
        &self,
        refresh: Option<&str>,
        access: Option<&str>,
    ) -> Result<Option<(User, SignInId)>, AuthError> {
        let mut found = None;
        if let Some(refresh) = refresh.and_then(Refresh::read) {
            found = self.store.by_family(refresh.family_hash()).await?;
        }
        if let (None, Some(hash)) = (&found, access.and_then(access_hash)) {
            found = self.store.by_access(hash).await?;
        }
        let Some((sign_in, account)) = found else {
            return Ok(None);
        };
        self.end(&sign_in.user, &sign_in.id).await?;
        Ok(Some((account.user, sign_in.id)))
    }

    /// A user's sign-ins, the latest used first.
    ///
    /// # Errors
    /// The store fails.
    pub async fn sign_ins(&self, user: &UserId) -> Result<Vec<SignIn>, AuthError> {
        let now = self.now();
        let mut sign_ins = self.store.of_user(user).await?;
        sign_ins.retain(|sign_in| now < sign_in.expires_at);
        Ok(sign_ins)
    }

    /// Ends one of a user's sign-ins. Returns whether there was such a one.
    ///
    /// # Errors
    /// The store fails.
    pub async fn end(&self, user: &UserId, id: &SignInId) -> Result<bool, AuthError> {
        let ended = self.store.end(user, id, self.now()).await?;
        self.sign_ins_changed.notify_one();
        Ok(ended)
    }

    /// Ends all of a user's sign-ins but this one. Returns which ended.
    ///
    /// # Errors
    /// The store fails.
    pub async fn end_others(
        &self,
        user: &UserId,
        kept: Option<&SignInId>,
    ) -> Result<Vec<SignInId>, AuthError> {
        let mut ended = Vec::new();
        for sign_in in self.sign_ins(user).await? {
            if Some(&sign_in.id) != kept && self.end(user, &sign_in.id).await? {
                ended.push(sign_in.id);
            }
        }
        Ok(ended)
    }
}

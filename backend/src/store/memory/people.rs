//! Guests, accounts, sign-ins and keys in memory: for tests, and for programs that embed the server
//! and keep nobody's account.

use super::rooms::Rooms;
use crate::store::names::NameKeys;
use crate::store::{
    Account, AccountChange, AccountStore, Claim, Created, Credentials, Guest, GuestStore, Hash,
    Invalidation, Key, KeyStore, Known, NewAccount, SIGN_INS_MAX, SignIn, SignInStore, StoreError,
};
use async_trait::async_trait;
use common::ids::{KeyId, SignInId, UserId};
use common::role::Role;
use common::text::UserName;
use common::time::Timestamp;
use common::user::User;
use parking_lot::Mutex;
use std::collections::VecDeque;

/// Invalidations that are kept.
const INVALIDATIONS_MAX: usize = 10_000;

/// See the module.
#[derive(Default)]
pub struct MemoryPeople {
    pub(super) state: Mutex<State>,
}

#[derive(Default)]
pub(super) struct State {
    guests: Vec<Guest>,
    accounts: Vec<Credentials>,
    sign_ins: Vec<SignIn>,
    keys: Vec<(Key, Hash)>,
    invalidations: VecDeque<(u64, Invalidation, Timestamp)>,
    noticed: u64,
    pub(super) rooms: Rooms,
}

impl State {
    fn holder(&self, name: &UserName) -> Option<&User> {
        let wanted = NameKeys::of(name);
        let guests = self.guests.iter().map(|guest| &guest.user);
        let accounts = self.accounts.iter().map(|known| &known.account.user);
        let keys = self.keys.iter().map(|(key, _)| &key.user);
        guests
            .chain(accounts)
            .chain(keys)
            .find(|user| NameKeys::of(&user.name).collide(&wanted))
    }

    fn release_stale(&mut self, name: &UserName, before: Timestamp) {
        let wanted = NameKeys::of(name);
        self.guests.retain(|guest| {
            guest.seen_at >= before || !NameKeys::of(&guest.user.name).collide(&wanted)
        });
    }

    pub(super) fn invalidation(&mut self, invalidation: Invalidation, at: Timestamp) {
        self.noticed += 1;
        self.invalidations
            .push_back((self.noticed, invalidation, at));
        if self.invalidations.len() > INVALIDATIONS_MAX {
            self.invalidations.pop_front();
        }
    }

    fn account(&self, user: &UserId) -> Option<Account> {
        let known = self.accounts.iter().map(|known| &known.account);
        known
            .into_iter()
            .find(|account| account.user.id == *user)
            .cloned()
    }

    fn sign_in(&self, is_it: impl Fn(&SignIn) -> bool) -> Option<(SignIn, Account)> {
        let found = self.sign_ins.iter().find(|sign_in| is_it(sign_in))?;
        Some((found.clone(), self.account(&found.user)?))
    }

    fn end(&mut self, now: Timestamp, is_over: impl Fn(&SignIn) -> bool) -> bool {
        let (over, kept) = self.sign_ins.drain(..).partition(|one| is_over(one));
        self.sign_ins = kept;
        let any = !Vec::is_empty(&over);
        for sign_in in over {
            self.invalidation(Invalidation::SignInEnded(sign_in.user, sign_in.id), now);
        }
        any
    }
}

#[async_trait]
impl GuestStore for MemoryPeople {
    async fn claim(
        &self,
        guest: Guest,
        instead_of: Option<[u8; 32]>,
        stale_before: Timestamp,
    ) -> Result<Claim, StoreError> {
        let mut state = self.state.lock();
        state.release_stale(&guest.user.name, stale_before);
        let own = instead_of.and_then(|hash| {
            let is_own = |known: &Guest| known.secret_hash == hash;
            let at = state.guests.iter().position(is_own)?;
            Some(state.guests.remove(at))
        });
        if state.holder(&guest.user.name).is_some() {
            state.guests.extend(own);
            return Ok(Claim::Taken);
        }
        state.guests.push(guest);
        Ok(Claim::Granted)
    }

    async fn guest(&self, hash: [u8; 32], now: Timestamp) -> Result<Option<User>, StoreError> {
        let mut state = self.state.lock();
        let found = state
            .guests
            .iter_mut()
            .find(|guest| guest.secret_hash == hash);
        Ok(found.map(|guest| {
            guest.seen_at = guest.seen_at.max(now);
            guest.user.clone()
        }))
    }

    async fn holder(&self, name: &UserName) -> Result<Option<UserId>, StoreError> {
        Ok(self.state.lock().holder(name).map(|user| user.id.clone()))
    }

    async fn forget(&self, hash: [u8; 32]) -> Result<(), StoreError> {
        let mut state = self.state.lock();
        state.guests.retain(|guest| guest.secret_hash != hash);
        Ok(())
    }
}

#[async_trait]
impl AccountStore for MemoryPeople {
    async fn create(&self, new: NewAccount) -> Result<Created, StoreError> {
        let mut state = self.state.lock();
        let is_first = state.accounts.is_empty();
        if is_first && !new.may_claim {
            return Ok(Created::Unclaimed);
        }
        let mut account = new.account;
        state.release_stale(&account.user.name, new.stale_before);
        let is_own = |guest: &Guest| Some(guest.secret_hash) == new.guest;
        let own = state.guests.iter().position(is_own);
        let own = own.map(|at| state.guests.remove(at));
        if state.holder(&account.user.name).is_some() {
            state.guests.extend(own);
            return Ok(Created::NameTaken);
        }
        if let Some(own) = own {
            account.user.id = own.user.id;
        }
        if is_first {
            account.role = Role::Admin;
        }
        state.accounts.push(Credentials {
            account: account.clone(),
            password: new.password,
        });
        state.invalidation(
            Invalidation::NameHeld(account.user.name.clone()),
            account.created_at,
        );
        Ok(Created::Made(account))
    }

    async fn is_claimed(&self) -> Result<bool, StoreError> {
        Ok(!self.state.lock().accounts.is_empty())
    }

    async fn credentials(&self, name: &UserName) -> Result<Option<Credentials>, StoreError> {
        let wanted = NameKeys::of(name).case;
        let state = self.state.lock();
        let mut known = state.accounts.iter();
        Ok(known
            .find(|known| NameKeys::of(&known.account.user.name).case == wanted)
            .cloned())
    }

    async fn known(&self, user: &UserId) -> Result<Option<Known>, StoreError> {
        let state = self.state.lock();
        if let Some(account) = state.account(user) {
            return Ok(Some(Known::Account(account)));
        }
        let guests = state.guests.iter().map(|guest| &guest.user);
        let guest = guests.into_iter().find(|guest| guest.id == *user);
        let keys = state.keys.iter().map(|(key, _)| key);
        let key = || keys.into_iter().find(|key| key.user.id == *user);
        let guest = guest.cloned().map(Known::Guest);
        Ok(guest.or_else(|| key().cloned().map(Known::Key)))
    }

    async fn accounts(&self, limit: usize) -> Result<Vec<Account>, StoreError> {
        let state = self.state.lock();
        let accounts = state.accounts.iter().map(|known| known.account.clone());
        Ok(accounts.take(limit).collect())
    }

    async fn change(
        &self,
        user: &UserId,
        change: AccountChange,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let mut state = self.state.lock();
        let mut accounts = state.accounts.iter_mut();
        let Some(known) = accounts.find(|known| known.account.user.id == *user) else {
            return Ok(false);
        };
        match change {
            AccountChange::Role(role) => {
                known.account.role = role;
                state.invalidation(Invalidation::RoleChanged(user.clone()), now);
            }
            AccountChange::Disabled(out) => {
                known.account.disabled = out;
                if out {
                    state.end(now, |sign_in| sign_in.user == *user);
                    state.invalidation(Invalidation::UserEnded(user.clone()), now);
                }
            }
            AccountChange::Password(hash, kept) => {
                known.password = hash;
                state.end(now, |sign_in| {
                    sign_in.user == *user && Some(&sign_in.id) != kept.as_ref()
                });
            }
        }
        Ok(true)
    }

    async fn invalidations(&self, after: u64) -> Result<Vec<(u64, Invalidation)>, StoreError> {
        let state = self.state.lock();
        let newer = state
            .invalidations
            .iter()
            .filter(|(number, ..)| *number > after);
        let found = newer.map(|(number, invalidation, _)| (*number, invalidation.clone()));
        Ok(found.take(1000).collect())
    }

    async fn prune_invalidations(&self, before: Timestamp) -> Result<u64, StoreError> {
        let mut state = self.state.lock();
        state.invalidations.retain(|(.., at)| *at >= before);
        Ok(state.noticed)
    }
}

#[async_trait]
impl SignInStore for MemoryPeople {
    async fn begin(&self, sign_in: SignIn) -> Result<(), StoreError> {
        let mut state = self.state.lock();
        let (user, now) = (sign_in.user.clone(), sign_in.created_at);
        state.sign_ins.retain(|known| known.expires_at >= now);
        state.sign_ins.insert(0, sign_in);
        let mut seen = state.sign_ins.iter().skip(1);
        let own = seen.by_ref().filter(|known| known.user == user);
        let mut by_age: Vec<_> = own.map(|known| (known.seen_at, known.id.clone())).collect();
        by_age.sort();
        let excess = (by_age.len() + 1).saturating_sub(SIGN_INS_MAX);
        for (_, id) in by_age.into_iter().take(excess) {
            state.end(now, |known| known.id == id);
        }
        Ok(())
    }

    async fn by_access(&self, hash: Hash) -> Result<Option<(SignIn, Account)>, StoreError> {
        let state = self.state.lock();
        Ok(state.sign_in(|sign_in| sign_in.tokens.access == hash))
    }

    async fn by_family(&self, hash: Hash) -> Result<Option<(SignIn, Account)>, StoreError> {
        let state = self.state.lock();
        Ok(state.sign_in(|sign_in| sign_in.family == hash))
    }

    async fn by_id(&self, id: &SignInId) -> Result<Option<(SignIn, Account)>, StoreError> {
        Ok(self.state.lock().sign_in(|sign_in| sign_in.id == *id))
    }

    async fn rotate(&self, next: SignIn) -> Result<bool, StoreError> {
        let mut state = self.state.lock();
        let before = next.previous.as_ref().map(|previous| previous.refresh);
        let mut known = state.sign_ins.iter_mut();
        let found = known.find(|known| known.id == next.id && Some(known.tokens.refresh) == before);
        Ok(found.map(|known| *known = next).is_some())
    }

    async fn of_user(&self, user: &UserId) -> Result<Vec<SignIn>, StoreError> {
        let state = self.state.lock();
        let own = state.sign_ins.iter().filter(|known| known.user == *user);
        let mut own: Vec<_> = own.cloned().collect();
        own.sort_by_key(|sign_in| std::cmp::Reverse(sign_in.seen_at));
        Ok(own)
    }

    async fn end(&self, user: &UserId, id: &SignInId, now: Timestamp) -> Result<bool, StoreError> {
        let mut state = self.state.lock();
        Ok(state.end(now, |known| known.user == *user && known.id == *id))
    }
}

#[async_trait]
impl KeyStore for MemoryPeople {
    async fn add_key(&self, key: Key, hash: Hash) -> Result<bool, StoreError> {
        let mut state = self.state.lock();
        if state.holder(&key.user.name).is_some() {
            return Ok(false);
        }
        state.invalidation(
            Invalidation::NameHeld(key.user.name.clone()),
            key.created_at,
        );
        state.keys.push((key, hash));
        Ok(true)
    }

    async fn key(&self, hash: Hash) -> Result<Option<Key>, StoreError> {
        let state = self.state.lock();
        let mut keys = state.keys.iter();
        Ok(keys
            .find(|(_, known)| *known == hash)
            .map(|(key, _)| key.clone()))
    }

    async fn keys(&self) -> Result<Vec<Key>, StoreError> {
        let state = self.state.lock();
        Ok(state.keys.iter().map(|(key, _)| key.clone()).collect())
    }

    async fn revoke_key(&self, id: &KeyId, now: Timestamp) -> Result<bool, StoreError> {
        let mut state = self.state.lock();
        let Some(at) = state.keys.iter().position(|(key, _)| key.id == *id) else {
            return Ok(false);
        };
        let (key, _) = state.keys.remove(at);
        state.invalidation(Invalidation::UserEnded(key.user.id), now);
        Ok(true)
    }
}

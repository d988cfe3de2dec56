//! The traits for users. They live in the first database.

use super::{PostgresStore, accounts, audit, guests, invalidation, keys, markers, names, sign_ins};
use crate::store::names::NameKeys;
use crate::store::visits::is_due;
use crate::store::{
    Account, AccountChange, AccountStore, AuditEntry, AuditStore, Claim, Created, Credentials,
    Guest, GuestStore, Hash, Invalidation, Key, KeyStore, Known, Marker, MarkerStore, NewAccount,
    SignIn, SignInStore, StoreError,
};
use async_trait::async_trait;
use common::ids::{Epoch, KeyId, Seq, SignInId, UserId};
use common::text::{RoomName, UserName};
use common::time::Timestamp;
use common::user::User;
use std::sync::Arc;

#[async_trait]
impl AccountStore for PostgresStore {
    async fn create(&self, account: NewAccount) -> Result<Created, StoreError> {
        self.run(accounts::create(self.people(), &account)).await
    }

    async fn is_claimed(&self) -> Result<bool, StoreError> {
        let read = async { accounts::is_claimed(&self.people().client().await?).await };
        self.run(read).await
    }

    async fn credentials(&self, name: &UserName) -> Result<Option<Credentials>, StoreError> {
        self.run(accounts::credentials(self.people(), name)).await
    }

    async fn known(&self, user: &UserId) -> Result<Option<Known>, StoreError> {
        let find = async {
            let client = self.people().client().await?;
            if let Some(account) = accounts::by_id(&client, user).await? {
                return Ok(Some(Known::Account(account)));
            }
            if let Some(guest) = guests::by_id(&client, user).await? {
                return Ok(Some(Known::Guest(guest)));
            }
            Ok(keys::by_user(&client, user).await?.map(Known::Key))
        };
        self.run(find).await
    }

    async fn accounts(&self, limit: usize) -> Result<Vec<Account>, StoreError> {
        self.run(accounts::list(self.people(), limit)).await
    }

    async fn change(
        &self,
        user: &UserId,
        change: AccountChange,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let change = accounts::change(self.people(), user, &change, now);
        self.run(change).await
    }

    async fn invalidations(&self, after: u64) -> Result<Vec<(u64, Invalidation)>, StoreError> {
        self.run(invalidation::read(self.people(), after)).await
    }

    async fn prune_invalidations(&self, before: Timestamp) -> Result<u64, StoreError> {
        self.run(invalidation::last(self.people(), before)).await
    }
}

#[async_trait]
impl SignInStore for PostgresStore {
    async fn begin(&self, sign_in: SignIn) -> Result<(), StoreError> {
        self.run(sign_ins::begin(self.people(), &sign_in)).await
    }

    async fn by_access(&self, hash: Hash) -> Result<Option<(SignIn, Account)>, StoreError> {
        self.run(sign_ins::find(
            self.people(),
            "access_hash",
            &hash.as_slice(),
        ))
        .await
    }

    async fn by_family(&self, hash: Hash) -> Result<Option<(SignIn, Account)>, StoreError> {
        self.run(sign_ins::find(
            self.people(),
            "family_hash",
            &hash.as_slice(),
        ))
        .await
    }

    async fn by_id(&self, id: &SignInId) -> Result<Option<(SignIn, Account)>, StoreError> {
        self.run(sign_ins::find(self.people(), "id", &id.as_str()))
            .await
    }

    async fn rotate(&self, next: SignIn) -> Result<bool, StoreError> {
        self.run(sign_ins::rotate(self.people(), &next)).await
    }

    async fn of_user(&self, user: &UserId) -> Result<Vec<SignIn>, StoreError> {
        self.run(sign_ins::of_user(self.people(), user)).await
    }

    async fn end(&self, user: &UserId, id: &SignInId, now: Timestamp) -> Result<bool, StoreError> {
        self.run(sign_ins::end(self.people(), user, id, now)).await
    }
}

#[async_trait]
impl KeyStore for PostgresStore {
    async fn add_key(&self, key: Key, hash: Hash) -> Result<bool, StoreError> {
        self.run(keys::add(self.people(), &key, &hash)).await
    }

    async fn key(&self, hash: Hash) -> Result<Option<Key>, StoreError> {
        self.run(keys::find(self.people(), &hash)).await
    }

    async fn keys(&self) -> Result<Vec<Key>, StoreError> {
        self.run(keys::list(self.people())).await
    }

    async fn revoke_key(&self, id: &KeyId, now: Timestamp) -> Result<bool, StoreError> {
        self.run(keys::revoke(self.people(), id, now)).await
    }
}

#[async_trait]
impl GuestStore for PostgresStore {
    async fn claim(
        &self,
        guest: Guest,
        instead_of: Option<Hash>,
        stale_before: Timestamp,
    ) -> Result<Claim, StoreError> {
        // A recent visitor keeps the name, so the claim must see pending visits.
        let seen = Arc::new(self.visits.pending());
        let claim = async {
            if !seen.is_empty() {
                guests::touch(self.people(), seen.iter()).await?;
            }
            guests::claim(self.people(), &guest, instead_of, stale_before).await
        };
        let claim = self.run(claim).await?;
        self.visits.written(&seen);
        Ok(claim)
    }

    async fn guest(&self, hash: Hash, now: Timestamp) -> Result<Option<User>, StoreError> {
        let found = self.run(guests::find(self.people(), &hash)).await?;
        let Some((user, seen_at)) = found else {
            return Ok(None);
        };
        if is_due(seen_at, now) {
            self.visits.note(hash, now, &self.inner);
        }
        Ok(Some(user))
    }

    async fn holder(&self, name: &UserName) -> Result<Option<UserId>, StoreError> {
        let keys = NameKeys::of(name);
        let find = async { names::holder(&self.people().client().await?, &keys).await };
        self.run(find).await
    }

    async fn forget(&self, hash: Hash) -> Result<(), StoreError> {
        let forget = async { guests::take(&self.people().client().await?, &hash).await };
        self.run(forget).await.map(drop)
    }
}

#[async_trait]
impl MarkerStore for PostgresStore {
    async fn mark(&self, markers: Vec<Marker>) -> Result<(), StoreError> {
        self.run(markers::mark(self.people(), &markers)).await
    }

    async fn marker(
        &self,
        user: &UserId,
        room: &RoomName,
        epoch: &Epoch,
    ) -> Result<Option<Seq>, StoreError> {
        self.run(markers::find(self.people(), user, room, epoch))
            .await
    }
}

#[async_trait]
impl AuditStore for PostgresStore {
    async fn note(&self, entries: Vec<AuditEntry>) -> Result<(), StoreError> {
        self.run(audit::note(self.people(), &entries)).await
    }

    async fn audit(
        &self,
        before: Option<u64>,
        limit: usize,
    ) -> Result<Vec<(u64, AuditEntry)>, StoreError> {
        self.run(audit::read(self.people(), before, limit)).await
    }

    async fn forget_audit(&self, before: Timestamp) -> Result<(), StoreError> {
        self.run(audit::forget(self.people(), before)).await
    }
}

//! The traits for users, as jobs for the writer and the readers.

use super::{SqliteStore, accounts, guests, invalidation, keys, sign_ins};
use crate::store::{
    Account, AccountChange, AccountStore, Created, Credentials, Hash, Invalidation, Key, KeyStore,
    Known, NewAccount, SignIn, SignInStore, StoreError,
};
use async_trait::async_trait;
use common::ids::{KeyId, SignInId, UserId};
use common::text::UserName;
use common::time::Timestamp;

#[async_trait]
impl AccountStore for SqliteStore {
    async fn create(&self, account: NewAccount) -> Result<Created, StoreError> {
        // Before it is there: nobody may be let in by this name once it is.
        self.held.note(&account.account.user.name);
        let job = move |state: &mut _| accounts::create(state, &account);
        self.writer.run(job).await
    }

    async fn is_claimed(&self) -> Result<bool, StoreError> {
        let read = |reader: &super::reader::Reader| accounts::is_claimed(&reader.connection);
        self.readers.run(read).await
    }

    async fn credentials(&self, name: &UserName) -> Result<Option<Credentials>, StoreError> {
        let name = name.clone();
        self.readers
            .run(move |reader| accounts::credentials(reader, &name))
            .await
    }

    async fn known(&self, user: &UserId) -> Result<Option<Known>, StoreError> {
        let user = user.clone();
        let find = move |reader: &super::reader::Reader| {
            if let Some(account) = accounts::by_id(reader, &user)? {
                return Ok(Some(Known::Account(account)));
            }
            if let Some(guest) = guests::by_id(reader, &user)? {
                return Ok(Some(Known::Guest(guest)));
            }
            Ok(keys::by_user(reader, &user)?.map(Known::Key))
        };
        self.readers.run(find).await
    }

    async fn accounts(&self, limit: usize) -> Result<Vec<Account>, StoreError> {
        self.readers
            .run(move |reader| accounts::list(reader, limit))
            .await
    }

    async fn change(
        &self,
        user: &UserId,
        change: AccountChange,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let user = user.clone();
        self.writer
            .run(move |state| accounts::change(state, &user, &change, now))
            .await
    }

    async fn invalidations(&self, after: u64) -> Result<Vec<(u64, Invalidation)>, StoreError> {
        let found = self
            .readers
            .run(move |reader| invalidation::read(reader, after))
            .await?;
        for (_, invalidation) in &found {
            match invalidation {
                Invalidation::NameHeld(name) => self.held.note(name),
                Invalidation::RoomChanged(room) => self.recorded.note(room),
                _ => {}
            }
        }
        Ok(found)
    }

    async fn prune_invalidations(&self, before: Timestamp) -> Result<u64, StoreError> {
        self.writer
            .run(move |state| invalidation::last(&state.connection, before))
            .await
    }
}

#[async_trait]
impl SignInStore for SqliteStore {
    async fn begin(&self, sign_in: SignIn) -> Result<(), StoreError> {
        self.writer
            .run(move |state| sign_ins::begin_one(state, &sign_in))
            .await
    }

    async fn by_access(&self, hash: Hash) -> Result<Option<(SignIn, Account)>, StoreError> {
        self.readers
            .run(move |reader| sign_ins::find(reader, "access_hash", &hash))
            .await
    }

    async fn by_family(&self, hash: Hash) -> Result<Option<(SignIn, Account)>, StoreError> {
        self.readers
            .run(move |reader| sign_ins::find(reader, "family_hash", &hash))
            .await
    }

    async fn by_id(&self, id: &SignInId) -> Result<Option<(SignIn, Account)>, StoreError> {
        let id = id.clone();
        self.readers
            .run(move |reader| sign_ins::find(reader, "id", &id.as_str()))
            .await
    }

    async fn rotate(&self, next: SignIn) -> Result<bool, StoreError> {
        self.writer
            .run(move |state| sign_ins::rotate(state, &next))
            .await
    }

    async fn of_user(&self, user: &UserId) -> Result<Vec<SignIn>, StoreError> {
        let user = user.clone();
        self.readers
            .run(move |reader| sign_ins::of_user(reader, &user))
            .await
    }

    async fn end(&self, user: &UserId, id: &SignInId, now: Timestamp) -> Result<bool, StoreError> {
        let (user, id) = (user.clone(), id.clone());
        self.writer
            .run(move |state| sign_ins::end(state, &user, &id, now))
            .await
    }
}

#[async_trait]
impl KeyStore for SqliteStore {
    async fn add_key(&self, key: Key, hash: Hash) -> Result<bool, StoreError> {
        self.held.note(&key.user.name);
        self.writer
            .run(move |state| keys::add(state, &key, &hash))
            .await
    }

    async fn key(&self, hash: Hash) -> Result<Option<Key>, StoreError> {
        self.readers
            .run(move |reader| keys::find(reader, &hash))
            .await
    }

    async fn keys(&self) -> Result<Vec<Key>, StoreError> {
        self.readers.run(keys::list).await
    }

    async fn revoke_key(&self, id: &KeyId, now: Timestamp) -> Result<bool, StoreError> {
        let id = id.clone();
        self.writer
            .run(move |state| keys::revoke(state, &id, now))
            .await
    }
}

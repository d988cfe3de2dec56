//! Accounts, their sign-ins, API keys, and the invalidations that end them.

use super::{GuestStore, StoreError};
use async_trait::async_trait;
use common::ids::{KeyId, SignInId, UserId};
use common::role::Role;
use common::text::{RoomName, UserName};
use common::time::Timestamp;
use common::user::User;

/// SHA-256 of a secret.
pub type Hash = [u8; 32];

/// Sign-ins that one account may have; beyond, the one that was used longest ago ends.
pub const SIGN_INS_MAX: usize = 100;

/// Somebody with an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// Who.
    pub user: User,
    /// What the user is on the node.
    pub role: Role,
    /// Whether it is kept out.
    pub disabled: bool,
    /// Since when.
    pub created_at: Timestamp,
}

/// An account with what its password is checked against.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Credentials {
    /// The account.
    pub account: Account,
    /// The password's hash, a PHC string.
    pub password: String,
}

/// An account on its way into the store.
#[derive(Debug, Clone)]
pub struct NewAccount {
    /// What it is to be. Where it is the node's first, it becomes admin.
    pub account: Account,
    /// The password's hash, a PHC string.
    pub password: String,
    /// The guest it is made of, by the hash of the secret: gives up the name, and the account is
    /// the same user.
    pub guest: Option<Hash>,
    /// Whether it may be the node's first.
    pub may_claim: bool,
    /// Guests last seen before this lose a name that the account takes.
    pub stale_before: Timestamp,
}

/// What became of a new account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Created {
    /// It is there, like this.
    Made(Account),
    /// Somebody else has the name, or one that looks the same.
    NameTaken,
    /// It would have been the node's first, and may not.
    Unclaimed,
}

/// What may be changed of an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AccountChange {
    /// Another role. Ends its connections; they may come back with the new one.
    Role(Role),
    /// In or out. Out ends all its sign-ins.
    Disabled(bool),
    /// Another password, as a PHC string. Ends all its sign-ins, but for this one.
    Password(String, Option<SignInId>),
}

/// The accounts.
#[async_trait]
pub trait AccountStore: Send + Sync {
    /// Makes an account, all or nothing: its name is checked against all other names of accounts,
    /// guests and keys, and whether it is the first is decided in the same step.
    async fn create(&self, account: NewAccount) -> Result<Created, StoreError>;

    /// Whether there is an account.
    async fn is_claimed(&self) -> Result<bool, StoreError>;

    /// The account with this name, without regard to case.
    async fn credentials(&self, name: &UserName) -> Result<Option<Credentials>, StoreError>;

    /// Who has this id, of accounts, guests and keys.
    async fn known(&self, user: &UserId) -> Result<Option<Known>, StoreError>;

    /// Up to `limit` accounts, the oldest first.
    async fn accounts(&self, limit: usize) -> Result<Vec<Account>, StoreError>;

    /// Changes an account, with a notice of what it ends. Returns whether there is such an account.
    async fn change(
        &self,
        user: &UserId,
        change: AccountChange,
        now: Timestamp,
    ) -> Result<bool, StoreError>;

    /// Up to 1000 notices behind this number, in order.
    async fn invalidations(&self, after: u64) -> Result<Vec<(u64, Invalidation)>, StoreError>;

    /// The number of the newest notice; zero where there is none. Forgets those older than
    /// `before`.
    async fn prune_invalidations(&self, before: Timestamp) -> Result<u64, StoreError>;
}

/// Something that every node must know at once. Written in the same step as what it tells of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Invalidation {
    /// Every connection of this user ends: an account was disabled, a key revoked.
    UserEnded(UserId),
    /// The user's connections are to come anew.
    RoleChanged(UserId),
    /// Connections of this user that rest on this sign-in end.
    SignInEnded(UserId, SignInId),
    /// The name is held from now on.
    NameHeld(UserName),
    /// What holds in the room has changed.
    RoomChanged(RoomName),
    /// The rooms that a user may see have changed.
    RoomsChanged {
        /// The room that is among them now, or is not any more.
        room: RoomName,
        /// Whose.
        user: UserId,
        /// Who did it.
        by: UserId,
    },
    /// The user is put out of the public room, and may come back.
    Kicked(RoomName, UserId),
    /// Who is banned from the node, or muted on all of it, has changed.
    SanctionsChanged,
}

impl Invalidation {
    /// Says that a user's rooms have changed.
    pub(super) fn rooms_changed(room: &RoomName, user: &UserId, by: &UserId) -> Self {
        Self::RoomsChanged {
            room: room.clone(),
            user: user.clone(),
            by: by.clone(),
        }
    }
}

/// Somebody whom the store knows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Known {
    /// By an account.
    Account(Account),
    /// As a guest who holds a name.
    Guest(User),
    /// As a program.
    Key(Key),
}

impl Known {
    /// Who.
    #[must_use]
    pub fn user(&self) -> &User {
        match self {
            Self::Account(account) => &account.user,
            Self::Guest(user) => user,
            Self::Key(key) => &key.user,
        }
    }
}

/// A user's stay on one device.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignIn {
    /// Which one; opens nothing.
    pub id: SignInId,
    /// Whose.
    pub user: UserId,
    /// What the device calls itself, for the user to know it by.
    pub label: String,
    /// Since when.
    pub created_at: Timestamp,
    /// When it was last refreshed.
    pub seen_at: Timestamp,
    /// It ends by itself then.
    pub expires_at: Timestamp,
    /// Of the half of its refresh tokens that stays.
    pub family: Hash,
    /// Its tokens.
    pub tokens: TokenHashes,
    /// The refresh token before, once there was one.
    pub previous: Option<Previous>,
}

/// What is stored of the tokens that hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenHashes {
    /// Of the access token.
    pub access: Hash,
    /// The access token holds until then.
    pub access_until: Timestamp,
    /// Of the half of the refresh token that changes.
    pub refresh: Hash,
}

/// A refresh token that was replaced.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Previous {
    /// Of the half that changes.
    pub refresh: Hash,
    /// With which the token after it was made.
    pub salt: [u8; 32],
    /// When.
    pub replaced_at: Timestamp,
}

/// The sign-ins.
#[async_trait]
pub trait SignInStore: Send + Sync {
    /// Begins a sign-in; where the account has too many, the one used longest ago ends.
    async fn begin(&self, sign_in: SignIn) -> Result<(), StoreError>;

    /// The sign-in whose access token has this hash, with its account.
    async fn by_access(&self, hash: Hash) -> Result<Option<(SignIn, Account)>, StoreError>;

    /// The sign-in whose refresh tokens' first half has this hash, with its account.
    async fn by_family(&self, hash: Hash) -> Result<Option<(SignIn, Account)>, StoreError>;

    /// The sign-in with this id, with its account.
    async fn by_id(&self, id: &SignInId) -> Result<Option<(SignIn, Account)>, StoreError>;

    /// Replaces a sign-in's tokens, if its refresh token is still `next.previous`. Returns whether
    /// it was.
    async fn rotate(&self, next: SignIn) -> Result<bool, StoreError>;

    /// A user's sign-ins, the latest used first.
    async fn of_user(&self, user: &UserId) -> Result<Vec<SignIn>, StoreError>;

    /// Ends a user's sign-in, with a notice. Returns whether there was one.
    async fn end(&self, user: &UserId, id: &SignInId, now: Timestamp) -> Result<bool, StoreError>;
}

/// The key of a program.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Key {
    /// Which one; opens nothing.
    pub id: KeyId,
    /// Whom the program acts as.
    pub user: User,
    /// What it covers, as bits.
    pub scopes: u8,
    /// Since when.
    pub created_at: Timestamp,
}

/// All that is kept of those who come again.
pub trait PeopleStore: AccountStore + SignInStore + KeyStore + GuestStore {}

impl<T: AccountStore + SignInStore + KeyStore + GuestStore> PeopleStore for T {}

/// The keys of programs.
#[async_trait]
pub trait KeyStore: Send + Sync {
    /// Adds a key, known by the hash of its secret. Returns whether its name was free.
    async fn add_key(&self, key: Key, hash: Hash) -> Result<bool, StoreError>;

    /// The key whose secret has this hash.
    async fn key(&self, hash: Hash) -> Result<Option<Key>, StoreError>;

    /// Every key, the oldest first.
    async fn keys(&self) -> Result<Vec<Key>, StoreError>;

    /// Revokes a key, with a notice. Returns whether there was one.
    async fn revoke_key(&self, id: &KeyId, now: Timestamp) -> Result<bool, StoreError>;
}

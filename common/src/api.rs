//! What the HTTP API answers and takes, beyond the frames' own types. Errors are
//! [`ErrorFrame`](crate::ErrorFrame)s, exactly as on the socket.

pub mod paths;
pub mod rooms;

pub use crate::audit::AuditAction;
use crate::ids::{Epoch, KeyId, RequestId, Seq, SignInId};
use crate::role::Role;
use crate::text::{Content, Data, RoomName, UserName};
use crate::time::Timestamp;
use crate::token::{Password, Token};
use crate::user::User;
pub use rooms::{RoomList, RoomSummary};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Body of `POST /api/v1/session`: be a guest by this name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignIn {
    /// The name to be shown by.
    pub name: UserName,
}

/// Body of `POST /api/v1/session` with a password: sign in to one's account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccountSignIn {
    /// The account's name, without regard to case.
    pub name: UserName,
    /// Its password.
    pub password: Password,
    /// Whether the tokens come in the answer's body, for programs, instead of in cookies.
    #[serde(default)]
    pub tokens: bool,
    /// What the device calls itself, for its user to know it by; the browser's name by default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
}

/// Body of `POST /api/v1/accounts`: make an account, and sign in to it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignUp {
    /// The display name. A guest who holds it becomes the account.
    pub name: UserName,
    /// What it is to be signed in with; 8 characters at the least.
    pub password: Password,
    /// For the node's first account, the code that the server printed when it started.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub claim: Option<String>,
    /// As in [`AccountSignIn::tokens`].
    #[serde(default)]
    pub tokens: bool,
    /// As in [`AccountSignIn::label`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
}

/// Body of `POST /api/v1/session/refresh`. A browser sends `{}`: its token is in a cookie.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refresh {
    /// A program's refresh token. The answer has the next ones in its body.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refresh: Option<Token>,
}

/// Body of `PUT /api/v1/password`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChangePassword {
    /// The present one.
    pub present: Password,
    /// The one to be; 8 characters at the least.
    pub new: Password,
}

/// Answers `GET` and `POST /api/v1/session`, and whatever else signs in.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SessionReply {
    /// Whom the server takes the browser for; none before a name was chosen.
    pub user: Option<User>,
    /// What the user is on the node.
    #[serde(default, skip_serializing_if = "Role::is_guest")]
    pub role: Role,
    /// For an account, by which sign-in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sign_in: Option<SignInId>,
    /// For an account, how long the access token still holds (milliseconds).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_in_ms: Option<u64>,
    /// The tokens, for a program that asked for them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tokens: Option<Tokens>,
    /// How one may come in here; in the answer to `GET`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ways: Option<SignInOptions>,
}

/// How one may come in to a node.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is an answer of its own, and they go over the wire by their names"
)]
pub struct SignInOptions {
    /// As a guest, with a name and nothing else.
    pub guests: bool,
    /// By making an account.
    pub sign_up: bool,
    /// Whether there is an account already. The first one becomes admin.
    pub claimed: bool,
    /// Whether the next account, being the first, needs the code that the server printed when it
    /// started.
    pub claim_code: bool,
}

/// Answers `GET /api/v1/accounts`: the oldest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccountList {
    /// The accounts.
    pub accounts: Vec<AccountSummary>,
}

/// One line of an [`AccountList`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccountSummary {
    /// Who.
    pub user: User,
    /// What the user is on the node.
    pub role: Role,
    /// Whether the account is kept out.
    pub disabled: bool,
    /// Since when it is there.
    pub created_at: Timestamp,
}

/// Body of `PATCH /api/v1/accounts/{user}`: what it names is changed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChangeAccount {
    /// `member`, `moderator` or `admin`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<String>,
    /// Whether the account is to be kept out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub disabled: Option<bool>,
}

/// Body of `POST /api/v1/keys`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CreateKey {
    /// The name that the program acts under.
    pub name: UserName,
    /// What it covers: `read`, `write`, `broadcast`, `moderate`, `admin`, with commas between them.
    pub scopes: String,
}

/// Answers a [`CreateKey`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CreatedKey {
    /// Which one; opens nothing.
    pub id: KeyId,
    /// Whom the program acts as.
    pub user: User,
    /// The key. It is shown this once.
    pub key: Token,
}

/// Answers `GET /api/v1/keys`: the oldest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyList {
    /// The keys.
    pub keys: Vec<KeySummary>,
}

/// One line of a [`KeyList`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeySummary {
    /// Which one.
    pub id: KeyId,
    /// Whom the program acts as.
    pub user: User,
    /// What it covers, with commas between them.
    pub scopes: String,
    /// Since when it is there.
    pub created_at: Timestamp,
}

/// Answers `GET /api/v1/audit`: the newest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditPage {
    /// What was done.
    pub entries: Vec<AuditEntry>,
    /// Whether there are older ones.
    pub more: bool,
}

/// One line of an [`AuditPage`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditEntry {
    /// Its number; the page before it is asked for by it.
    pub id: u64,
    /// When.
    pub at: Timestamp,
    /// What.
    pub act: AuditAction,
    /// Who; none where it was the command line, or is not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub actor: Option<User>,
    /// Whom or what it was done to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subject: Option<String>,
    /// From where: an address, of IPv6 its network of 64 bits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub origin: Option<String>,
}

/// What a program proves itself with: `Authorization: Bearer`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tokens {
    /// Proves who one is, for as long as `expires_in_ms` says.
    pub access: Token,
    /// Gets the next two, once.
    pub refresh: Token,
}

/// Answers `GET /api/v1/sign-ins`: the latest used first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignInList {
    /// One's own sign-ins.
    pub sign_ins: Vec<SignInSummary>,
}

/// One line of a [`SignInList`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignInSummary {
    /// Which one.
    pub id: SignInId,
    /// What the device calls itself.
    pub label: String,
    /// Since when.
    pub created_at: Timestamp,
    /// When it was last refreshed.
    pub seen_at: Timestamp,
    /// Whether it is the one that asks.
    pub current: bool,
}

/// Body of `POST /api/v1/rooms/{room}/messages` and `POST /api/v1/broadcasts`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Publish {
    /// The same user's second message with the same one is not stored again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<RequestId>,
    /// The text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub content: Option<Content>,
    /// Any JSON value.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub data: Option<Data>,
}

/// Answers a [`Publish`] once the message is on disk.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Published {
    /// Where it is.
    pub room: RoomName,
    /// The life of the log that `seq` belongs to.
    pub epoch: Epoch,
    /// Its place in the log.
    pub seq: Seq,
    /// When the server took it.
    pub timestamp: Timestamp,
}

/// Answers `GET /api/v1/rooms/{room}/presence`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PresenceReply {
    /// The room.
    pub room: RoomName,
    /// Users in it now.
    pub count: usize,
    /// The users, unless they are more than
    /// [`PRESENCE_USERS_MAX`](crate::limits::PRESENCE_USERS_MAX).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub users: Option<Vec<User>>,
}

/// `GET /ready`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ready {
    /// Whether the node takes clients.
    pub ready: bool,
    /// Parts that do not work and are not needed for that: `bus`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub degraded: Vec<String>,
}

/// Answers `GET /health`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Health {
    /// `ok` while the node answers at all.
    pub status: String,
    /// The server's version.
    pub version: String,
}

/// Answers `GET /stats`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stats {
    /// Open WebSocket connections.
    pub clients: usize,
    /// Live rooms: somebody has joined them.
    pub rooms: usize,
    /// For each live room, the users in it.
    pub members: BTreeMap<RoomName, usize>,
    /// For each limit, how often it has refused something since the node started.
    #[serde(default)]
    pub refused: BTreeMap<String, u64>,
    /// How this node hears of others; none where it is alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cluster: Option<ClusterStats>,
}

/// How a node hears of what other nodes store.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClusterStats {
    /// Whether hints can be sent and received.
    pub bus_connected: bool,
    /// Hints that could not be sent in time.
    pub hints_dropped: u64,
    /// Rooms in which a comparison with the database has found events of which no hint had told.
    pub found_by_head_check: u64,
}

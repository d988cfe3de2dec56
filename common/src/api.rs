//! What the HTTP API answers and takes, beyond the frames' own types. Errors are
//! [`ErrorFrame`](crate::ErrorFrame)s, exactly as on the socket.

use crate::ids::{Epoch, RequestId, Seq};
use crate::reply::User;
use crate::text::{Content, Data, RoomName, UserName};
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Body of `POST /api/v1/session`: be a guest by this name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignIn {
    /// The name to be shown by.
    pub name: UserName,
}

/// Answers `GET` and `POST /api/v1/session`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SessionReply {
    /// Whom the server takes the browser for; none before a name was chosen.
    pub user: Option<User>,
}

/// Answers `GET /api/v1/rooms`: the most recently written to first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoomList {
    /// Rooms that hold messages or somebody is in.
    pub rooms: Vec<RoomSummary>,
}

/// One line of a [`RoomList`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoomSummary {
    /// The room.
    pub room: RoomName,
    /// Its newest event.
    pub head: Seq,
    /// Users in it now.
    pub online: usize,
    /// When it was last written to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_at: Option<Timestamp>,
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
}

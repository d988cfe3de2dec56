//! What happened in a room. Past tense; each has its place in the room's log and never changes.

use crate::ids::{RequestId, Seq, UserId};
use crate::text::{Content, Data, RoomName, UserName};
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};

/// Somebody said something in a room.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MessagePosted {
    /// Where.
    pub room: RoomName,
    /// Its place in the room's log.
    pub seq: Seq,
    /// The author's name at that time.
    pub from: UserName,
    /// The author.
    pub user: UserId,
    /// The `id` its author's client gave it, by which that client knows its own again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<RequestId>,
    /// The text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub content: Option<Content>,
    /// Any JSON value.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub data: Option<Data>,
    /// When the server took it.
    pub timestamp: Timestamp,
}

/// Somebody said something to everyone. Its place is in the log of the built-in room,
/// [`RoomName::broadcast`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BroadcastPosted {
    /// Its place in the built-in room's log.
    pub seq: Seq,
    /// The author's name at that time.
    pub from: UserName,
    /// The author.
    pub user: UserId,
    /// As in [`MessagePosted::id`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<RequestId>,
    /// The text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub content: Option<Content>,
    /// Any JSON value.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub data: Option<Data>,
    /// When the server took it.
    pub timestamp: Timestamp,
}

//! What the server sends to one connection: welcome, answers, presence.

use crate::api::RoomSummary;
use crate::event::MessagePosted;
use crate::ids::{ConnectionId, Epoch, RequestId, Seq, UserId};
use crate::limits::Limits;
use crate::role::Role;
use crate::room::LeftReason;
use crate::text::RoomName;
use crate::time::Timestamp;
use crate::user::User;
use serde::{Deserialize, Serialize};

/// The first frame of every connection.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Welcome {
    /// The protocol in use, such as `hubbub.v1.json`.
    pub protocol: String,
    /// The server's name and version.
    pub server: String,
    /// This connection.
    pub connection: ConnectionId,
    /// Whom the server takes this connection for.
    pub user: User,
    /// What the user is on the node.
    #[serde(default)]
    pub role: Role,
    /// The bounds to keep.
    pub limits: Limits,
    /// The server sends a WebSocket ping this often (milliseconds); a connection that has been
    /// silent for two of them is closed. A client that hears nothing for two of them is offline.
    pub heartbeat_ms: u64,
    /// The server's clock.
    pub timestamp: Timestamp,
}

/// Answers `join`. The events after `after` follow as ordinary frames.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Joined {
    /// The room that was joined.
    pub room: RoomName,
    /// The life of the log that seqs belong to.
    pub epoch: Epoch,
    /// The newest event at the time of joining.
    pub head: Seq,
    /// The cursor: the first event to follow is the one behind it.
    pub after: Seq,
    /// Whether everything since what the client named follows. When false, the client reloads
    /// what it shows.
    pub complete: bool,
    /// How far the user has read the room, where a marker was ever set.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub read: Option<Seq>,
}

/// Answers `leave`; or, with a reason, says that the connection was put out of the room.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Left {
    /// The room that was left.
    pub room: RoomName,
    /// Why, where nobody asked to leave. A client must not come back by itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<LeftReason>,
}

/// Says that a frame with an `id` was carried out. For a message: it is on disk.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ack {
    /// The frame's `id`.
    pub id: RequestId,
    /// For a message or broadcast, the room it is in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub room: Option<RoomName>,
    /// For a message or broadcast, its place in the log.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seq: Option<Seq>,
    /// For a message or broadcast, the log's epoch.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub epoch: Option<Epoch>,
    /// For a message or broadcast, when the server took it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timestamp: Option<Timestamp>,
    /// For `history`, what was asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub page: Option<HistoryPage>,
}

impl Ack {
    /// An `ack` that says nothing beyond "done".
    #[must_use]
    pub fn done(id: RequestId) -> Self {
        Self {
            id,
            room: None,
            seq: None,
            epoch: None,
            timestamp: None,
            page: None,
        }
    }
}

/// A page of a room's messages in ascending order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HistoryPage {
    /// The room.
    pub room: RoomName,
    /// The life of the log that seqs belong to.
    pub epoch: Epoch,
    /// The newest event in the room's log; everything up to it is folded into the messages.
    pub head: Seq,
    /// The messages.
    pub messages: Vec<MessagePosted>,
    /// Whether there are more in the direction that was read (older ones, unless `after` was
    /// given).
    pub more: bool,
}

/// The rooms that the user may see, or what has changed of the public ones. Follows `watch_rooms`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoomsUpdate {
    /// The number of this state of the list. A client that has a state whose number is not one less
    /// has missed an update: it sends `watch_rooms` again.
    pub version: u64,
    /// Whether `rooms` is the whole list, in place of what the client has; the most recently
    /// written to first. If not, `rooms` are those that are new or have changed.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub complete: bool,
    /// The rooms.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rooms: Vec<RoomSummary>,
    /// Rooms that are not on the list any more.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub gone: Vec<RoomName>,
}

/// The user has read a room up to here, on this or another of the user's connections.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReadUpTo {
    /// The room.
    pub room: RoomName,
    /// The newest event that was read.
    pub seq: Seq,
}

/// The sign-in that the connection rests on runs out. A client that does not `authenticate` in time
/// is closed with a *retry* code.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Expiring {
    /// The connection is closed after this many milliseconds.
    pub close_in_ms: u64,
}

/// Answers `ping`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pong {
    /// The server's clock.
    pub timestamp: Timestamp,
}

/// Who is online in a room: the whole list right after `joined`, then what changes.
///
/// Never stored, at most once, and thinned under load: a room of more than
/// [`PRESENCE_USERS_MAX`](crate::limits::PRESENCE_USERS_MAX) users gets `count` alone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Presence {
    /// The room.
    pub room: RoomName,
    /// How many users are online, each counted once however many tabs they have open.
    pub count: usize,
    /// Everybody who is online; replaces what the client knew.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub users: Option<Vec<User>>,
    /// Who came.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub joined: Vec<User>,
    /// Who went.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub left: Vec<UserId>,
}

/// The server is about to close the connection, and says when to come back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Goodbye {
    /// Why.
    pub reason: GoodbyeReason,
    /// Come back after this many milliseconds; different for each client.
    pub reconnect_after_ms: u64,
}

/// Why the server says goodbye.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GoodbyeReason {
    /// The node is shutting down or restarting.
    Shutdown,
    /// A reason this client does not know yet.
    #[serde(other)]
    Unknown,
}

//! What a client asks for. Imperative names; each is one variant of
//! [`ClientFrame`](crate::ClientFrame).

use crate::ids::{Epoch, RequestId, Seq};
use crate::text::{Content, Data, Emoji, RoomName};
use crate::token::Token;
use serde::{Deserialize, Serialize};

/// Enter a room and place a cursor in its log; what lies behind the cursor follows as ordinary
/// frames, old and live alike.
///
/// The cursor stands at the head, or with `last` that many events before it, or with `since` and
/// `epoch` where the client left off. `since` wins over `last`, which then says where to begin
/// when `since` cannot be honoured.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Join {
    /// Chosen by the client; answered by one `ack` or `error`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<RequestId>,
    /// The room to enter.
    pub room: RoomName,
    /// Begin this many events before the head, at most
    /// [`PAGE_MESSAGES_MAX`](crate::limits::PAGE_MESSAGES_MAX).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last: Option<u64>,
    /// The last event that the client has seen; above 0 it needs `epoch`. 0 without `epoch` means
    /// from the first event that is kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<Seq>,
    /// The epoch that `since` belongs to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub epoch: Option<Epoch>,
}

/// Leave a room.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Leave {
    /// Chosen by the client; answered by one `ack` or `error`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<RequestId>,
    /// The room to leave.
    pub room: RoomName,
}

/// Say something in a room that one has joined: `content`, `data`, or both.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PostMessage {
    /// Chosen by the client; the same user's second message with the same one is not stored
    /// again, it gets the first one's `ack`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<RequestId>,
    /// Where to say it.
    pub room: RoomName,
    /// The text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub content: Option<Content>,
    /// Any JSON value.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub data: Option<Data>,
}

/// Say something to everyone on the node.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PostBroadcast {
    /// As in [`PostMessage::id`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<RequestId>,
    /// The text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub content: Option<Content>,
    /// Any JSON value.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub data: Option<Data>,
}

/// Put other words in the place of a message of one's own: `content`, `data`, or both.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EditMessage {
    /// As in [`PostMessage::id`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<RequestId>,
    /// The message's room; one must have joined it.
    pub room: RoomName,
    /// The message.
    pub target: Seq,
    /// The text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub content: Option<Content>,
    /// Any JSON value.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub data: Option<Data>,
}

/// Take back a message of one's own. What it said is erased everywhere.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeleteMessage {
    /// As in [`PostMessage::id`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<RequestId>,
    /// The message's room; one must have joined it.
    pub room: RoomName,
    /// The message.
    pub target: Seq,
}

/// Put a reaction to a message, or take it away.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct React {
    /// As in [`PostMessage::id`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<RequestId>,
    /// The message's room; one must have joined it.
    pub room: RoomName,
    /// The message.
    pub target: Seq,
    /// The reaction.
    pub emoji: Emoji,
    /// Whether it is to be there; true where the frame does not say.
    #[serde(default = "yes")]
    pub on: bool,
}

fn yes() -> bool {
    true
}

/// Say how far one has read a room. Told to all the user's connections, and kept; a marker only
/// moves forward.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MarkRead {
    /// Chosen by the client; answered by one `ack` or `error`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<RequestId>,
    /// The room; one must have joined it.
    pub room: RoomName,
    /// The newest event that was read.
    pub seq: Seq,
}

/// Prove again who one is, without reconnecting: after `expiring`, or at any time.
///
/// A program sends its new token. A browser, which keeps its tokens where no script can read them,
/// refreshes over HTTP and sends none: the server looks for itself how long the sign-in lasts now.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Authenticate {
    /// Chosen by the client; answered by one `ack` or `error`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<RequestId>,
    /// An access token of the user that the connection is already.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token: Option<Token>,
}

/// Ask for the list of rooms, and for what changes in it from now on: the answer is a complete
/// `rooms`, and later ones tell what is new. Sent again, it begins anew.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct WatchRooms {
    /// Chosen by the client; answered by one `ack` or `error`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<RequestId>,
}

/// Ask whether the server is there; it answers `pong`, and an `ack` too where there is an `id`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ping {
    /// Chosen by the client; answered by one `ack`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<RequestId>,
}

/// Ask for a page of a room's messages. Needs an `id`: the page comes inside its `ack`.
///
/// With `before`, the newest messages below that seq; with `after`, the oldest above it; with
/// neither, the newest of all. The messages of a page are always in ascending order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReadHistory {
    /// Chosen by the client; the `ack` that carries it carries the page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<RequestId>,
    /// The room to read; it need not be joined.
    pub room: RoomName,
    /// Only messages below this seq.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<Seq>,
    /// Only messages above this seq.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<Seq>,
    /// Messages in the page: 1 to [`PAGE_MESSAGES_MAX`](crate::limits::PAGE_MESSAGES_MAX),
    /// by default [`PAGE_MESSAGES_DEFAULT`](crate::limits::PAGE_MESSAGES_DEFAULT).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<usize>,
}

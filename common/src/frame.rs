//! The two enums of the wire: every JSON text frame is one variant of one of them.

use crate::command::{Join, Leave, Ping, PostBroadcast, PostMessage, ReadHistory};
use crate::error::ErrorFrame;
use crate::event::{BroadcastPosted, MessagePosted};
use crate::ids::RequestId;
use crate::reply::{Ack, Goodbye, Joined, Left, Pong, Presence, Welcome};
use serde::Serialize;

/// What a client sends. `type` names the variant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum ClientFrame {
    /// Enter a room.
    Join(Join),
    /// Leave a room.
    Leave(Leave),
    /// Say something in a room.
    Message(PostMessage),
    /// Say something to everyone.
    Broadcast(PostBroadcast),
    /// Ask whether the server is there.
    Ping(Ping),
    /// Ask for a page of messages.
    History(ReadHistory),
}

impl ClientFrame {
    /// The `id` by which the frame will be answered.
    #[must_use]
    pub fn id(&self) -> Option<&RequestId> {
        match self {
            Self::Join(f) => f.id.as_ref(),
            Self::Leave(f) => f.id.as_ref(),
            Self::Message(f) => f.id.as_ref(),
            Self::Broadcast(f) => f.id.as_ref(),
            Self::Ping(f) => f.id.as_ref(),
            Self::History(f) => f.id.as_ref(),
        }
    }
}

/// What the server sends. `type` names the variant; a client passes over those it does not know.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum ServerFrame {
    /// The first frame.
    Welcome(Box<Welcome>),
    /// Answers `join`.
    Joined(Joined),
    /// Answers `leave`.
    Left(Left),
    /// Says that a frame with an `id` was carried out.
    Ack(Box<Ack>),
    /// Says that a frame was refused.
    Error(ErrorFrame),
    /// Somebody said something in a room.
    Message(MessagePosted),
    /// Somebody said something to everyone.
    Broadcast(BroadcastPosted),
    /// Who is online in a room.
    Presence(Presence),
    /// Answers `ping`.
    Pong(Pong),
    /// The server is about to close the connection.
    Goodbye(Goodbye),
}

//! The two enums of the wire: every JSON text frame is one variant of one of them.

use crate::command::{
    Authenticate, DeleteMessage, EditMessage, Join, Leave, MarkRead, Ping, PostBroadcast,
    PostMessage, React, ReadHistory, WatchRooms,
};
use crate::error::ErrorFrame;
use crate::event::{BroadcastPosted, MessageDeleted, MessageEdited, MessagePosted, MessageReacted};
use crate::ids::RequestId;
use crate::reply::{
    Ack, Expiring, Goodbye, Joined, Left, Pong, Presence, ReadUpTo, RoomsUpdate, Welcome,
};
use crate::room::{RoomSettings, RoomsChanged};
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
    /// Put other words in the place of a message.
    Edit(EditMessage),
    /// Take a message back.
    Delete(DeleteMessage),
    /// Put a reaction to a message, or take it away.
    React(React),
    /// Say how far one has read.
    Read(MarkRead),
    /// Prove again who one is.
    Authenticate(Authenticate),
    /// Follow the list of rooms.
    WatchRooms(WatchRooms),
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
            Self::Edit(f) => f.id.as_ref(),
            Self::Delete(f) => f.id.as_ref(),
            Self::React(f) => f.id.as_ref(),
            Self::Read(f) => f.id.as_ref(),
            Self::Authenticate(f) => f.id.as_ref(),
            Self::WatchRooms(f) => f.id.as_ref(),
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
    /// An author put other words in a message's place.
    Edited(MessageEdited),
    /// A message was taken back.
    Deleted(MessageDeleted),
    /// Somebody put a reaction to a message, or took it away.
    Reacted(MessageReacted),
    /// Somebody said something to everyone.
    Broadcast(BroadcastPosted),
    /// The user has read a room up to some event.
    Read(ReadUpTo),
    /// Who is online in a room.
    Presence(Presence),
    /// What holds in a room that was joined, and what the user may do there.
    Settings(Box<RoomSettings>),
    /// The rooms that the user may see have changed.
    RoomsChanged(RoomsChanged),
    /// The list of rooms, or what has changed in it.
    Rooms(Box<RoomsUpdate>),
    /// The sign-in runs out: `authenticate`.
    Expiring(Expiring),
    /// Answers `ping`.
    Pong(Pong),
    /// The server is about to close the connection.
    Goodbye(Goodbye),
}

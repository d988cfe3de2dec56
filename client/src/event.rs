//! Events of a room that is followed.

use common::client::{JoinFrom, OnlineUsers};
use common::error::ErrorFrame;
use common::event::{MessageDeleted, MessageEdited, MessagePosted, MessageReacted};
use common::ids::{Epoch, Seq};
use common::room::RoomSettings;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// A place in a room's log. Store it, and follow the room from there in the program's next life.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Position {
    /// Which log: a room's log begins anew when the server's data are replaced.
    pub epoch: Epoch,
    /// The event's place in it.
    pub seq: Seq,
}

impl From<(&Epoch, Seq)> for Position {
    fn from((epoch, seq): (&Epoch, Seq)) -> Self {
        let epoch = epoch.clone();
        Self { epoch, seq }
    }
}

/// Where to begin to follow a room.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Start {
    /// With what happens from now on.
    #[default]
    Now,
    /// With this many of the newest events. The server gives as many as one page of history has.
    Newest(u64),
    /// With the first event that the log still has.
    Beginning,
    /// Behind an event that was handled before.
    After(Position),
}

impl Start {
    /// The place, where it is known by now.
    pub(crate) fn position(&self) -> Option<&Position> {
        match self {
            Self::After(position) => Some(position),
            _ => None,
        }
    }
}

impl From<Start> for JoinFrom {
    fn from(start: Start) -> Self {
        match start {
            Start::Now => Self::Newest(0),
            Start::Newest(count) => Self::Newest(count),
            Start::Beginning => Self::Start,
            Start::After(Position { epoch, seq }) => Self::After { epoch, seq },
        }
    }
}

/// Something that happened in a room. Those with a `position` stand in the room's log: each comes
/// exactly once and in the log's order.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Event {
    /// A message was posted, by this client or another.
    Message {
        /// Its place in the log.
        position: Position,
        /// The message.
        message: Arc<MessagePosted>,
    },
    /// A message was edited.
    Edited {
        /// Its place in the log.
        position: Position,
        /// The edit.
        edit: MessageEdited,
    },
    /// A message was deleted.
    Deleted {
        /// Its place in the log.
        position: Position,
        /// The deletion.
        deletion: MessageDeleted,
    },
    /// A reaction was added to a message or removed from it.
    Reacted {
        /// Its place in the log.
        position: Position,
        /// The reaction.
        reaction: MessageReacted,
    },
    /// The log cannot be followed from where it was read before: the server's data were replaced,
    /// or what lies between is no longer kept. It goes on behind `position`. What the program knows
    /// of the room may be out of date.
    Reset {
        /// The place behind which the log is read from now on.
        position: Position,
    },
    /// Who is online has changed.
    Presence(OnlineUsers),
    /// The room's settings have changed, or what the user may do in it.
    Settings(RoomSettings),
    /// The server has removed the user from the room, or does not let the user in any more. No
    /// event follows unless the user is let in again.
    Removed(ErrorFrame),
}

impl Event {
    /// The event's place in the room's log; `None` for what has none.
    #[must_use]
    pub fn position(&self) -> Option<&Position> {
        match self {
            Self::Message { position, .. }
            | Self::Edited { position, .. }
            | Self::Deleted { position, .. }
            | Self::Reacted { position, .. }
            | Self::Reset { position } => Some(position),
            Self::Presence(_) | Self::Settings(_) | Self::Removed(_) => None,
        }
    }
}

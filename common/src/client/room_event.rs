//! One event of a room's log, as the client core folds it in.

use crate::event::{MessageDeleted, MessageEdited, MessagePosted, MessageReacted};
use crate::ids::{RequestId, UserId};
use std::sync::Arc;

/// What happened in a room: the event at one seq of its log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RoomEvent {
    /// An event of a kind that this version does not know. It has its seq, and shows nothing.
    Unknown,
    /// A message was posted.
    Message(Arc<MessagePosted>),
    /// A message was edited.
    Edit(MessageEdited),
    /// A message was deleted.
    Deletion(MessageDeleted),
    /// A reaction was added to a message or removed from it.
    Reaction(MessageReacted),
}

impl RoomEvent {
    /// Who did it, and the `id` by which that user's client knows it again.
    pub(super) fn author(&self) -> Option<(&UserId, Option<&RequestId>)> {
        match self {
            Self::Unknown => None,
            Self::Message(event) => Some((&event.user, event.id.as_ref())),
            Self::Edit(event) => Some((&event.user, event.id.as_ref())),
            Self::Deletion(event) => Some((&event.user, event.id.as_ref())),
            Self::Reaction(event) => Some((&event.user, event.id.as_ref())),
        }
    }
}

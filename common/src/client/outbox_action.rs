//! What a send does: post a message, or change one.

use crate::command::{DeleteMessage, EditMessage, PostBroadcast, PostMessage, React};
use crate::event::MessagePosted;
use crate::frame::ClientFrame;
use crate::ids::{Epoch, RequestId, Seq, UserId};
use crate::text::{Content, Data, Emoji, RoomName};
use serde::{Deserialize, Serialize};

/// What a send is to do in its room.
///
/// A change carries the epoch of the log its target is in: in another one the same seq is another
/// message's, and the core refuses to send it there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OutboxAction {
    /// Say something.
    Message {
        /// The text.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        content: Option<Content>,
        /// Any JSON value.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        data: Option<Data>,
    },
    /// Put other words in the place of a message.
    Edit {
        /// The log the target is in.
        epoch: Epoch,
        /// The message.
        target: Seq,
        /// The text.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        content: Option<Content>,
        /// Any JSON value.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        data: Option<Data>,
    },
    /// Take a message back.
    Delete {
        /// The log the target is in.
        epoch: Epoch,
        /// The message.
        target: Seq,
    },
    /// Put a reaction to a message, or take it away.
    React {
        /// The log the target is in.
        epoch: Epoch,
        /// The message.
        target: Seq,
        /// The reaction.
        emoji: Emoji,
        /// Whether it is to be there.
        on: bool,
    },
}

impl OutboxAction {
    /// Whether it says something; if not, it changes what was said.
    #[must_use]
    pub fn is_message(&self) -> bool {
        matches!(self, Self::Message { .. })
    }

    /// The message it changes, and the log that one is in.
    #[must_use]
    pub fn target(&self) -> Option<(&Epoch, Seq)> {
        match self {
            Self::Message { .. } => None,
            Self::Edit { epoch, target, .. }
            | Self::Delete { epoch, target }
            | Self::React { epoch, target, .. } => Some((epoch, *target)),
        }
    }

    /// The frame that asks for it.
    pub(super) fn frame(&self, id: RequestId, room: RoomName) -> ClientFrame {
        let id = Some(id);
        match self.clone() {
            Self::Message { content, data } if room.is_broadcast() => {
                ClientFrame::Broadcast(PostBroadcast { id, content, data })
            }
            Self::Message { content, data } => ClientFrame::Message(PostMessage {
                id,
                room,
                content,
                data,
            }),
            Self::Edit {
                target,
                content,
                data,
                ..
            } => ClientFrame::Edit(EditMessage {
                id,
                room,
                target,
                content,
                data,
            }),
            Self::Delete { target, .. } => ClientFrame::Delete(DeleteMessage { id, room, target }),
            Self::React {
                target, emoji, on, ..
            } => ClientFrame::React(React {
                id,
                room,
                target,
                emoji,
                on,
            }),
        }
    }

    /// Folds it into the message it changes, as the server will once it has stored it.
    ///
    /// When that will be is not known: an edited message keeps the time of its last edit, or takes
    /// its own.
    pub(super) fn fold(&self, message: &mut MessagePosted, me: &UserId) {
        match self {
            Self::Message { .. } => {}
            Self::Edit { content, data, .. } => {
                let at = message.edited_at.unwrap_or(message.timestamp);
                message.reword(content.as_ref(), data.as_ref(), at);
            }
            Self::Delete { .. } => message.delete(),
            Self::React { emoji, on, .. } => message.set_reaction(emoji, me, *on),
        }
    }

    /// Whether the message is already as this would make it.
    pub(super) fn is_done(&self, message: &MessagePosted, me: &UserId) -> bool {
        match self {
            Self::Message { .. } => false,
            Self::Edit { content, data, .. } => {
                message.deleted || (message.content == *content && message.data == *data)
            }
            Self::Delete { .. } => message.deleted,
            Self::React { emoji, on, .. } => {
                message.deleted || message.has_reaction(emoji, me) == *on
            }
        }
    }

    /// Whether this reaction takes back what `other`, another one, is to do.
    pub(super) fn reverses(&self, other: &Self) -> bool {
        let (Self::React { on, .. }, Self::React { on: opposite, .. }) = (self, other) else {
            return false;
        };
        let same = |action: &Self| match action {
            Self::React {
                epoch,
                target,
                emoji,
                ..
            } => Some((epoch.clone(), *target, emoji.clone())),
            _ => None,
        };
        on != opposite && same(self) == same(other)
    }
}

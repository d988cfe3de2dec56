//! One message or change of the user that the server has not yet confirmed.

use super::outbox_action::OutboxAction;
use crate::error::ErrorFrame;
use crate::ids::{RequestId, Seq};
use crate::text::{Content, Data, RoomName};
use serde::{Deserialize, Serialize};

/// An unsent message or change as a shell stores it, as JSON. Survives a reload through
/// [`Client::restored`](super::Client::restored).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "StoredEntry", into = "StoredEntry")]
pub struct OutboxEntry {
    /// The frame's `id`, the same in every attempt: the server stores it once.
    pub id: RequestId,
    /// Where it goes; [`RoomName::broadcast`] for a broadcast.
    pub room: RoomName,
    /// Its place among this client's sends: lower ones go first.
    pub order: u64,
    /// What it is to do.
    pub action: OutboxAction,
    /// Why the server will not have it: then it waits for the user's `Retry` or `Discard`.
    pub refused: Option<ErrorFrame>,
}

/// An entry's JSON. A message has the shape that it had when there were no changes: what an
/// earlier version of the page has stored is read, and an earlier version reads what is stored.
#[derive(Clone, Serialize, Deserialize)]
struct StoredEntry {
    id: RequestId,
    room: RoomName,
    order: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    action: Option<OutboxAction>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    content: Option<Content>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    data: Option<Data>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    refused: Option<ErrorFrame>,
}

impl From<StoredEntry> for OutboxEntry {
    fn from(stored: StoredEntry) -> Self {
        let (content, data) = (stored.content, stored.data);
        Self {
            id: stored.id,
            room: stored.room,
            order: stored.order,
            action: stored
                .action
                .unwrap_or(OutboxAction::Message { content, data }),
            refused: stored.refused,
        }
    }
}

impl From<OutboxEntry> for StoredEntry {
    fn from(entry: OutboxEntry) -> Self {
        let (action, content, data) = match entry.action {
            OutboxAction::Message { content, data } => (None, content, data),
            change => (Some(change), None, None),
        };
        Self {
            id: entry.id,
            room: entry.room,
            order: entry.order,
            action,
            content,
            data,
            refused: entry.refused,
        }
    }
}

/// A message or change of the user's own that is not in the timeline yet, as a view shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PendingSend {
    pub(super) entry: OutboxEntry,
    pub(super) state: SendState,
    /// A socket may have been given it, on whatever connection: the server may have it.
    pub(super) maybe_sent: bool,
    /// Another tab has removed it from storage while it was in flight here.
    pub(super) removed_elsewhere: bool,
    /// It was put into storage once more, refused or retried. Had another tab removed it by then,
    /// it is back there.
    pub(super) stored_again: bool,
}

/// How far a send has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SendState {
    /// It waits for the connection, or for those before it.
    Waiting,
    /// It is on its way; the server has not answered.
    InFlight,
    /// The server has stored it. It stays pending until it shows in the timeline.
    Stored {
        /// Its place in the room's log.
        seq: Option<Seq>,
    },
    /// The server will not have it: retry or discard.
    Refused(ErrorFrame),
}

impl PendingSend {
    /// One that has not been sent.
    pub(super) fn new(entry: OutboxEntry, state: SendState) -> Self {
        Self {
            entry,
            state,
            maybe_sent: false,
            removed_elsewhere: false,
            stored_again: false,
        }
    }

    /// The frame's `id`, by which to retry or discard it.
    #[must_use]
    pub fn id(&self) -> &RequestId {
        &self.entry.id
    }

    /// What it is to do.
    #[must_use]
    pub fn action(&self) -> &OutboxAction {
        &self.entry.action
    }

    /// The message it changes; none for a message.
    #[must_use]
    pub fn target(&self) -> Option<Seq> {
        self.entry.action.target().map(|(_, target)| target)
    }

    /// The text of a message or an edit.
    #[must_use]
    pub fn content(&self) -> Option<&Content> {
        match &self.entry.action {
            OutboxAction::Message { content, .. } | OutboxAction::Edit { content, .. } => {
                content.as_ref()
            }
            _ => None,
        }
    }

    /// The JSON value of a message or an edit.
    #[must_use]
    pub fn data(&self) -> Option<&Data> {
        match &self.entry.action {
            OutboxAction::Message { data, .. } | OutboxAction::Edit { data, .. } => data.as_ref(),
            _ => None,
        }
    }

    /// How far it has come.
    #[must_use]
    pub fn state(&self) -> &SendState {
        &self.state
    }

    /// Why the server will not have it, if so.
    #[must_use]
    pub fn refused(&self) -> Option<&ErrorFrame> {
        match &self.state {
            SendState::Refused(error) => Some(error),
            _ => None,
        }
    }
}

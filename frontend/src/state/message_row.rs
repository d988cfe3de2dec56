//! A message of the log as its row shows it: with the reader's own changes of it that are on their
//! way, and those that the server will not have.

use common::ErrorCode;
use common::client::{MessageView, OutboxAction, PendingSend};
use common::error::ErrorFrame;
use common::event::MessagePosted;
use common::ids::{RequestId, Seq, UserId};
use common::room::RoomAction;
use common::text::Emoji;
use std::sync::Arc;

/// A message, and what is becoming of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MessageRow {
    /// The message, with the changes folded in that the server may take.
    pub message: Arc<MessagePosted>,
    /// The reader's changes that are not in the log yet, in their order.
    pub changes: Vec<Change>,
}

/// One change of the reader's that is not in the log yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// By which it is retried or discarded.
    pub id: RequestId,
    /// What it does.
    pub what: ChangeKind,
    /// Why the server will not have it.
    pub refused: Option<ErrorFrame>,
}

/// What a change does to its message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ChangeKind {
    /// Other words in the place of these.
    Edit(String),
    /// Takes the message back.
    Delete,
    /// Puts a reaction there, or takes it away.
    React(Emoji, bool),
}

impl Change {
    /// The view of a send; nothing where that says something instead of changing what was said.
    #[must_use]
    pub fn of(send: &PendingSend) -> Option<Self> {
        let what = match send.action() {
            OutboxAction::Message { .. } => return None,
            OutboxAction::Edit { content, .. } => ChangeKind::Edit(
                content
                    .as_ref()
                    .map(ToString::to_string)
                    .unwrap_or_default(),
            ),
            OutboxAction::Delete { .. } => ChangeKind::Delete,
            OutboxAction::React { emoji, on, .. } => ChangeKind::React(emoji.clone(), *on),
        };
        Some(Self {
            id: send.id().clone(),
            what,
            refused: send.refused().cloned(),
        })
    }
}

impl MessageRow {
    /// A message that nobody is changing.
    #[must_use]
    pub fn plain(message: Arc<MessagePosted>) -> Self {
        Self {
            message,
            changes: Vec::new(),
        }
    }

    /// The view of a message of the core's.
    #[must_use]
    pub fn of(shown: &MessageView<'_>) -> Self {
        Self {
            message: Arc::clone(&shown.message),
            changes: shown
                .changes
                .iter()
                .filter_map(|send| Change::of(send))
                .collect(),
        }
    }

    /// Whether other words, or its deletion, are on their way.
    #[must_use]
    pub fn is_changing(&self) -> bool {
        let rewrites = |change: &Change| !matches!(change.what, ChangeKind::React(..));
        self.on_their_way().any(rewrites)
    }

    /// Whether a reaction of the reader's is on its way, there or away.
    #[must_use]
    pub fn is_reacting(&self, emoji: &Emoji) -> bool {
        self.on_their_way()
            .any(|change| matches!(&change.what, ChangeKind::React(one, _) if one == emoji))
    }

    fn on_their_way(&self) -> impl Iterator<Item = &Change> {
        self.changes
            .iter()
            .filter(|change| change.refused.is_none())
    }

    /// The changes that the server will not have.
    pub fn refused(&self) -> impl Iterator<Item = &Change> {
        self.changes
            .iter()
            .filter(|change| change.refused.is_some())
    }

    /// Whether a refused change leaves nothing to decide: what it was to take away is gone.
    #[must_use]
    pub fn is_obsolete(&self, change: &Change) -> bool {
        let code = change.refused.as_ref().map(|error| error.code);
        self.message.deleted
            && code == Some(ErrorCode::NoSuchMessage)
            && !matches!(change.what, ChangeKind::Edit(_))
    }
}

/// What the reader may do with a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AvailableActions {
    /// Put a reaction there.
    pub react: bool,
    /// Put other words in the place of these.
    pub edit: bool,
    /// Take it back.
    pub delete: bool,
    /// Copy its text.
    pub copy: bool,
    /// See who wrote it, and what can be done about them.
    pub author: bool,
}

impl AvailableActions {
    /// What this user, who may so much in the room, may do with a message: nothing with one that
    /// was deleted.
    #[must_use]
    pub fn of(message: &MessagePosted, me: &UserId, may: impl Fn(RoomAction) -> bool) -> Self {
        let (is_there, is_mine) = (!message.deleted, message.user == *me);
        let has_words = is_there && message.content.is_some();
        let may_change = is_mine && may(RoomAction::ChangeOwn);
        Self {
            react: is_there && may(RoomAction::React),
            edit: has_words && may_change,
            delete: is_there && (may_change || may(RoomAction::DeleteOthers)),
            copy: has_words,
            author: is_there && !is_mine,
        }
    }
}

/// The newest of a user's own messages that can be edited.
#[must_use]
pub fn last_own(
    messages: impl DoubleEndedIterator<Item = Arc<MessagePosted>>,
    me: &UserId,
    may: impl Fn(RoomAction) -> bool,
) -> Option<(Seq, String)> {
    messages
        .rev()
        .find(|message| AvailableActions::of(message, me, &may).edit)
        .and_then(|message| Some((message.seq, message.content.as_ref()?.to_string())))
}

#[cfg(test)]
mod tests;

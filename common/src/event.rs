//! What happened in a room. Past tense; each has its place in the room's log and never changes.

use crate::ids::{RequestId, Seq, UserId};
use crate::text::{Content, Data, Emoji, RoomName, UserName};
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};

/// The fields of every event, as they are read. One reader for all: each type's own would be a tenth
/// of what a page downloads of this crate.
#[derive(Deserialize)]
struct EventFields {
    room: Option<RoomName>,
    seq: Seq,
    target: Option<Seq>,
    from: UserName,
    user: UserId,
    id: Option<RequestId>,
    content: Option<Content>,
    data: Option<Data>,
    timestamp: Timestamp,
    emoji: Option<Emoji>,
    on: Option<bool>,
    #[serde(default)]
    deleted: bool,
    edited_at: Option<Timestamp>,
    #[serde(default)]
    reactions: Vec<Reaction>,
}

/// A field that this kind of event needs is not there.
#[derive(Debug, thiserror::Error)]
#[error("missing field `{0}`")]
struct MissingField(&'static str);

impl EventFields {
    fn room(&mut self) -> Result<RoomName, MissingField> {
        self.room.take().ok_or(MissingField("room"))
    }

    fn target(&self) -> Result<Seq, MissingField> {
        self.target.ok_or(MissingField("target"))
    }
}

impl TryFrom<EventFields> for MessagePosted {
    type Error = MissingField;

    fn try_from(mut fields: EventFields) -> Result<Self, MissingField> {
        Ok(Self {
            room: fields.room()?,
            seq: fields.seq,
            from: fields.from,
            user: fields.user,
            id: fields.id,
            content: fields.content,
            data: fields.data,
            timestamp: fields.timestamp,
            deleted: fields.deleted,
            edited_at: fields.edited_at,
            reactions: fields.reactions,
        })
    }
}

impl TryFrom<EventFields> for MessageEdited {
    type Error = MissingField;

    fn try_from(mut fields: EventFields) -> Result<Self, MissingField> {
        Ok(Self {
            room: fields.room()?,
            seq: fields.seq,
            target: fields.target()?,
            from: fields.from,
            user: fields.user,
            id: fields.id,
            content: fields.content,
            data: fields.data,
            timestamp: fields.timestamp,
        })
    }
}

impl TryFrom<EventFields> for MessageDeleted {
    type Error = MissingField;

    fn try_from(mut fields: EventFields) -> Result<Self, MissingField> {
        Ok(Self {
            room: fields.room()?,
            seq: fields.seq,
            target: fields.target()?,
            from: fields.from,
            user: fields.user,
            id: fields.id,
            timestamp: fields.timestamp,
        })
    }
}

impl TryFrom<EventFields> for MessageReacted {
    type Error = MissingField;

    fn try_from(mut fields: EventFields) -> Result<Self, MissingField> {
        Ok(Self {
            room: fields.room()?,
            seq: fields.seq,
            target: fields.target()?,
            from: fields.from,
            user: fields.user,
            id: fields.id,
            emoji: fields.emoji.ok_or(MissingField("emoji"))?,
            on: fields.on.ok_or(MissingField("on"))?,
            timestamp: fields.timestamp,
        })
    }
}

impl From<EventFields> for BroadcastPosted {
    fn from(fields: EventFields) -> Self {
        Self {
            seq: fields.seq,
            from: fields.from,
            user: fields.user,
            id: fields.id,
            content: fields.content,
            data: fields.data,
            timestamp: fields.timestamp,
        }
    }
}

/// Somebody said something in a room.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "EventFields")]
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
    /// What it said was erased since; neither `content` nor `data` is there.
    #[serde(default, skip_serializing_if = "is_false")]
    pub deleted: bool,
    /// In a page of history: when it was last edited.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub edited_at: Option<Timestamp>,
    /// In a page of history: the reactions to it, in the order in which they first came.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reactions: Vec<Reaction>,
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde passes fields by reference"
)]
fn is_false(value: &bool) -> bool {
    !value
}

/// One reaction to a message, and who put it there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reaction {
    /// The reaction.
    pub emoji: Emoji,
    /// Who put it there, in that order; never empty.
    pub users: Vec<UserId>,
}

impl MessagePosted {
    /// Folds an edit of this message in.
    pub fn edit(&mut self, edited: &MessageEdited) {
        self.reword(
            edited.content.as_ref(),
            edited.data.as_ref(),
            edited.timestamp,
        );
    }

    /// Puts other words in the place of these.
    pub(crate) fn reword(&mut self, content: Option<&Content>, data: Option<&Data>, at: Timestamp) {
        if self.deleted {
            return;
        }
        self.content = content.cloned();
        self.data = data.cloned();
        self.edited_at = Some(at);
        // An edit that says nothing was erased with its message; the deletion follows.
        self.deleted = self.content.is_none() && self.data.is_none();
    }

    /// Folds a deletion of this message in. What is left of it is the same for those who have seen
    /// its edits and those who have not.
    pub fn delete(&mut self) {
        self.deleted = true;
        self.content = None;
        self.data = None;
        self.edited_at = None;
        self.reactions.clear();
    }

    /// Folds a reaction to this message in.
    pub fn react(&mut self, reacted: &MessageReacted) {
        self.set_reaction(&reacted.emoji, &reacted.user, reacted.on);
    }

    /// Puts a user's reaction there, or takes it away.
    pub(crate) fn set_reaction(&mut self, emoji: &Emoji, user: &UserId, on: bool) {
        if self.deleted {
            return;
        }
        let at = self
            .reactions
            .iter()
            .position(|known| known.emoji == *emoji);
        let known = at.and_then(|at| self.reactions.get_mut(at));
        match (known, on) {
            (Some(known), true) if known.users.contains(user) => {}
            (Some(known), true) => known.users.push(user.clone()),
            (Some(known), false) => known.users.retain(|other| other != user),
            (None, true) => self.reactions.push(Reaction {
                emoji: emoji.clone(),
                users: vec![user.clone()],
            }),
            (None, false) => {}
        }
        self.reactions.retain(|known| !known.users.is_empty());
    }

    /// Whether this user's reaction is there.
    #[must_use]
    pub fn has_reaction(&self, emoji: &Emoji, user: &UserId) -> bool {
        self.reactions
            .iter()
            .any(|known| known.emoji == *emoji && known.users.contains(user))
    }
}

/// The author put other words in a message's place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "EventFields")]
pub struct MessageEdited {
    /// Where.
    pub room: RoomName,
    /// Its place in the room's log.
    pub seq: Seq,
    /// The message that is changed.
    pub target: Seq,
    /// The name, at that time, of the user who did it.
    pub from: UserName,
    /// Who did it.
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

/// A message was taken back. What it said is erased from the log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "EventFields")]
pub struct MessageDeleted {
    /// Where.
    pub room: RoomName,
    /// Its place in the room's log.
    pub seq: Seq,
    /// The message that is changed.
    pub target: Seq,
    /// The name, at that time, of the user who did it.
    pub from: UserName,
    /// Who did it.
    pub user: UserId,
    /// As in [`MessagePosted::id`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<RequestId>,
    /// When the server took it.
    pub timestamp: Timestamp,
}

/// Somebody put a reaction to a message, or took it away.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "EventFields")]
pub struct MessageReacted {
    /// Where.
    pub room: RoomName,
    /// Its place in the room's log.
    pub seq: Seq,
    /// The message that is changed.
    pub target: Seq,
    /// The name, at that time, of the user who did it.
    pub from: UserName,
    /// Who did it.
    pub user: UserId,
    /// As in [`MessagePosted::id`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<RequestId>,
    /// The reaction.
    pub emoji: Emoji,
    /// Whether it is there from now on.
    pub on: bool,
    /// When the server took it.
    pub timestamp: Timestamp,
}

/// Somebody said something to everyone. Its place is in the log of the built-in room,
/// [`RoomName::broadcast`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "EventFields")]
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

impl From<BroadcastPosted> for MessagePosted {
    /// A broadcast is a message in the built-in room.
    fn from(broadcast: BroadcastPosted) -> Self {
        Self {
            room: RoomName::broadcast(),
            seq: broadcast.seq,
            from: broadcast.from,
            user: broadcast.user,
            id: broadcast.id,
            content: broadcast.content,
            data: broadcast.data,
            timestamp: broadcast.timestamp,
            deleted: false,
            edited_at: None,
            reactions: Vec::new(),
        }
    }
}

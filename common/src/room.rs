//! Room settings: who can join, which role a user has, and which actions are allowed.
//!
//! A room whose name somebody chose is public, and is there as soon as it is joined. A private room
//! and a direct conversation have a name that the server made ([`RoomName::hidden`]), so that no
//! attempt to use a name tells anything; people see their title, or who the other one is.

use crate::ids::UserId;
use crate::text::{Line, RoomName, Title};
use crate::time::Timestamp;
use crate::user::User;
use serde::{Deserialize, Serialize};

/// Who may come into a room.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RoomKind {
    /// Everybody on the node.
    #[default]
    Public,
    /// Two people, and never a third.
    Direct,
    /// Its members; for others it does not exist. Also what an older client takes a newer kind for.
    #[serde(other)]
    Private,
}

impl RoomKind {
    /// Every kind.
    pub const ALL: [Self; 3] = [Self::Public, Self::Private, Self::Direct];

    /// Whether everybody may come in.
    #[must_use]
    pub fn is_public(&self) -> bool {
        *self == Self::Public
    }
}

/// What somebody is in a room. Each may all that those before it may.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(rename_all = "snake_case", from = "String")]
pub enum RoomRole {
    /// Nothing: not a member. In a public room that is everybody who does not look after it. Also
    /// what an older client takes a newer standing for.
    #[default]
    Outsider,
    /// A member; in a direct conversation one of the two.
    Member,
    /// Looks after what is said.
    Moderator,
    /// Looks after the room.
    Owner,
}

impl RoomRole {
    /// Every standing, the least first.
    pub const ALL: [Self; 4] = [Self::Outsider, Self::Member, Self::Moderator, Self::Owner];

    /// The word for it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Outsider => "outsider",
            Self::Member => "member",
            Self::Moderator => "moderator",
            Self::Owner => "owner",
        }
    }

    /// Whether it is none.
    #[must_use]
    pub fn is_outsider(&self) -> bool {
        *self == Self::Outsider
    }
}

impl From<String> for RoomRole {
    fn from(word: String) -> Self {
        let found = Self::ALL.into_iter().find(|one| one.as_str() == word);
        found.unwrap_or_default()
    }
}

/// What somebody may want to do in a room.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RoomAction {
    /// Join it, and hear what happens.
    Enter,
    /// Read pages of its messages.
    ReadHistory,
    /// See who is in it.
    SeePresence,
    /// Note how far one has read.
    MarkRead,
    /// Say something.
    Post,
    /// Edit or take back what one has said oneself.
    ChangeOwn,
    /// Put a reaction to a message.
    React,
    /// Take back what somebody else has said.
    DeleteOthers,
    /// Say something although the room is locked, and without the waits of slow mode.
    #[serde(rename = "speak_freely")]
    BypassRestrictions,
    /// See its members and what they are.
    SeeMembers,
    /// Invite people by a link, and take invitations back.
    Invite,
    /// Put somebody out, who may come back if the door lets them.
    Kick,
    /// Ban and mute people, and see who is banned or muted.
    Sanction,
    /// Set title and topic, lock it, set slow mode.
    ChangeSettings,
    /// Change what others are in it.
    #[serde(rename = "change_standings")]
    ChangeRoles,
    /// Archive it, and bring it back.
    Archive,
    /// Something this client does not know yet; nobody may.
    #[serde(other)]
    Unknown,
}

impl RoomAction {
    /// All there are.
    pub const ALL: [Self; 16] = [
        Self::Enter,
        Self::ReadHistory,
        Self::SeePresence,
        Self::MarkRead,
        Self::Post,
        Self::ChangeOwn,
        Self::React,
        Self::DeleteOthers,
        Self::BypassRestrictions,
        Self::SeeMembers,
        Self::Invite,
        Self::Kick,
        Self::Sanction,
        Self::ChangeSettings,
        Self::ChangeRoles,
        Self::Archive,
    ];
}

/// What holds in a room that the connection has joined, and what the user may do there.
///
/// Follows `joined`, and comes again whenever something of it changes. A public room that nobody has
/// set anything of, for a user who may no more there than everybody, sends none: then
/// [`RoomSettings::default_for`] holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoomSettings {
    /// The room.
    pub room: RoomName,
    /// Who may come in.
    #[serde(default, skip_serializing_if = "RoomKind::is_public")]
    pub door: RoomKind,
    /// What it is called; its name where there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<Title>,
    /// What it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub topic: Option<Line>,
    /// In a direct conversation, the other one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub with: Option<User>,
    /// Whether only those may write who may [speak freely](RoomAction::BypassRestrictions).
    #[serde(default, skip_serializing_if = "is_false")]
    pub locked: bool,
    /// Whether nobody may write any more.
    #[serde(default, skip_serializing_if = "is_false")]
    pub archived: bool,
    /// Milliseconds between two messages of one user at the least; zero is no such rule.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub slow_mode_ms: u64,
    /// What the user is here.
    #[serde(default, skip_serializing_if = "RoomRole::is_outsider")]
    pub standing: RoomRole,
    /// What the user may do here, as things are now.
    #[serde(default)]
    pub may: Vec<RoomAction>,
    /// Whether the user is muted here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub muted: Option<Muted>,
}

/// Somebody may not write.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Muted {
    /// Until when; for good where there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Timestamp>,
}

/// What everybody may in a public room.
pub const DEFAULT_ACTIONS: [RoomAction; 8] = [
    RoomAction::Enter,
    RoomAction::ReadHistory,
    RoomAction::SeePresence,
    RoomAction::MarkRead,
    RoomAction::Post,
    RoomAction::ChangeOwn,
    RoomAction::React,
    RoomAction::SeeMembers,
];

impl RoomSettings {
    /// A public room that nobody has set anything of, for a user like everybody.
    #[must_use]
    pub fn default_for(room: RoomName) -> Self {
        Self {
            room,
            door: RoomKind::Public,
            title: None,
            topic: None,
            with: None,
            locked: false,
            archived: false,
            slow_mode_ms: 0,
            standing: RoomRole::Outsider,
            may: DEFAULT_ACTIONS.to_vec(),
            muted: None,
        }
    }

    /// Whether the user may do it, as things are now.
    #[must_use]
    pub fn may(&self, action: RoomAction) -> bool {
        self.may.contains(&action)
    }

    /// Whether this says no more than [`RoomSettings::default_for`].
    #[must_use]
    pub fn is_default(&self) -> bool {
        *self == Self::default_for(self.room.clone())
    }

    /// What people call it.
    #[must_use]
    pub fn display_name(&self) -> &str {
        match (&self.title, &self.with) {
            (Some(title), _) => title.as_str(),
            (None, Some(other)) => other.name.as_str(),
            (None, None) => self.room.as_str(),
        }
    }
}

/// The rooms that the user may see have changed: fetch the list again.
///
/// Sent to all connections of somebody who was let into a private room, or put out of one, or whom
/// somebody has begun a direct conversation with. Best effort.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoomsChanged {
    /// The room that is there now, or not any more.
    pub room: RoomName,
    /// Who did it, where it was not the user.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<UserId>,
}

/// Why somebody who did not ask for it has left a room.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LeftReason {
    /// Put out: in a public room one may come back, in a private one one is no member any more.
    Kicked,
    /// Put out, and not let in again for a while, or for good.
    Banned,
    /// A reason this client does not know yet.
    #[serde(other)]
    Unknown,
}

/// What keeps somebody from writing, or from coming in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SanctionKind {
    /// May not come in.
    Ban,
    /// May read and not write.
    Mute,
}

fn is_false(flag: &bool) -> bool {
    !flag
}

fn is_zero(number: &u64) -> bool {
    *number == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_newer_server_says_is_taken_for_the_least() {
        let read = |json: &str| serde_json::from_str::<RoomSettings>(json).unwrap();
        let settings = read(
            r#"{"room":"a","door":"swing","standing":"emperor","may":["post","fly"],"new":1}"#,
        );
        assert_eq!(settings.door, RoomKind::Private);
        assert_eq!(settings.standing, RoomRole::Outsider);
        assert_eq!(settings.may, [RoomAction::Post, RoomAction::Unknown]);
        assert_eq!(
            serde_json::from_str::<LeftReason>("\"bored\"").unwrap(),
            LeftReason::Unknown
        );
    }

    #[test]
    fn standings_have_one_word_each() {
        for standing in RoomRole::ALL {
            let json = serde_json::to_string(&standing).unwrap();
            assert_eq!(json, format!("\"{}\"", standing.as_str()));
            assert_eq!(serde_json::from_str::<RoomRole>(&json).unwrap(), standing);
        }
    }

    #[test]
    fn a_room_is_called_by_its_title_or_by_who_is_in_it_or_by_its_name() {
        let mut settings = RoomSettings::default_for("general".parse().unwrap());
        assert!(settings.is_default());
        assert_eq!(settings.display_name(), "general");
        settings.with = Some(User {
            id: "u1".parse().unwrap(),
            name: "Ada".parse().unwrap(),
        });
        assert_eq!(settings.display_name(), "Ada");
        settings.title = Some("The lounge".parse().unwrap());
        assert_eq!(settings.display_name(), "The lounge");
        assert!(!settings.is_default());
    }
}

//! What the audit log says was done.

use serde::{Deserialize, Serialize};

/// What was done. Words that are retired are never used for anything else.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AuditAction {
    /// Somebody made an account.
    SignedUp,
    /// Somebody signed in.
    SignedIn,
    /// Somebody did not sign in: no such name with such a password.
    SignInRefused,
    /// A refresh token was used twice; its sign-in ended.
    SignInReused,
    /// Somebody ended a sign-in.
    SignedOut,
    /// A password was changed.
    PasswordChanged,
    /// An account was given another role.
    RoleChanged,
    /// An account is kept out.
    AccountDisabled,
    /// An account is let in again.
    AccountEnabled,
    /// A key was made.
    KeyCreated,
    /// A key was revoked.
    KeyRevoked,
    /// Somebody took back what somebody else has said.
    MessageDeleted,
    /// Somebody made a room.
    RoomMade,
    /// Somebody set something of a room.
    RoomChanged,
    /// Somebody archived a room.
    RoomArchived,
    /// Somebody brought an archived room back.
    RoomReopened,
    /// Somebody was made more or less in a room, or went for good.
    StandingChanged,
    /// Somebody was put out of a room.
    Kicked,
    /// Somebody was banned, from a room or the node.
    Banned,
    /// Somebody was muted, in a room or on the node.
    Muted,
    /// A ban or a mute was lifted.
    SanctionLifted,
    /// Somebody made an invitation.
    InvitationMade,
    /// Somebody took an invitation back.
    InvitationTakenBack,
    /// Somebody came into a room by an invitation.
    InvitationAccepted,
    /// Something that this client does not know yet.
    #[serde(other)]
    Unknown,
}

impl AuditAction {
    /// All there are.
    pub const ALL: [Self; 25] = [
        Self::SignedUp,
        Self::SignedIn,
        Self::SignInRefused,
        Self::SignInReused,
        Self::SignedOut,
        Self::PasswordChanged,
        Self::RoleChanged,
        Self::AccountDisabled,
        Self::AccountEnabled,
        Self::KeyCreated,
        Self::KeyRevoked,
        Self::MessageDeleted,
        Self::RoomMade,
        Self::RoomChanged,
        Self::RoomArchived,
        Self::RoomReopened,
        Self::StandingChanged,
        Self::Kicked,
        Self::Banned,
        Self::Muted,
        Self::SanctionLifted,
        Self::InvitationMade,
        Self::InvitationTakenBack,
        Self::InvitationAccepted,
        Self::Unknown,
    ];

    /// The word for it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::SignedUp => "signed_up",
            Self::SignedIn => "signed_in",
            Self::SignInRefused => "sign_in_refused",
            Self::SignInReused => "sign_in_reused",
            Self::SignedOut => "signed_out",
            Self::PasswordChanged => "password_changed",
            Self::RoleChanged => "role_changed",
            Self::AccountDisabled => "account_disabled",
            Self::AccountEnabled => "account_enabled",
            Self::KeyCreated => "key_created",
            Self::KeyRevoked => "key_revoked",
            Self::MessageDeleted => "message_deleted",
            Self::RoomMade => "room_made",
            Self::RoomChanged => "room_changed",
            Self::RoomArchived => "room_archived",
            Self::RoomReopened => "room_reopened",
            Self::StandingChanged => "standing_changed",
            Self::Kicked => "kicked",
            Self::Banned => "banned",
            Self::Muted => "muted",
            Self::SanctionLifted => "sanction_lifted",
            Self::InvitationMade => "invitation_made",
            Self::InvitationTakenBack => "invitation_taken_back",
            Self::InvitationAccepted => "invitation_accepted",
            Self::Unknown => "unknown",
        }
    }
}

/// There is no such act.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the audit log knows no such act")]
pub struct UnknownAct;

impl std::str::FromStr for AuditAction {
    type Err = UnknownAct;

    fn from_str(text: &str) -> Result<Self, UnknownAct> {
        let found = Self::ALL.into_iter().find(|act| act.as_str() == text);
        found.ok_or(UnknownAct)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn acts_have_one_word_each() {
        for act in AuditAction::ALL {
            assert_eq!(act.as_str().parse::<AuditAction>().ok(), Some(act));
            let json = serde_json::to_string(&act).unwrap();
            assert_eq!(json, format!("\"{}\"", act.as_str()));
        }
    }
}

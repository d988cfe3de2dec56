//! Bodies of the HTTP API that concern rooms: what they are, who is in them, and order in them.

use crate::ids::{InvitationId, SanctionId, Seq, UserId};
use crate::room::{RoomKind, RoomRole, SanctionKind};
use crate::text::{Line, RoomName, Title};
use crate::time::Timestamp;
use crate::token::Token;
use crate::user::User;
use serde::{Deserialize, Serialize};

/// Answers `GET /api/v1/rooms`: the most recently written to first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoomList {
    /// Public rooms that hold messages, that somebody is in or has made; and the private ones and
    /// direct conversations of the user who asks.
    pub rooms: Vec<RoomSummary>,
}

/// One line of a [`RoomList`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoomSummary {
    /// The room.
    pub room: RoomName,
    /// Its newest event.
    pub head: Seq,
    /// Users in it now.
    pub online: usize,
    /// When it was last written to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_at: Option<Timestamp>,
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
    /// Whether nobody may write any more.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub archived: bool,
}

impl RoomSummary {
    /// A public room that nobody has written to or set anything of.
    #[must_use]
    pub fn default_for(room: RoomName, online: usize) -> Self {
        Self {
            room,
            head: Seq::ZERO,
            online,
            last_at: None,
            door: RoomKind::Public,
            title: None,
            topic: None,
            with: None,
            archived: false,
        }
    }
}

/// Body of `POST /api/v1/rooms`: make a room, and be its owner.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CreateRoom {
    /// `public` or `private`.
    #[serde(default)]
    pub door: RoomKind,
    /// The name of a public room. A private one has none: the server makes it one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<RoomName>,
    /// What it is called; a private room needs it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<Title>,
    /// What it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub topic: Option<Line>,
}

/// Body of `POST /api/v1/direct`: talk to somebody alone. The same two always get the same room.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OpenDirect {
    /// The other one.
    pub user: UserId,
}

/// Body of `PATCH /api/v1/rooms/{room}`: what it names is changed. An empty title or topic takes it
/// away. Answered like `GET /api/v1/rooms/{room}`: by
/// [`RoomSettings`](crate::room::RoomSettings).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChangeRoom {
    /// What it is called.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// What it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub topic: Option<String>,
    /// Whether only those may write who look after it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub locked: Option<bool>,
    /// Whether nobody may write any more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub archived: Option<bool>,
    /// Milliseconds between two messages of one user; at most an hour, zero for none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub slow_mode_ms: Option<u64>,
}

/// Answers `GET /api/v1/rooms/{room}/members`: owners first, then by name. Of a public room, those
/// who look after it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MemberList {
    /// The members.
    pub members: Vec<MemberSummary>,
}

/// One line of a [`MemberList`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MemberSummary {
    /// Who.
    pub user: User,
    /// What they are here.
    pub standing: RoomRole,
    /// Since when.
    pub since: Timestamp,
    /// Whether they are in the room now.
    #[serde(default)]
    pub online: bool,
}

/// Body of `PUT /api/v1/rooms/{room}/members/{user}`: let somebody in, or make them more or less
/// than they are. (`DELETE` of the same address puts them out; one's own is to leave for good.)
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChangeRoomRole {
    /// What they are to be.
    pub standing: RoomRole,
}

/// Body of `POST /api/v1/rooms/{room}/sanctions`, and of `POST /api/v1/sanctions`, which holds for
/// the whole node.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CreateSanction {
    /// Whom.
    pub user: UserId,
    /// What.
    pub kind: SanctionKind,
    /// Whether it also holds for everybody at the addresses that the user is connected from now.
    /// Those who look after the room or the node are exempt.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub address: bool,
    /// For how long, in milliseconds, at most a hundred years; for good where there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub for_ms: Option<u64>,
    /// Why; the one concerned is told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<Line>,
}

/// Answers `GET` of the same addresses: those that hold, the newest first. `DELETE
/// …/sanctions/{id}` lifts one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SanctionList {
    /// The sanctions.
    pub sanctions: Vec<SanctionSummary>,
}

/// One line of a [`SanctionList`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SanctionSummary {
    /// Which one.
    pub id: SanctionId,
    /// Whom it concerns.
    pub user: User,
    /// What.
    pub kind: SanctionKind,
    /// Whether it holds for addresses, too.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub address: bool,
    /// Who did it.
    pub by: User,
    /// When.
    pub at: Timestamp,
    /// Until when; for good where there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Timestamp>,
    /// Why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<Line>,
}

/// Body of `POST /api/v1/rooms/{room}/invitations`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CreateInvitation {
    /// For how long it holds, in milliseconds: a week where it is not said, 90 days at the most.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub for_ms: Option<u64>,
    /// How many may come by it; any number where it is not said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub uses: Option<u32>,
}

/// Answers a [`CreateInvitation`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CreatedInvitation {
    /// Which one; opens nothing.
    pub id: InvitationId,
    /// What opens the door. It is shown this once; the page puts it behind the `#` of a link, which
    /// browsers do not send.
    pub code: Token,
    /// Until when it holds.
    pub expires_at: Timestamp,
    /// How many may come by it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub uses: Option<u32>,
}

/// Answers `GET /api/v1/rooms/{room}/invitations`: those that hold, the newest first. `DELETE
/// …/invitations/{id}` takes one back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InvitationList {
    /// The invitations.
    pub invitations: Vec<InvitationSummary>,
}

/// One line of an [`InvitationList`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InvitationSummary {
    /// Which one.
    pub id: InvitationId,
    /// Who made it.
    pub by: User,
    /// When.
    pub created_at: Timestamp,
    /// Until when it holds.
    pub expires_at: Timestamp,
    /// How many may still come by it; any number where there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub uses_left: Option<u32>,
    /// How many have come by it.
    pub used: u32,
}

/// Body of `POST /api/v1/invitations/look` (what is this an invitation to?) and of `POST
/// /api/v1/invitations/accept` (become a member; answered by the room's
/// [`RoomSettings`](crate::room::RoomSettings)).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InvitationCode {
    /// What opens the door.
    pub code: Token,
}

/// Answers a look at an invitation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InvitationPreview {
    /// What the room is called.
    pub title: Title,
    /// What it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub topic: Option<Line>,
    /// Who invites.
    pub by: User,
    /// How many are members.
    pub members: usize,
    /// The room's name, for those who are members already.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub room: Option<RoomName>,
}

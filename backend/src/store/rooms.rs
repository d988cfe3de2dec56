//! What is stored about rooms beside their logs: settings, members, bans and mutes, invitations.

use super::{Hash, StoreError};
use async_trait::async_trait;
use common::ids::{InvitationId, SanctionId, UserId};
use common::room::{RoomKind, RoomRole, SanctionKind};
use common::text::{Line, RoomName, Title};
use common::time::Timestamp;
use common::user::User;

/// Members of one room.
pub const MEMBERS_MAX: usize = 10_000;

/// Bans and mutes that hold at once in one room, or on the node.
pub const SANCTIONS_MAX: usize = 10_000;

/// Invitations that hold at once into one room.
pub const INVITATIONS_MAX: usize = 100;

/// What was set of a room.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoomRecord {
    /// The room.
    pub room: RoomName,
    /// Who may come in; never changes.
    pub door: RoomKind,
    /// What it is called.
    pub title: Option<Title>,
    /// What it is about.
    pub topic: Option<Line>,
    /// Whether only those may write who look after it.
    pub locked: bool,
    /// Whether nobody may write any more.
    pub archived: bool,
    /// Milliseconds between two messages of one user; zero is no such rule.
    pub slow_mode_ms: u64,
    /// When it was first set.
    pub created_at: Timestamp,
}

impl RoomRecord {
    /// Nothing but the door.
    #[must_use]
    pub fn new(room: RoomName, door: RoomKind, created_at: Timestamp) -> Self {
        Self {
            room,
            door,
            title: None,
            topic: None,
            locked: false,
            archived: false,
            slow_mode_ms: 0,
            created_at,
        }
    }
}

/// What the direct conversation of two users is found by: both ids, the lesser first.
pub(super) fn pair_of(one: &UserId, other: &UserId) -> String {
    let (least, most) = if one <= other {
        (one, other)
    } else {
        (other, one)
    };
    // No id has a line break in it.
    format!("{least}\n{most}")
}

/// Somebody who is something in a room.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// Who, by the name of then.
    pub user: User,
    /// What; never [`RoomRole::Outsider`].
    pub standing: RoomRole,
    /// Since when.
    pub since: Timestamp,
}

/// A ban or a mute.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sanction {
    /// Which one.
    pub id: SanctionId,
    /// Whom it concerns, by the name of then.
    pub user: User,
    /// What.
    pub kind: SanctionKind,
    /// The addresses it holds for, too, as numbers: see `limits::Subnet`.
    pub addresses: Vec<u64>,
    /// Who did it.
    pub by: User,
    /// When.
    pub at: Timestamp,
    /// Until when; for good where there is none.
    pub until: Option<Timestamp>,
    /// Why.
    pub reason: Option<Line>,
}

/// All that holds in a room.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredRules {
    /// What was set.
    pub record: RoomRecord,
    /// Owners first, then by name.
    pub members: Vec<Member>,
    /// The newest first.
    pub sanctions: Vec<Sanction>,
}

/// A private room or direct conversation of somebody's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnRoom {
    /// What was set.
    pub record: RoomRecord,
    /// In a direct conversation, the other one.
    pub with: Option<User>,
}

/// What is changed of a room; what is none stays.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RoomChange {
    /// Another title, or none any more.
    pub title: Option<Option<Title>>,
    /// Another topic, or none any more.
    pub topic: Option<Option<Line>>,
    /// See [`RoomRecord::locked`].
    pub locked: Option<bool>,
    /// See [`RoomRecord::archived`].
    pub archived: Option<bool>,
    /// See [`RoomRecord::slow_mode_ms`].
    pub slow_mode_ms: Option<u64>,
}

impl RoomChange {
    /// Changes what is named.
    pub fn apply(self, record: &mut RoomRecord) {
        let Self {
            title,
            topic,
            locked,
            archived,
            slow_mode_ms,
        } = self;
        record.title = title.unwrap_or_else(|| record.title.take());
        record.topic = topic.unwrap_or_else(|| record.topic.take());
        record.locked = locked.unwrap_or(record.locked);
        record.archived = archived.unwrap_or(record.archived);
        record.slow_mode_ms = slow_mode_ms.unwrap_or(record.slow_mode_ms);
    }
}

/// A change of what somebody is in a room.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MemberChange {
    /// The room.
    pub room: RoomName,
    /// Whom it concerns.
    pub user: User,
    /// What they were when it was judged.
    pub was: RoomRole,
    /// What they are to be; [`RoomRole::Outsider`] is no member any more.
    pub standing: RoomRole,
    /// Who did it.
    pub by: UserId,
    /// Whether they are put out of a public room, too.
    pub kicked: bool,
    /// When.
    pub at: Timestamp,
}

/// What became of a change of members.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MemberOutcome {
    /// It is done.
    Done,
    /// They are something else by now: judge anew.
    Stale,
    /// A private room with members would be without an owner.
    LastOwner,
    /// They are banned.
    Banned,
    /// The room has as many members as it may.
    Full,
    /// There is no such private room.
    NoSuchRoom,
}

/// A way into a private room.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invitation {
    /// Which one.
    pub id: InvitationId,
    /// Into which room.
    pub room: RoomName,
    /// Who made it.
    pub by: User,
    /// When.
    pub created_at: Timestamp,
    /// Until when it holds.
    pub expires_at: Timestamp,
    /// How many may still come by it; any number where there is none.
    pub uses_left: Option<u32>,
    /// How many have come by it.
    pub used: u32,
}

impl Invitation {
    /// Whether it opens the door.
    #[must_use]
    pub fn holds(&self, now: Timestamp) -> bool {
        now < self.expires_at && self.uses_left != Some(0)
    }
}

/// An invitation, and what into.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invited {
    /// The invitation.
    pub invitation: Invitation,
    /// The room.
    pub record: RoomRecord,
    /// How many are members.
    pub members: usize,
}

/// What became of an invitation that somebody accepts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Accepted {
    /// They are a member.
    Joined(RoomName),
    /// They were one before; nothing was used up.
    Already(RoomName),
    /// There is no such invitation, or it holds no more, or the room takes nobody.
    Refused,
    /// They are banned.
    Banned,
    /// The room has as many members as it may.
    Full,
}

/// The rooms that something was set of. Every change writes a notice of what it changes in the same
/// step, all or nothing.
#[async_trait]
pub trait RoomStore: Send + Sync {
    /// All that holds in a room; none where nothing was set. What has run out is left out.
    async fn rules(
        &self,
        room: &RoomName,
        now: Timestamp,
    ) -> Result<Option<StoredRules>, StoreError>;

    /// What the user is in the room. Takes as long for a room that is not there.
    async fn standing(&self, room: &RoomName, user: &UserId) -> Result<RoomRole, StoreError>;

    /// Up to `limit` private rooms and direct conversations of the user, the latest joined first.
    async fn rooms_of(&self, user: &UserId, limit: usize) -> Result<Vec<OwnRoom>, StoreError>;

    /// Up to `limit` public rooms that something was set of, the latest first.
    async fn recorded(&self, limit: usize) -> Result<Vec<RoomRecord>, StoreError>;

    /// Makes a room with one owner. Returns whether there was none of that name, neither set nor
    /// written to.
    async fn make(&self, record: RoomRecord, owner: User) -> Result<bool, StoreError>;

    /// The direct conversation of these two, which is `fresh` where there is none yet.
    async fn open_direct(
        &self,
        fresh: RoomName,
        one: User,
        other: User,
        now: Timestamp,
    ) -> Result<RoomName, StoreError>;

    /// Changes what was set of a room; of a public one also where nothing was. Returns whether
    /// there is such a room.
    async fn change_room(
        &self,
        room: &RoomName,
        change: RoomChange,
        now: Timestamp,
    ) -> Result<bool, StoreError>;

    /// Changes what somebody is in a room. In a public one, `Member` is as good as nothing.
    async fn change_member(&self, change: MemberChange) -> Result<MemberOutcome, StoreError>;

    /// Bans or mutes somebody, in a room or (none) on the node, in place of an earlier one of the
    /// same kind. A ban from a room makes them nothing there. Returns whether there was room for it.
    async fn sanction(
        &self,
        room: Option<&RoomName>,
        sanction: Sanction,
    ) -> Result<bool, StoreError>;

    /// Lifts one; returns it. None where none of this id holds there.
    async fn lift(
        &self,
        room: Option<&RoomName>,
        id: &SanctionId,
        now: Timestamp,
    ) -> Result<Option<Sanction>, StoreError>;

    /// Those that hold on the node, the newest first.
    async fn node_sanctions(&self, now: Timestamp) -> Result<Vec<Sanction>, StoreError>;

    /// Adds an invitation, known by the hash of its code. Returns whether there was room for it.
    async fn invite(&self, invitation: Invitation, code: Hash) -> Result<bool, StoreError>;

    /// Those into a room that hold, the newest first.
    async fn invitations(
        &self,
        room: &RoomName,
        now: Timestamp,
    ) -> Result<Vec<Invitation>, StoreError>;

    /// Takes one back. Returns whether there was one.
    async fn take_back(&self, room: &RoomName, id: &InvitationId) -> Result<bool, StoreError>;

    /// What the code is an invitation into; none where it holds no more.
    async fn look(&self, code: Hash, now: Timestamp) -> Result<Option<Invited>, StoreError>;

    /// Makes the user a member, and uses the invitation once.
    async fn accept(&self, code: Hash, user: User, now: Timestamp) -> Result<Accepted, StoreError>;
}

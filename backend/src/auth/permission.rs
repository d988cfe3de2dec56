//! The permission table: who may do what. Nothing else decides.
//!
//! Each action has one row in a `match` without a catch-all, so an action without a row does not
//! compile. The tests list the whole table, cell by cell.

use super::scope::Scope;
use common::role::Role;

pub use common::room::{RoomAction, RoomKind, RoomRole};

/// What somebody may want to do on the node.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum NodeAction {
    /// Say something to everyone.
    Broadcast,
    /// See the accounts, change their roles, disable them.
    ManageAccounts,
    /// Make, list and revoke the keys of programs.
    ManageKeys,
    /// Read who did what.
    ReadAudit,
    /// Ban and mute people everywhere on the node.
    SanctionOnNode,
    /// Make a public room, and own it.
    MakePublicRoom,
    /// Make a private room.
    MakePrivateRoom,
    /// Begin to talk to somebody alone.
    OpenDirect,
    /// Come into a private room by an invitation.
    AcceptInvitation,
}

impl NodeAction {
    /// All there are.
    pub const ALL: [Self; 9] = [
        Self::Broadcast,
        Self::ManageAccounts,
        Self::ManageKeys,
        Self::ReadAudit,
        Self::SanctionOnNode,
        Self::MakePublicRoom,
        Self::MakePrivateRoom,
        Self::OpenDirect,
        Self::AcceptInvitation,
    ];

    /// Whether only somebody may who will come again as the same user: what one owns, and where one
    /// is a member, must not be the next one's who says the same name.
    #[must_use]
    pub fn is_lasting(self) -> bool {
        match self {
            Self::Broadcast | Self::ManageAccounts | Self::ManageKeys | Self::ReadAudit => false,
            Self::SanctionOnNode
            | Self::MakePublicRoom
            | Self::MakePrivateRoom
            | Self::OpenDirect
            | Self::AcceptInvitation => true,
        }
    }
}

/// What the configuration, and the node's life so far, have to say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Policy {
    /// Who may say something to everyone.
    pub broadcast: Role,
    /// Whether the node has an account. Where it has none, guests may broadcast.
    pub claimed: bool,
}

/// Who may: users with at least this role on the node, or at least that role in the room.
#[derive(Debug, Clone, Copy)]
struct Who {
    node: Option<Role>,
    room: Option<RoomRole>,
}

const EVERYBODY: Who = on_node(Role::Guest);
const NOBODY: Who = Who {
    node: None,
    room: None,
};

const fn on_node(role: Role) -> Who {
    Who {
        node: Some(role),
        room: None,
    }
}

const fn in_room(standing: RoomRole) -> Who {
    Who {
        node: None,
        room: Some(standing),
    }
}

const fn either(role: Role, standing: RoomRole) -> Who {
    Who {
        node: Some(role),
        room: Some(standing),
    }
}

/// An action's row: what a program's key must cover, and who may, by the room's door.
struct Row {
    scope: Scope,
    public: Who,
    private: Who,
    direct: Who,
}

fn room_row(action: RoomAction) -> Row {
    use RoomAction as A;
    let members = in_room(RoomRole::Member);
    let open = |scope| Row {
        scope,
        public: EVERYBODY,
        private: members,
        direct: members,
    };
    // What those do who look after a room; in a public one, also those who look after the node.
    let caring = |scope, role, standing| Row {
        scope,
        public: either(role, standing),
        private: in_room(standing),
        direct: NOBODY,
    };
    match action {
        A::Enter | A::ReadHistory | A::SeePresence | A::MarkRead | A::SeeMembers => {
            open(Scope::Read)
        }
        A::Post | A::ChangeOwn | A::React => open(Scope::Write),
        A::BypassRestrictions => caring(Scope::Write, Role::Moderator, RoomRole::Moderator),
        A::DeleteOthers | A::Kick | A::Sanction | A::ChangeSettings => {
            caring(Scope::Moderate, Role::Moderator, RoomRole::Moderator)
        }
        A::ChangeRoles | A::Archive => caring(Scope::Moderate, Role::Admin, RoomRole::Owner),
        A::Invite => Row {
            scope: Scope::Moderate,
            public: NOBODY,
            private: in_room(RoomRole::Moderator),
            direct: NOBODY,
        },
        A::Unknown => Row {
            scope: Scope::Admin,
            public: NOBODY,
            private: NOBODY,
            direct: NOBODY,
        },
    }
}

fn node_row(action: NodeAction, policy: Policy) -> Who {
    match action {
        NodeAction::Broadcast if !policy.claimed => EVERYBODY,
        NodeAction::Broadcast => on_node(policy.broadcast),
        NodeAction::ManageAccounts | NodeAction::ManageKeys | NodeAction::ReadAudit => {
            on_node(Role::Admin)
        }
        NodeAction::SanctionOnNode => on_node(Role::Moderator),
        NodeAction::MakePrivateRoom | NodeAction::OpenDirect => on_node(Role::Member),
        NodeAction::MakePublicRoom | NodeAction::AcceptInvitation => EVERYBODY,
    }
}

impl Who {
    fn includes(self, role: Role, standing: RoomRole) -> bool {
        self.node.is_some_and(|least| role >= least)
            || self.room.is_some_and(|least| standing >= least)
    }
}

/// What a program's key must cover for this; a person's sign-in covers everything.
#[must_use]
pub fn scope_of(action: RoomAction) -> Scope {
    room_row(action).scope
}

/// What a program's key must cover for this.
#[must_use]
pub fn node_scope_of(action: NodeAction) -> Scope {
    match action {
        NodeAction::Broadcast => Scope::Broadcast,
        NodeAction::ManageAccounts | NodeAction::ManageKeys | NodeAction::ReadAudit => Scope::Admin,
        NodeAction::SanctionOnNode => Scope::Moderate,
        NodeAction::MakePublicRoom
        | NodeAction::MakePrivateRoom
        | NodeAction::OpenDirect
        | NodeAction::AcceptInvitation => Scope::Write,
    }
}

/// Whether somebody of this role, who is this in a room with such a door, may do it there.
#[must_use]
pub fn may_in_room(action: RoomAction, role: Role, door: RoomKind, standing: RoomRole) -> bool {
    let row = room_row(action);
    let who = match door {
        RoomKind::Public => row.public,
        RoomKind::Private => row.private,
        RoomKind::Direct => row.direct,
    };
    who.includes(role, standing)
}

/// What somebody counts as in a room: in public ones, those who look after the node look after the
/// room; in others the node's roles count for nothing.
#[must_use]
pub fn rank(role: Role, door: RoomKind, standing: RoomRole) -> RoomRole {
    let lifted = match (door, role) {
        (RoomKind::Public, Role::Admin) => RoomRole::Owner,
        (RoomKind::Public, Role::Moderator) => RoomRole::Moderator,
        _ => RoomRole::Outsider,
    };
    standing.max(lifted)
}

/// Whether somebody of this role may act upon one of that on the node.
#[must_use]
pub fn outranks_on_node(role: Role, other: Role) -> bool {
    role > other
}

/// What keeps somebody from writing who otherwise may.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Restrictions {
    /// Nobody may write there any more.
    pub archived: bool,
    /// Only those may who may [speak freely](RoomAction::BypassRestrictions).
    pub locked: bool,
    /// This one may not.
    pub muted: bool,
}

impl Restrictions {
    /// Whether this is suspended for somebody who may do it otherwise. `freely`: whether they may
    /// speak freely.
    #[must_use]
    pub fn suspend(self, action: RoomAction, freely: bool) -> bool {
        match action {
            RoomAction::Post | RoomAction::ChangeOwn | RoomAction::React => {
                self.archived || self.muted || (self.locked && !freely)
            }
            RoomAction::BypassRestrictions => self.archived || self.muted,
            RoomAction::Invite => self.archived,
            _ => false,
        }
    }
}

/// Whether somebody of this role may do it on the node.
#[must_use]
pub fn may_on_node(action: NodeAction, role: Role, policy: Policy) -> bool {
    node_row(action, policy).includes(role, RoomRole::Outsider)
}

#[cfg(test)]
mod tests;

//! Who may do what: one table, and nothing else decides.
//!
//! Each action has one row, by a `match` without a catch-all, so that an action without a row does
//! not compile. The tests spell the whole table out, cell by cell.

use super::scope::Scope;
use common::role::Role;

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
}

/// What somebody may want to do in a room.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
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
}

/// Who may come into a room.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Door {
    /// Everybody on the node.
    Public,
    /// Its members; for others it does not exist.
    Private,
    /// Two people, and never a third.
    Direct,
}

/// What somebody is in a room. Each may all that those before it may.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Standing {
    /// Nothing: not a member.
    Outsider,
    /// A member; in a direct conversation one of the two.
    Member,
    /// Looks after what is said.
    Moderator,
    /// Looks after the room.
    Owner,
}

/// What the configuration, and the node's life so far, have to say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Policy {
    /// Who may say something to everyone.
    pub broadcast: Role,
    /// Whether the node has an account. Where it has none, guests may broadcast.
    pub claimed: bool,
}

/// Who may: whoever is at least this on the node, or at least that in the room.
#[derive(Debug, Clone, Copy)]
struct Who {
    node: Option<Role>,
    room: Option<Standing>,
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

const fn in_room(standing: Standing) -> Who {
    Who {
        node: None,
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
    let members = in_room(Standing::Member);
    let open = |scope| Row {
        scope,
        public: EVERYBODY,
        private: members,
        direct: members,
    };
    match action {
        A::Enter | A::ReadHistory | A::SeePresence | A::MarkRead => open(Scope::Read),
        A::Post | A::ChangeOwn | A::React => open(Scope::Write),
        A::DeleteOthers => Row {
            scope: Scope::Moderate,
            public: Who {
                node: Some(Role::Moderator),
                room: Some(Standing::Moderator),
            },
            private: in_room(Standing::Moderator),
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
    }
}

impl Who {
    fn includes(self, role: Role, standing: Standing) -> bool {
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
    }
}

/// Whether somebody of this role, who is this in a room with such a door, may do it there.
#[must_use]
pub fn may_in_room(action: RoomAction, role: Role, door: Door, standing: Standing) -> bool {
    let row = room_row(action);
    let who = match door {
        Door::Public => row.public,
        Door::Private => row.private,
        Door::Direct => row.direct,
    };
    who.includes(role, standing)
}

/// Whether somebody of this role may do it on the node.
#[must_use]
pub fn may_on_node(action: NodeAction, role: Role, policy: Policy) -> bool {
    node_row(action, policy).includes(role, Standing::Outsider)
}

#[cfg(test)]
mod tests;

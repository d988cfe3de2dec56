//! An authenticated visitor: who it is, by what proof, and until when.

use super::permission::{self, NodeAction, Policy, RoomAction, RoomKind, RoomRole};
use super::scope::Scopes;
use crate::limits::Payer;
use common::ids::SignInId;
use common::role::Role;
use common::time::Timestamp;
use common::user::User;

/// See the module. One of these goes with every connection, so what only few have is boxed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Visitor {
    /// Who.
    pub user: User,
    /// What the user is on the node.
    pub role: Role,
    /// By what right.
    pub kind: Kind,
}

/// By what right somebody is who they say they are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kind {
    /// Nobody in particular: another one with each connection, or request.
    Anonymous,
    /// Somebody who says a name that nobody holds, and proves nothing.
    Named,
    /// A guest who holds the name by a secret.
    Guest,
    /// Somebody with an account, who has signed in.
    Account(Box<SignInSession>),
    /// A program with a key.
    Key(KeySession),
    /// Somebody whom another program vouches for.
    Foreign {
        /// Its token holds until then.
        until: Timestamp,
    },
}

/// An account's stay.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignInSession {
    /// By which sign-in.
    pub sign_in: SignInId,
    /// The access token holds until then.
    pub until: Timestamp,
    /// How many disconnects the hub had heard of before the store was asked: what ended since then
    /// must end this, too.
    pub as_of: u64,
}

/// A program's stay.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KeySession {
    /// What the key covers.
    pub scopes: Scopes,
    /// As in [`SignInSession::as_of`].
    pub as_of: u64,
}

impl Visitor {
    /// Somebody without an account.
    #[must_use]
    pub fn guest(user: User, kind: Kind) -> Self {
        Self {
            user,
            role: Role::Guest,
            kind,
        }
    }

    /// Whether the same user will come again: what such a one has read is worth keeping.
    #[must_use]
    pub fn is_lasting(&self) -> bool {
        !matches!(self.kind, Kind::Anonymous | Kind::Named)
    }

    /// Who is charged for what this visitor does, from an address of this number.
    #[must_use]
    pub fn payer(&self, address: u64) -> Payer {
        match self.is_lasting() {
            true => Payer::User(self.user.id.clone()),
            false => Payer::Address(address),
        }
    }

    /// Whether it is nobody in particular.
    #[must_use]
    pub fn is_anonymous(&self) -> bool {
        self.kind == Kind::Anonymous
    }

    /// What the key covers that somebody came with; none for people, whose role says it all.
    fn scopes(&self) -> Option<Scopes> {
        match &self.kind {
            Kind::Anonymous
            | Kind::Named
            | Kind::Guest
            | Kind::Account(_)
            | Kind::Foreign { .. } => None,
            Kind::Key(keyed) => Some(keyed.scopes),
        }
    }

    /// The account's stay, for those who have one.
    #[must_use]
    pub fn sign_in_session(&self) -> Option<&SignInSession> {
        match &self.kind {
            Kind::Account(session) => Some(session),
            _ => None,
        }
    }

    /// How many disconnects the hub had heard of when this one was let in; none for guests, whose stay
    /// nobody ends.
    #[must_use]
    pub fn as_of(&self) -> Option<u64> {
        match &self.kind {
            Kind::Account(session) => Some(session.as_of),
            Kind::Key(keyed) => Some(keyed.as_of),
            Kind::Anonymous | Kind::Named | Kind::Guest | Kind::Foreign { .. } => None,
        }
    }

    /// Until when it is who it says it is; none where that does not run out.
    #[must_use]
    pub fn until(&self) -> Option<Timestamp> {
        match &self.kind {
            Kind::Account(session) => Some(session.until),
            Kind::Foreign { until } => Some(*until),
            Kind::Anonymous | Kind::Named | Kind::Guest | Kind::Key(_) => None,
        }
    }

    /// Whether they may do it in a room with such a door, where they are this.
    #[must_use]
    pub fn may(&self, action: RoomAction, door: RoomKind, standing: RoomRole) -> bool {
        let covered = |scopes: Scopes| scopes.cover(permission::scope_of(action));
        self.scopes().is_none_or(covered)
            && permission::may_in_room(action, self.role, door, standing)
    }

    /// Whether they may do it on the node.
    #[must_use]
    pub fn may_on_node(&self, action: NodeAction, policy: Policy) -> bool {
        let covered = |scopes: Scopes| scopes.cover(permission::node_scope_of(action));
        self.scopes().is_none_or(covered)
            && (self.is_lasting() || !action.is_lasting())
            && permission::may_on_node(action, self.role, policy)
    }

    /// Whether in public rooms they may just what everybody may.
    #[must_use]
    pub fn is_ordinary(&self) -> bool {
        self.role < Role::Moderator && self.scopes().is_none()
    }
}

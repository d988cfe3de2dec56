//! What a user may do in a room at present: the permission table, the room's settings, and sanctions.

use super::rules::Rules;
use super::sanctions::{Sanctions, Term};
use crate::auth::Visitor;
use crate::auth::permission::{self, Restrictions, RoomAction, RoomKind, RoomRole};
use common::role::Role;
use common::room::{Muted, RoomSettings};
use common::text::RoomName;
use common::time::Timestamp;
use common::{ErrorCode, ErrorFrame};
use std::sync::Arc;

/// Somebody who wants something, and from where.
#[derive(Debug, Clone, Copy)]
pub struct Requester<'a> {
    /// Who.
    pub visitor: &'a Visitor,
    /// The address, as a number: see `limits::Subnet`.
    pub address: u64,
}

/// See the module.
#[derive(Debug)]
pub struct RoomPermissions<'a> {
    /// The room.
    pub room: &'a RoomName,
    /// Whose.
    pub requester: Requester<'a>,
    /// What holds in the room; none where nothing was set of it, or there is no such hidden room, or
    /// none that the one who asks may know of.
    pub rules: Option<Arc<Rules>>,
    /// Who is banned or muted on the node; none where nobody is.
    pub node: Option<Arc<Sanctions>>,
    /// When; of no matter where nothing holds.
    pub now: Timestamp,
}

impl RoomPermissions<'_> {
    fn door(&self) -> RoomKind {
        match &self.rules {
            Some(rules) => rules.record.door,
            None if self.room.is_hidden() => RoomKind::Private,
            None => RoomKind::Public,
        }
    }

    /// What the one who asks is in the room. Whoever proves nothing is nothing: the next one with
    /// the same name would be it, too.
    #[must_use]
    pub fn standing(&self) -> RoomRole {
        let visitor = self.requester.visitor;
        match &self.rules {
            Some(rules) if visitor.is_lasting() => rules.standing(&visitor.user.id),
            _ => RoomRole::Outsider,
        }
    }

    /// What one counts as who is this in the room and that on the node.
    #[must_use]
    pub fn rank_of(&self, role: Role, standing: RoomRole) -> RoomRole {
        permission::rank(role, self.door(), standing)
    }

    /// What the one who asks counts as.
    #[must_use]
    pub fn rank(&self) -> RoomRole {
        self.rank_of(self.requester.visitor.role, self.standing())
    }

    /// The address, unless the one who asks is exempt from what concerns it.
    fn address(&self) -> Option<u64> {
        let is_caring = self.rank() >= RoomRole::Moderator;
        (!is_caring).then_some(self.requester.address)
    }

    fn ban(&self) -> Option<&Term> {
        let rules = self.rules.as_ref()?;
        let user = &self.requester.visitor.user.id;
        rules.sanctions.ban(user, self.address(), self.now)
    }

    fn mute(&self) -> Option<&Term> {
        let user = &self.requester.visitor.user.id;
        let exempt = self.requester.visitor.role >= Role::Moderator;
        let everywhere = (!exempt).then_some(self.requester.address);
        let on_node = self.node.as_ref();
        let on_node = on_node.and_then(|node| node.mute(user, everywhere, self.now));
        let here = self.rules.as_ref();
        let here = here.and_then(|here| here.sanctions.mute(user, self.address(), self.now));
        on_node.or(here)
    }

    /// Whether they are banned from the room.
    #[must_use]
    pub fn is_banned(&self) -> bool {
        self.ban().is_some()
    }

    /// Whether the table has it that they may, whatever keeps them from it just now.
    fn has_permission(&self, action: RoomAction) -> bool {
        let visitor = self.requester.visitor;
        visitor.may(action, self.door(), self.standing())
    }

    fn restrictions(&self) -> Restrictions {
        let record = self.rules.as_ref().map(|rules| &rules.record);
        Restrictions {
            archived: record.is_some_and(|record| record.archived),
            locked: record.is_some_and(|record| record.locked),
            muted: self.mute().is_some(),
        }
    }

    /// Whether nothing holds but the table.
    fn is_default(&self) -> bool {
        self.rules.is_none() && self.node.is_none()
    }

    /// Whether they may do it now.
    #[must_use]
    pub fn may(&self, action: RoomAction) -> bool {
        self.check(action).is_ok()
    }

    /// Whether they may do it now.
    ///
    /// # Errors
    /// The answer to whoever may not. Who may not know of the room gets the same one as for a room
    /// that is not there.
    pub fn check(&self, action: RoomAction) -> Result<(), ErrorFrame> {
        if self.is_default() && !self.room.is_hidden() {
            return match self.has_permission(action) {
                true => Ok(()),
                false => Err(self.forbidden()),
            };
        }
        self.check_door()?;
        if !self.has_permission(action) {
            return Err(self.forbidden());
        }
        let freely = self.has_permission(RoomAction::BypassRestrictions);
        let restrictions = self.restrictions();
        match restrictions.suspend(action, freely) {
            true => Err(self.restricted(restrictions).about(self.room.clone())),
            false => Ok(()),
        }
    }

    /// Whether the room is there for them, and lets them in.
    ///
    /// # Errors
    /// As in [`RoomPermissions::check`].
    pub fn check_door(&self) -> Result<(), ErrorFrame> {
        if self.door() != RoomKind::Public && self.standing() == RoomRole::Outsider {
            return Err(no_such_room(self.room));
        }
        match self.ban() {
            None => Ok(()),
            Some(term) => {
                let what = "banned from this room";
                let error = explained(ErrorCode::Banned, what, term, self.now);
                Err(error.about(self.room.clone()))
            }
        }
    }

    fn forbidden(&self) -> ErrorFrame {
        let why = match self.room.is_broadcast() {
            true => "this user may not say something to everyone",
            false => "this user may not do that here",
        };
        ErrorFrame::new(ErrorCode::Forbidden, why).about(self.room.clone())
    }

    fn restricted(&self, restrictions: Restrictions) -> ErrorFrame {
        if restrictions.archived {
            let why = "the room is archived: nobody writes here any more";
            return ErrorFrame::new(ErrorCode::RoomArchived, why);
        }
        match self.mute() {
            Some(term) => explained(ErrorCode::Muted, "muted", term, self.now),
            None => {
                let why = "the room is locked: only those write who look after it";
                ErrorFrame::new(ErrorCode::RoomLocked, why)
            }
        }
    }

    /// Whether they may write on the node.
    ///
    /// # Errors
    /// They are muted.
    pub fn check_mute(&self) -> Result<(), ErrorFrame> {
        match self.mute() {
            None => Ok(()),
            Some(term) => Err(explained(ErrorCode::Muted, "muted", term, self.now)),
        }
    }

    /// The time between two messages that they must keep; zero where none.
    #[must_use]
    pub fn slow_mode_ms(&self) -> u64 {
        match &self.rules {
            Some(rules) if !self.has_permission(RoomAction::BypassRestrictions) => {
                rules.record.slow_mode_ms
            }
            _ => 0,
        }
    }

    /// What a client is told, whatever it is.
    #[must_use]
    pub fn settings(&self) -> RoomSettings {
        let mut settings = RoomSettings::default_for(self.room.clone());
        let restrictions = self.restrictions();
        let freely = self.has_permission(RoomAction::BypassRestrictions);
        let may = |action: &RoomAction| {
            self.has_permission(*action) && !restrictions.suspend(*action, freely)
        };
        settings.may = RoomAction::ALL.into_iter().filter(may).collect();
        settings.standing = self.standing();
        settings.muted = self.mute().map(|term| Muted { until: term.until });
        if let Some(rules) = &self.rules {
            let record = &rules.record;
            settings.door = record.door;
            settings.title.clone_from(&record.title);
            settings.topic.clone_from(&record.topic);
            settings.locked = record.locked;
            settings.archived = record.archived;
            settings.slow_mode_ms = record.slow_mode_ms;
            settings.with = rules.with(&self.requester.visitor.user.id).cloned();
        }
        settings
    }

    /// What a client is told, where that is more than goes without saying.
    #[must_use]
    pub fn news(&self) -> Option<RoomSettings> {
        if self.is_default() && self.requester.visitor.is_ordinary() {
            return None;
        }
        Some(self.settings()).filter(|settings| !settings.is_default())
    }
}

/// The refusal of a ban or mute, with its end and its reason.
#[must_use]
pub fn explained(code: ErrorCode, what: &str, term: &Term, now: Timestamp) -> ErrorFrame {
    let why = match &term.reason {
        Some(reason) => format!("you are {what}: {reason}"),
        None => format!("you are {what}"),
    };
    let mut error = ErrorFrame::new(code, why);
    error.retry_after_ms = term.left_ms(now);
    error
}

/// The answer about a room that is not there, and about one that nobody else may know of.
#[must_use]
pub fn no_such_room(room: &RoomName) -> ErrorFrame {
    let why = "there is no such room, or none that this user may know of";
    ErrorFrame::new(ErrorCode::NoSuchRoom, why).about(room.clone())
}

#[cfg(test)]
mod tests;

//! Whether a connection may do what a frame asks for. The table decides, and what holds in
//! the room; what the store may have to be asked for, to enter and to read, is looked at there.

use super::Session;
use crate::auth::permission::{NodeAction, RoomAction};
use crate::limits::{Limit, PayerBuckets};
use crate::room::ManagedConnection;
use crate::room::permissions::{Requester, RoomPermissions};
use crate::session::state::{Action, not_joined};
use crate::store::Body;
use common::ids::Seq;
use common::text::RoomName;
use common::{ErrorCode, ErrorFrame};

/// An action that may be done.
pub(super) struct Authorized {
    pub(super) action: Action,
    /// Milliseconds that are to lie between it and the user's next one; zero for most.
    pub(super) slow_ms: u64,
}

impl Session {
    /// Who wants something, and from where.
    pub(super) fn requester(&self) -> Requester<'_> {
        Requester {
            visitor: &self.visitor,
            address: self.link.address(),
        }
    }

    /// The action with the authority that it is done with, or why it is not done.
    pub(super) fn authorize(&mut self, mut action: Action) -> Result<Authorized, ErrorFrame> {
        let error = match self.look(&mut action) {
            Ok(slow_ms) => return Ok(Authorized { action, slow_ms }),
            Err(error) => error,
        };
        let (room, id) = match action {
            Action::Join(join) | Action::Follow(_, join) => (join.room, join.id),
            Action::Read(room, id, ..) => (room, Some(id)),
            Action::Mark(room, id, _) | Action::Post(room, id, _) | Action::Leave(_, room, id) => {
                (room, id)
            }
            Action::WatchRooms(id) => (RoomName::broadcast(), id),
            Action::Authenticate(_) | Action::Pong(_) => {
                return Ok(Authorized { action, slow_ms: 0 });
            }
        };
        Err(error.about(room).answering(id))
    }

    /// Whether it may be done, and not too much at once; and the room's slow mode, in milliseconds.
    fn look(&mut self, action: &mut Action) -> Result<u64, ErrorFrame> {
        let slow_ms = self.check(action)?;
        self.pace(action)?;
        Ok(slow_ms)
    }

    /// Whether it is not too much at once.
    fn pace(&mut self, action: &Action) -> Result<(), ErrorFrame> {
        let limit = match action {
            Action::Post(..) => Limit::Messages,
            Action::Join(_) | Action::Follow(..) | Action::Read(..) | Action::WatchRooms(_) => {
                Limit::Joins
            }
            Action::Leave(..) | Action::Mark(..) | Action::Authenticate(_) | Action::Pong(_) => {
                return Ok(());
            }
        };
        if let Action::Post(room, ..) = action
            && let Some(live) = self.state.room(room)
            && live.head() == Seq::ZERO
        {
            self.buckets().take(Limit::Rooms)?;
        }
        self.buckets().take(limit)
    }

    /// The buckets that are charged for this connection.
    fn buckets(&mut self) -> &PayerBuckets {
        let (limits, visitor, link) = (&self.config.rates, &self.visitor, &self.link);
        self.buckets
            .get_or_insert_with(|| limits.buckets(&visitor.payer(link.address())))
    }

    /// Whether it may be done; and how many milliseconds are to lie between it and the next, which
    /// concerns messages in slow rooms only.
    fn check(&self, action: &mut Action) -> Result<u64, ErrorFrame> {
        match action {
            Action::Follow(_, join) => self.permissions(&join.room)?.check(RoomAction::Enter)?,
            Action::WatchRooms(_) => self
                .permissions(&RoomName::broadcast())?
                .check(RoomAction::SeePresence)?,
            Action::Mark(room, ..) => self.permissions(room)?.check(RoomAction::MarkRead)?,
            Action::Post(room, _, body) => return self.check_post(room, body),
            Action::Join(_)
            | Action::Read(..)
            | Action::Leave(..)
            | Action::Authenticate(_)
            | Action::Pong(_) => {}
        }
        Ok(0)
    }

    /// What the user may do in a room that the connection is in.
    fn permissions<'a>(&'a self, room: &RoomName) -> Result<RoomPermissions<'a>, ErrorFrame> {
        let live = self.state.room(room).ok_or_else(|| not_joined(room))?;
        Ok(self.hub.rules.permissions_in(live, self.requester()))
    }

    fn check_post(&self, room: &RoomName, body: &mut Body) -> Result<u64, ErrorFrame> {
        if room.is_broadcast() {
            let policy = self.config.accounts.policy();
            if !self.visitor.may_on_node(NodeAction::Broadcast, policy) {
                let why = "this user may not say something to everyone";
                return Err(ErrorFrame::new(ErrorCode::Forbidden, why));
            }
            self.hub.rules.admit_writing(self.requester())?;
            return Ok(0);
        }
        let permissions = self.permissions(room)?;
        match body {
            Body::Message { .. } => {
                permissions.check(RoomAction::Post)?;
                return Ok(permissions.slow_mode_ms());
            }
            Body::Edit { .. } => permissions.check(RoomAction::ChangeOwn)?,
            Body::React { .. } => permissions.check(RoomAction::React)?,
            Body::Delete { any, .. } => {
                *any = permissions.may(RoomAction::DeleteOthers);
                if !*any {
                    permissions.check(RoomAction::ChangeOwn)?;
                }
            }
        }
        Ok(0)
    }
}

//! Whether whoever is connected may do what a frame asks for. The table decides.

use super::Session;
use crate::auth::permission::{Door, NodeAction, RoomAction, Standing};
use crate::limits::Limit;
use crate::session::state::Action;
use crate::store::Body;
use common::text::RoomName;
use common::{ErrorCode, ErrorFrame};

impl Session {
    /// The action with the authority that it is done with, or why it is not done.
    pub(super) fn permit(&mut self, mut action: Action) -> Result<Action, ErrorFrame> {
        let refused = match self.may_do(&mut action) {
            false => None,
            true => match self.pace(&action) {
                Ok(()) => return Ok(action),
                Err(error) => Some(error),
            },
        };
        let (room, id) = match action {
            Action::Enter(join) | Action::Follow(_, join) => (join.room, join.id),
            Action::Read(room, id, ..) => (room, Some(id)),
            Action::Mark(room, id, _) | Action::Post(room, id, _) | Action::Exit(_, room, id) => {
                (room, id)
            }
            Action::Authenticate(_) | Action::Pong(_) => return Ok(action),
        };
        let why = match room.is_broadcast() {
            true => "this user may not say something to everyone",
            false => "this user may not do that here",
        };
        let error = refused.unwrap_or_else(|| ErrorFrame::new(ErrorCode::Forbidden, why));
        Err(error.about(room).answering(id))
    }

    /// Whether it is not too much at once.
    fn pace(&mut self, action: &Action) -> Result<(), ErrorFrame> {
        let limit = match action {
            Action::Post(..) => Limit::Messages,
            Action::Enter(_) | Action::Follow(..) | Action::Read(..) => Limit::Joins,
            Action::Exit(..) | Action::Mark(..) | Action::Authenticate(_) | Action::Pong(_) => {
                return Ok(());
            }
        };
        if self.buckets.is_none() {
            self.buckets = self.config.rates.user(&self.visitor.user.id);
        }
        let Some(buckets) = &self.buckets else {
            return Ok(());
        };
        let taken = match limit {
            Limit::Messages => buckets.take_message(),
            _ => buckets.take_join(),
        };
        taken.map_err(|wait| self.config.rates.refused(limit, wait))
    }

    fn may_do(&self, action: &mut Action) -> bool {
        match action {
            Action::Enter(_) | Action::Follow(..) => self.may(RoomAction::Enter),
            Action::Read(..) => self.may(RoomAction::ReadHistory),
            Action::Mark(..) => self.may(RoomAction::MarkRead),
            Action::Post(room, _, body) => self.may_post(room, body),
            Action::Exit(..) | Action::Authenticate(_) | Action::Pong(_) => true,
        }
    }

    fn may(&self, action: RoomAction) -> bool {
        // Every room is public yet.
        self.visitor.may(action, Door::Public, Standing::Outsider)
    }

    fn may_post(&self, room: &RoomName, body: &mut Body) -> bool {
        match body {
            Body::Message { .. } if room.is_broadcast() => {
                let policy = self.config.accounts.policy();
                self.visitor.may_on_node(NodeAction::Broadcast, policy)
            }
            Body::Message { .. } => self.may(RoomAction::Post),
            Body::Edit { .. } => self.may(RoomAction::ChangeOwn),
            Body::Delete { any, .. } => {
                *any = self.may(RoomAction::DeleteOthers);
                *any || self.may(RoomAction::ChangeOwn)
            }
            Body::React { .. } => self.may(RoomAction::React),
        }
    }
}

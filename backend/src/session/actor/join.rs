//! Telling the client the settings of its rooms, and removing it from a room.

use super::{End, Session};
use crate::auth::permission::RoomAction;
use crate::hub::JoinError;
use crate::room::MembershipKey;
use crate::room::permissions::RoomPermissions;
use crate::wire;
use common::reply::Left;
use common::room::{LeftReason, RoomSettings};
use common::{CloseCode, ServerFrame};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

impl Session {
    /// Something of what the user may do may have changed, here or there. Returns the end of the
    /// connection, where the user is banned from the node.
    pub(super) fn recheck_permissions(&mut self) -> Option<End> {
        if self.hub.rules.admit(self.requester()).is_err() {
            return Some(banned());
        }
        for key in self.state.keys() {
            self.recheck_room(key);
        }
        None
    }

    fn recheck_room(&mut self, key: MembershipKey) {
        let Some(joined) = self.state.get_mut(key) else {
            return;
        };
        let (room, settings_hash) = (Arc::clone(&joined.membership.room), joined.settings_hash);
        if room.name().is_broadcast() {
            return;
        }
        let permissions = self.hub.rules.permissions_in(&room, self.requester());
        if permissions.may(RoomAction::Enter) && self.link.has_cursor(key) {
            let settings_hash = self.tell_settings(&permissions, settings_hash);
            if let Some(joined) = self.state.get_mut(key) {
                joined.settings_hash = settings_hash;
            }
            return;
        }
        let reason = match permissions.is_banned() {
            true => LeftReason::Banned,
            false => LeftReason::Kicked,
        };
        drop(permissions);
        self.link.remove_cursor(key);
        self.state.remove(key);
        self.link.push(&ServerFrame::Left(Left {
            room: room.name().clone(),
            reason: Some(reason),
        }));
    }

    /// Tells what holds in a room, unless the client knows: `settings_hash` is what this returned before, or
    /// zero.
    pub(super) fn tell_settings(
        &self,
        permissions: &RoomPermissions<'_>,
        settings_hash: u64,
    ) -> u64 {
        let news = permissions.news();
        if news.is_none() && settings_hash == 0 {
            return 0;
        }
        let is_default = news.is_none();
        let settings = news.unwrap_or_else(|| RoomSettings::default_for(permissions.room.clone()));
        let frame = wire::text(&ServerFrame::Settings(Box::new(settings)));
        let mut hasher = DefaultHasher::new();
        frame.hash(&mut hasher);
        let now = match is_default {
            true => 0,
            false => hasher.finish().max(1),
        };
        if now != settings_hash {
            self.link.push_encoded(&frame);
        }
        now
    }
}

/// The end of somebody who cannot follow the built-in room.
pub(super) fn kept_out(error: &JoinError) -> End {
    match error {
        JoinError::Store(error) => tracing::debug!(%error, "the built-in room cannot be read"),
        JoinError::Refused(error) => tracing::error!(?error, "the built-in room has no door"),
    }
    End::Close(CloseCode::Internal, "internal error")
}

/// The end of somebody who is banned from the node.
pub(super) fn banned() -> End {
    End::Close(CloseCode::Banned, "banned from this node")
}

//! An authorized action of a user in a room.

use crate::audit::{AuditContext, subject_in_room};
use crate::auth::permission::{self, RoomAction, RoomKind, RoomRole};
use crate::limits::Limit;
use crate::request::AppState;
use crate::request::error::{HttpError, HttpResult};
use crate::request::identity::RequestIdentity;
use crate::room::permissions::{RoomPermissions, no_such_room};
use crate::session::state::reserved_room;
use crate::store::StoredRules;
use common::api::AuditAction;
use common::ids::UserId;
use common::role::Role;
use common::room::RoomSettings;
use common::text::RoomName;
use common::user::User;
use common::{ErrorCode, ErrorFrame};

/// The permissions by which somebody may do it in a room.
///
/// # Errors
/// They may not; or the store cannot be read.
pub(in crate::http) async fn authorize<'a>(
    app: &AppState,
    identity: &'a RequestIdentity,
    room: &'a RoomName,
    action: RoomAction,
) -> HttpResult<RoomPermissions<'a>> {
    let permissions = app
        .hub
        .rules
        .permissions(room, identity.requester())
        .await?;
    permissions.check(action).map_err(HttpError)?;
    Ok(permissions)
}

/// What holds in a room by now, for somebody who has just done something there.
pub(super) async fn settings(
    app: &AppState,
    identity: &RequestIdentity,
    room: &RoomName,
) -> HttpResult<RoomSettings> {
    let permissions = app
        .hub
        .rules
        .permissions(room, identity.requester())
        .await?;
    permissions.check_door().map_err(HttpError)?;
    Ok(permissions.settings())
}

/// See the module.
pub(super) struct Act<'a> {
    pub(super) app: &'a AppState,
    pub(super) identity: &'a RequestIdentity,
    pub(super) room: &'a RoomName,
    pub(super) permissions: RoomPermissions<'a>,
}

/// Somebody whom something is done to.
pub(super) struct Target {
    pub(super) user: User,
    /// What they are on the node.
    pub(super) role: Role,
    /// What they are in the room.
    pub(super) standing: RoomRole,
    /// Whether they will come again as the same user.
    pub(super) lasts: bool,
}

/// A refusal.
pub(super) fn refuse(code: ErrorCode, why: &str) -> HttpError {
    HttpError(ErrorFrame::new(code, why))
}

pub(super) fn nobody() -> HttpError {
    refuse(ErrorCode::NoSuchUser, "there is nobody like that here")
}

fn outranked() -> HttpError {
    let why = "nobody acts upon somebody of the same standing or a higher one";
    refuse(ErrorCode::Forbidden, why)
}

/// Takes leave for what a user may not do too often.
pub(super) fn pace(app: &AppState, identity: &RequestIdentity) -> HttpResult<()> {
    identity.charge(app, Limit::Joins)
}

/// Whom an id names, and what they are on the node; none where nobody is known by it. Whoever came
/// without a proof is found while they are here.
pub(super) async fn find(app: &AppState, id: &UserId) -> HttpResult<Option<(User, Role, bool)>> {
    if let Some((user, role)) = app.accounts.known(id).await? {
        return Ok(Some((user, role, true)));
    }
    // Those whom another program vouches for.
    let lasts = id.as_str().starts_with('@');
    let present = app.hub.rooms.present(id);
    Ok(present.map(|user| (user, Role::Guest, lasts)))
}

impl<'a> Act<'a> {
    /// Somebody who may do this.
    pub(super) async fn authorize(
        app: &'a AppState,
        identity: &'a RequestIdentity,
        room: &'a RoomName,
        action: RoomAction,
    ) -> HttpResult<Self> {
        let act = Self::begin(app, identity, room).await?;
        act.permissions.check(action).map_err(HttpError)?;
        Ok(act)
    }

    /// Somebody for whom the room is there, and of whom more is to be looked at.
    pub(super) async fn begin(
        app: &'a AppState,
        identity: &'a RequestIdentity,
        room: &'a RoomName,
    ) -> HttpResult<Self> {
        if room.is_broadcast() {
            return Err(HttpError(reserved_room().about(room.clone())));
        }
        pace(app, identity)?;
        let permissions = app
            .hub
            .rules
            .permissions(room, identity.requester())
            .await?;
        permissions.check_door().map_err(HttpError)?;
        Ok(Self {
            app,
            identity,
            room,
            permissions,
        })
    }

    pub(super) fn me(&self) -> &User {
        &self.identity.visitor.user
    }

    pub(super) fn door(&self) -> RoomKind {
        let rules = self.permissions.rules.as_ref();
        rules.map_or(RoomKind::Public, |rules| rules.record.door)
    }

    /// All that was set of the room.
    pub(super) async fn stored(&self) -> HttpResult<Option<StoredRules>> {
        let now = self.app.hub.now();
        Ok(self.app.hub.rules.store().rules(self.room, now).await?)
    }

    /// Whom it is done to.
    pub(super) async fn target(&self, id: &UserId) -> HttpResult<Target> {
        let stored = self.stored().await?;
        let members = stored.map(|stored| stored.members).unwrap_or_default();
        let member = members.into_iter().find(|member| member.user.id == *id);
        let standing = member.as_ref().map_or(RoomRole::Outsider, |m| m.standing);
        let found = find(self.app, id).await?;
        let found = found.or_else(|| member.map(|m| (m.user, Role::Guest, true)));
        let (user, role, lasts) = found.ok_or_else(nobody)?;
        Ok(Target {
            user,
            role,
            standing,
            lasts,
        })
    }

    /// Whether the one who acts is above the other.
    pub(super) fn outrank(&self, target: &Target) -> HttpResult<()> {
        let other = self.permissions.rank_of(target.role, target.standing);
        match self.permissions.rank() > other {
            true => Ok(()),
            false => Err(outranked()),
        }
    }

    /// Waits until what was written has taken effect here.
    pub(super) async fn complete(&self) {
        self.app.invalidations.complete().await;
    }

    /// Notes what was done in the room.
    pub(super) fn note(&self, act: AuditAction, subject: Option<&str>) {
        note(
            self.app,
            self.identity,
            act,
            subject_in_room(self.room, subject),
        );
    }

    /// The answer about a room that went while something was done in it.
    pub(super) fn gone(&self) -> HttpError {
        HttpError(no_such_room(self.room))
    }
}

/// Whether somebody of this role may act upon another on the node.
pub(super) fn outrank_on_node(mine: Role, other: Role) -> HttpResult<()> {
    match permission::outranks_on_node(mine, other) {
        true => Ok(()),
        false => Err(outranked()),
    }
}

/// Notes what was done.
pub(super) fn note(app: &AppState, identity: &RequestIdentity, act: AuditAction, subject: String) {
    app.audit.note(
        act,
        AuditContext {
            actor: Some(identity.visitor.user.clone()),
            subject: Some(subject),
            origin: Some(identity.subnet.to_string()),
        },
    );
}

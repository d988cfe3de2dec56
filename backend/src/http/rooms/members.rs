//! `/api/v1/rooms/{room}/members`: a room's members and their roles.

use super::action::{Act, Target, nobody, refuse};
use super::path::{RoomPath, UserPath};
use crate::auth::permission::{RoomAction, RoomKind, RoomRole};
use crate::http::json::JsonBody;
use crate::request::AppState;
use crate::request::error::{HttpError, HttpResult};
use crate::request::identity::RequestIdentity;
use crate::store::{MemberChange, MemberOutcome};
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use common::ErrorCode;
use common::api::AuditAction;
use common::api::rooms::{ChangeRoomRole, MemberList, MemberSummary};
use common::ids::UserId;
use std::collections::HashSet;

/// Who is something in the room, owners first.
pub(in crate::http) async fn list(
    State(app): State<AppState>,
    identity: RequestIdentity,
    RoomPath(room): RoomPath,
) -> HttpResult<Json<MemberList>> {
    let act = Act::authorize(&app, &identity, &room, RoomAction::SeeMembers).await?;
    let stored = act.stored().await?;
    let online: HashSet<_> = app
        .hub
        .rooms
        .users(&room)
        .into_iter()
        .map(|user| user.id)
        .collect();
    let members = stored.map(|stored| stored.members).unwrap_or_default();
    let members = members.into_iter().map(|member| MemberSummary {
        online: online.contains(&member.user.id),
        user: member.user,
        standing: member.standing,
        since: member.since,
    });
    Ok(Json(MemberList {
        members: members.collect(),
    }))
}

/// Lets somebody in, or makes them more or less than they are.
pub(in crate::http) async fn put(
    State(app): State<AppState>,
    identity: RequestIdentity,
    RoomPath(room): RoomPath,
    UserPath(user): UserPath,
    body: Result<JsonBody<ChangeRoomRole>, HttpError>,
) -> HttpResult<StatusCode> {
    let act = Act::begin(&app, &identity, &room).await?;
    let JsonBody(ChangeRoomRole { standing }) = body?;
    if standing == RoomRole::Outsider {
        let why = "`standing` is member, moderator or owner; DELETE puts somebody out";
        return Err(refuse(ErrorCode::InvalidField, why));
    }
    let change = |act: &Act<'_>, target: &Target| {
        authorize_put(act, target, standing)?;
        Ok(standing)
    };
    repeat(&act, &user, false, change).await?;
    let what = format!("{user} is {}", standing.as_str());
    act.note(AuditAction::StandingChanged, Some(&what));
    Ok(StatusCode::NO_CONTENT)
}

fn authorize_put(act: &Act<'_>, target: &Target, standing: RoomRole) -> HttpResult<()> {
    let permissions = &act.permissions;
    let steps_down = target.user.id == act.me().id && standing < target.standing;
    if act.door() != RoomKind::Direct && steps_down {
        return Ok(());
    }
    let lets_in = target.standing == RoomRole::Outsider && standing == RoomRole::Member;
    if !lets_in || !permissions.may(RoomAction::Invite) {
        let may = permissions.check(RoomAction::ChangeRoles);
        may.map_err(HttpError)?;
    }
    if !target.lasts {
        let why = "whoever proves nothing would not be known again";
        return Err(refuse(ErrorCode::NoSuchUser, why));
    }
    // To be made more is nothing that somebody must be protected from who looks after the node.
    let is_raised = standing > target.standing && permissions.rank() > target.standing;
    if !is_raised {
        act.outrank(target)?;
    }
    if standing > permissions.rank() {
        let why = "nobody makes somebody more than they are themselves";
        return Err(refuse(ErrorCode::Forbidden, why));
    }
    Ok(())
}

/// Puts somebody out; oneself, for good.
pub(in crate::http) async fn remove(
    State(app): State<AppState>,
    identity: RequestIdentity,
    RoomPath(room): RoomPath,
    UserPath(user): UserPath,
) -> HttpResult<StatusCode> {
    let act = Act::begin(&app, &identity, &room).await?;
    let leaves = user == identity.visitor.user.id;
    let change = |act: &Act<'_>, target: &Target| {
        if leaves && act.door() != RoomKind::Direct {
            return match target.standing {
                RoomRole::Outsider => Err(nobody()),
                _ => Ok(RoomRole::Outsider),
            };
        }
        let may = act.permissions.check(RoomAction::Kick);
        may.map_err(HttpError)?;
        let is_here = || {
            act.app
                .hub
                .rooms
                .users(act.room)
                .iter()
                .any(|one| one.id == user)
        };
        if target.standing == RoomRole::Outsider && !is_here() {
            return Err(nobody());
        }
        act.outrank(target)?;
        Ok(RoomRole::Outsider)
    };
    repeat(&act, &user, !leaves, change).await?;
    match leaves {
        true => {
            let what = format!("{user} is {}", RoomRole::Outsider.as_str());
            act.note(AuditAction::StandingChanged, Some(&what));
        }
        false => act.note(AuditAction::Kicked, Some(user.as_str())),
    }
    Ok(StatusCode::NO_CONTENT)
}

/// Times that a change is judged anew, because somebody else changed the same meanwhile.
const TRIES: usize = 3;

/// Judges a change and writes it, until nothing has come between.
async fn repeat(
    act: &Act<'_>,
    user: &UserId,
    kicked: bool,
    judge: impl Fn(&Act<'_>, &Target) -> HttpResult<RoomRole>,
) -> HttpResult<()> {
    for _ in 0..TRIES {
        let target = act.target(user).await.map_err(|error| {
            // Who may not look does not learn who there is.
            match act.permissions.check(RoomAction::Kick) {
                Err(refused) if *user != act.me().id => HttpError(refused),
                _ => error,
            }
        })?;
        let standing = judge(act, &target)?;
        let change = MemberChange {
            room: act.room.clone(),
            was: target.standing,
            user: target.user,
            standing,
            by: act.me().id.clone(),
            kicked,
            at: act.app.hub.now(),
        };
        match act.app.hub.rules.store().change_member(change).await? {
            MemberOutcome::Done => {
                act.complete().await;
                return Ok(());
            }
            MemberOutcome::Stale => {}
            outcome => return Err(refused(act, outcome)),
        }
    }
    Err(refuse(
        ErrorCode::Overloaded,
        "somebody else changes the same",
    ))
}

fn refused(act: &Act<'_>, outcome: MemberOutcome) -> HttpError {
    match outcome {
        MemberOutcome::LastOwner => {
            let why = "the last owner cannot go while there are other members: make another one";
            refuse(ErrorCode::Forbidden, why)
        }
        MemberOutcome::Banned => {
            let why = "they are banned from this room: lift that first";
            refuse(ErrorCode::Banned, why)
        }
        MemberOutcome::Full => {
            let why = "the room has as many members as it may";
            refuse(ErrorCode::Forbidden, why)
        }
        MemberOutcome::Done | MemberOutcome::Stale | MemberOutcome::NoSuchRoom => act.gone(),
    }
}

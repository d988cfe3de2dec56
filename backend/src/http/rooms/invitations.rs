//! Invitations: `/api/v1/rooms/{room}/invitations` for those who create them, and `/api/v1/invitations`
//! for those who receive one.

use super::action::{Act, authorize, note, refuse, settings};
use super::path::{InvitationPath, RoomPath};
use crate::audit::subject_in_room;
use crate::auth::invitation;
use crate::auth::permission::{NodeAction, RoomAction, RoomRole};
use crate::http::json::JsonBody;
use crate::request::AppState;
use crate::request::error::{HttpError, HttpResult};
use crate::request::identity::RequestIdentity;
use crate::store::{Accepted, Invitation};
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use common::ErrorCode;
use common::api::AuditAction;
use common::api::rooms::{
    CreateInvitation, CreatedInvitation, InvitationCode, InvitationList, InvitationPreview,
    InvitationSummary,
};
use common::ids::InvitationId;
use common::room::RoomSettings;
use std::time::Duration;

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// How long an invitation holds, unless it is said.
const LIFE: Duration = DAY.saturating_mul(7);

/// How long it may hold.
const LIFE_MAX: Duration = DAY.saturating_mul(90);

fn missing() -> HttpError {
    let why = "the invitation is not known, has run out, was used up, or was taken back";
    refuse(ErrorCode::NoSuchInvitation, why)
}

/// Makes one, whose code is shown this once.
pub(in crate::http) async fn make(
    State(app): State<AppState>,
    identity: RequestIdentity,
    RoomPath(room): RoomPath,
    body: Result<JsonBody<CreateInvitation>, HttpError>,
) -> HttpResult<(StatusCode, Json<CreatedInvitation>)> {
    let act = Act::authorize(&app, &identity, &room, RoomAction::Invite).await?;
    let JsonBody(body) = body?;
    let life = body.for_ms.map_or(LIFE, Duration::from_millis);
    if life.is_zero() || life > LIFE_MAX || body.uses == Some(0) {
        let why = "an invitation holds for 90 days at the most, and for one at the least";
        return Err(refuse(ErrorCode::InvalidField, why));
    }
    let drawn = invitation::draw(app.hub.environment.random.as_ref());
    let (code, hash) = drawn.map_err(|error| HttpError::internal(&error))?;
    let now = app.hub.now();
    let new = Invitation {
        id: InvitationId::from_random(app.random()?),
        room: room.clone(),
        by: act.me().clone(),
        created_at: now,
        expires_at: now.plus(life),
        uses_left: body.uses,
        used: 0,
    };
    if !app.hub.rules.store().invite(new.clone(), hash).await? {
        let why = "there are as many invitations as there may be: take some back";
        return Err(refuse(ErrorCode::Forbidden, why));
    }
    act.note(AuditAction::InvitationMade, Some(new.id.as_str()));
    let made = CreatedInvitation {
        id: new.id,
        code,
        expires_at: new.expires_at,
        uses: body.uses,
    };
    Ok((StatusCode::CREATED, Json(made)))
}

/// Those that hold, the newest first.
pub(in crate::http) async fn list(
    State(app): State<AppState>,
    identity: RequestIdentity,
    RoomPath(room): RoomPath,
) -> HttpResult<Json<InvitationList>> {
    authorize(&app, &identity, &room, RoomAction::Invite).await?;
    let found = app
        .hub
        .rules
        .store()
        .invitations(&room, app.hub.now())
        .await?;
    let invitations = found.into_iter().map(|known| InvitationSummary {
        id: known.id,
        by: known.by,
        created_at: known.created_at,
        expires_at: known.expires_at,
        uses_left: known.uses_left,
        used: known.used,
    });
    Ok(Json(InvitationList {
        invitations: invitations.collect(),
    }))
}

/// Takes one back.
pub(in crate::http) async fn take_back(
    State(app): State<AppState>,
    identity: RequestIdentity,
    RoomPath(room): RoomPath,
    InvitationPath(id): InvitationPath,
) -> HttpResult<StatusCode> {
    let act = Act::authorize(&app, &identity, &room, RoomAction::Invite).await?;
    if !app.hub.rules.store().take_back(&room, &id).await? {
        return Err(missing());
    }
    act.note(AuditAction::InvitationTakenBack, Some(id.as_str()));
    Ok(StatusCode::NO_CONTENT)
}

/// What a code is an invitation into.
pub(in crate::http) async fn look(
    State(app): State<AppState>,
    identity: RequestIdentity,
    body: Result<JsonBody<InvitationCode>, HttpError>,
) -> HttpResult<Json<InvitationPreview>> {
    let JsonBody(InvitationCode { code }) = body?;
    app.limits
        .attempt(identity.subnet, None)
        .await
        .map_err(HttpError)?;
    let store = app.hub.rules.store();
    let found = store.look(invitation::hash(&code), app.hub.now()).await?;
    let found = found.ok_or_else(missing)?;
    let room = found.record.room;
    let standing = match identity.visitor.is_lasting() {
        true => store.standing(&room, &identity.visitor.user.id).await?,
        false => RoomRole::Outsider,
    };
    Ok(Json(InvitationPreview {
        // A private room always has one.
        title: found.record.title.ok_or_else(missing)?,
        topic: found.record.topic,
        by: found.invitation.by,
        members: found.members,
        room: (standing > RoomRole::Outsider).then_some(room),
    }))
}

/// Makes the holder of the code a member.
pub(in crate::http) async fn accept(
    State(app): State<AppState>,
    identity: RequestIdentity,
    body: Result<JsonBody<InvitationCode>, HttpError>,
) -> HttpResult<Json<RoomSettings>> {
    let JsonBody(InvitationCode { code }) = body?;
    app.limits
        .attempt(identity.subnet, None)
        .await
        .map_err(HttpError)?;
    identity.authorize_on_node(&app, NodeAction::AcceptInvitation)?;
    let (store, me) = (app.hub.rules.store(), identity.visitor.user.clone());
    let accepted = store.accept(invitation::hash(&code), me, app.hub.now());
    let room = match accepted.await? {
        Accepted::Joined(room) => {
            app.invalidations.complete().await;
            let subject = subject_in_room(&room, None);
            note(&app, &identity, AuditAction::InvitationAccepted, subject);
            room
        }
        Accepted::Already(room) => room,
        Accepted::Refused => return Err(missing()),
        Accepted::Banned => {
            let why = "you are banned from the room that this is an invitation into";
            return Err(refuse(ErrorCode::Banned, why));
        }
        Accepted::Full => {
            let why = "the room has as many members as it may";
            return Err(refuse(ErrorCode::Forbidden, why));
        }
    };
    Ok(Json(settings(&app, &identity, &room).await?))
}

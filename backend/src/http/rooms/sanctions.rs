//! `/api/v1/rooms/{room}/sanctions`: bans and mutes in one room.

use super::action::{Act, refuse};
use super::path::{RoomPath, SanctionPath};
use crate::auth::permission::RoomAction;
use crate::http::json::JsonBody;
use crate::request::AppState;
use crate::request::error::{HttpError, HttpResult};
use crate::request::identity::RequestIdentity;
use crate::store::Sanction;
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use common::ErrorCode;
use common::api::AuditAction;
use common::api::rooms::{CreateSanction, SanctionList, SanctionSummary};
use common::ids::SanctionId;
use common::room::SanctionKind;
use common::user::User;
use std::time::Duration;

/// A hundred years; what lasts longer is for good.
const FOR_MS_MAX: u64 = 100 * 365 * 24 * 60 * 60 * 1000;

/// Those that hold, the newest first.
pub(in crate::http) async fn list(
    State(app): State<AppState>,
    identity: RequestIdentity,
    RoomPath(room): RoomPath,
) -> HttpResult<Json<SanctionList>> {
    let act = Act::authorize(&app, &identity, &room, RoomAction::Sanction).await?;
    let stored = act.stored().await?;
    let sanctions = stored.map(|stored| stored.sanctions).unwrap_or_default();
    Ok(Json(listed(sanctions)))
}

/// Bans or mutes somebody.
pub(in crate::http) async fn make(
    State(app): State<AppState>,
    identity: RequestIdentity,
    RoomPath(room): RoomPath,
    body: Result<JsonBody<CreateSanction>, HttpError>,
) -> HttpResult<(StatusCode, Json<SanctionSummary>)> {
    let act = Act::authorize(&app, &identity, &room, RoomAction::Sanction).await?;
    let JsonBody(body) = body?;
    let target = act.target(&body.user).await?;
    act.outrank(&target)?;
    let sanction = sanction(&app, &identity, target.user, body)?;
    let added = app
        .hub
        .rules
        .store()
        .sanction(Some(&room), sanction.clone());
    if !added.await? {
        return Err(full());
    }
    act.complete().await;
    act.note(act_of(sanction.kind), Some(sanction.user.id.as_str()));
    Ok((StatusCode::CREATED, Json(summary(sanction))))
}

/// Lifts one.
pub(in crate::http) async fn lift(
    State(app): State<AppState>,
    identity: RequestIdentity,
    RoomPath(room): RoomPath,
    SanctionPath(id): SanctionPath,
) -> HttpResult<StatusCode> {
    let act = Act::authorize(&app, &identity, &room, RoomAction::Sanction).await?;
    let now = app.hub.now();
    let lifted = app.hub.rules.store().lift(Some(&room), &id, now).await?;
    let lifted = lifted.ok_or_else(missing)?;
    act.complete().await;
    act.note(AuditAction::SanctionLifted, Some(lifted.user.id.as_str()));
    Ok(StatusCode::NO_CONTENT)
}

pub(super) fn missing() -> HttpError {
    refuse(ErrorCode::NoSuchSanction, "there is no such ban or mute")
}

pub(super) fn full() -> HttpError {
    let why = "there are as many bans and mutes as there may be: lift some";
    refuse(ErrorCode::Forbidden, why)
}

/// What the audit log says of one.
pub(super) fn act_of(kind: SanctionKind) -> AuditAction {
    match kind {
        SanctionKind::Ban => AuditAction::Banned,
        SanctionKind::Mute => AuditAction::Muted,
    }
}

/// What the body asks for.
pub(super) fn sanction(
    app: &AppState,
    identity: &RequestIdentity,
    user: User,
    body: CreateSanction,
) -> HttpResult<Sanction> {
    if body.for_ms.is_some_and(|ms| ms == 0 || ms > FOR_MS_MAX) {
        let why =
            "`for_ms` is how long it holds, a hundred years at the most; without it, for good";
        return Err(refuse(ErrorCode::InvalidField, why));
    }
    let at = app.hub.now();
    Ok(Sanction {
        id: SanctionId::from_random(app.random()?),
        addresses: match body.address {
            true => app.hub.connections.addresses_of(&user.id),
            false => Vec::new(),
        },
        user,
        kind: body.kind,
        by: identity.visitor.user.clone(),
        at,
        until: body.for_ms.map(|ms| at.plus(Duration::from_millis(ms))),
        reason: body.reason,
    })
}

/// What is told of one; never an address.
pub(super) fn summary(sanction: Sanction) -> SanctionSummary {
    SanctionSummary {
        id: sanction.id,
        user: sanction.user,
        kind: sanction.kind,
        address: !sanction.addresses.is_empty(),
        by: sanction.by,
        at: sanction.at,
        until: sanction.until,
        reason: sanction.reason,
    }
}

pub(super) fn listed(sanctions: Vec<Sanction>) -> SanctionList {
    SanctionList {
        sanctions: sanctions.into_iter().map(summary).collect(),
    }
}

//! `/api/v1/sanctions`: bans and mutes on the whole node.

use super::action::{find, nobody, note, outrank_on_node};
use super::path::SanctionPath;
use super::sanctions::{act_of, full, listed, missing, sanction, summary};
use crate::auth::permission::NodeAction;
use crate::http::json::JsonBody;
use crate::request::AppState;
use crate::request::error::{HttpError, HttpResult};
use crate::request::identity::RequestIdentity;
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use common::api::AuditAction;
use common::api::rooms::{CreateSanction, SanctionList, SanctionSummary};

/// Those that hold, the newest first.
pub(in crate::http) async fn list(
    State(app): State<AppState>,
    identity: RequestIdentity,
) -> HttpResult<Json<SanctionList>> {
    identity.authorize_on_node(&app, NodeAction::SanctionOnNode)?;
    let now = app.hub.now();
    let found = app.hub.rules.store().node_sanctions(now).await?;
    Ok(Json(listed(found)))
}

/// Bans or mutes somebody. Who is banned is closed, and not let in again.
pub(in crate::http) async fn make(
    State(app): State<AppState>,
    identity: RequestIdentity,
    body: Result<JsonBody<CreateSanction>, HttpError>,
) -> HttpResult<(StatusCode, Json<SanctionSummary>)> {
    identity.authorize_on_node(&app, NodeAction::SanctionOnNode)?;
    let JsonBody(body) = body?;
    let (user, role, _) = find(&app, &body.user).await?.ok_or_else(nobody)?;
    outrank_on_node(identity.visitor.role, role)?;
    let sanction = sanction(&app, &identity, user, body)?;
    let store = app.hub.rules.store();
    if !store.sanction(None, sanction.clone()).await? {
        return Err(full());
    }
    app.invalidations.complete().await;
    let (act, user) = (act_of(sanction.kind), sanction.user.id.to_string());
    note(&app, &identity, act, user);
    Ok((StatusCode::CREATED, Json(summary(sanction))))
}

/// Lifts one.
pub(in crate::http) async fn lift(
    State(app): State<AppState>,
    identity: RequestIdentity,
    SanctionPath(id): SanctionPath,
) -> HttpResult<StatusCode> {
    identity.authorize_on_node(&app, NodeAction::SanctionOnNode)?;
    let now = app.hub.now();
    let lifted = app.hub.rules.store().lift(None, &id, now).await?;
    let user = lifted.ok_or_else(missing)?.user.id.to_string();
    app.invalidations.complete().await;
    note(&app, &identity, AuditAction::SanctionLifted, user);
    Ok(StatusCode::NO_CONTENT)
}

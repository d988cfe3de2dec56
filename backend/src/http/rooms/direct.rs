//! `POST /api/v1/direct`: direct conversations.

use super::action::{find, nobody, pace, refuse, settings};
use crate::auth::permission::NodeAction;
use crate::http::json::JsonBody;
use crate::request::AppState;
use crate::request::error::{HttpError, HttpResult};
use crate::request::identity::RequestIdentity;
use axum::Json;
use axum::extract::State;
use common::ErrorCode;
use common::api::rooms::OpenDirect;
use common::room::RoomSettings;
use common::text::RoomName;

/// Opens the conversation with somebody, which is always the same.
pub(in crate::http) async fn open(
    State(app): State<AppState>,
    identity: RequestIdentity,
    body: Result<JsonBody<OpenDirect>, HttpError>,
) -> HttpResult<Json<RoomSettings>> {
    identity.authorize_on_node(&app, NodeAction::OpenDirect)?;
    let JsonBody(OpenDirect { user }) = body?;
    let me = identity.visitor.user.clone();
    if user == me.id {
        let why = "a direct conversation is with somebody else";
        return Err(refuse(ErrorCode::InvalidField, why));
    }
    pace(&app, &identity)?;
    let found = find(&app, &user).await?;
    let (other, ..) = found.filter(|(.., lasts)| *lasts).ok_or_else(nobody)?;
    let fresh = RoomName::hidden(app.random()?);
    let now = app.hub.now();
    let store = app.hub.rules.store();
    let room = store.open_direct(fresh, me, other, now).await?;
    app.invalidations.complete().await;
    Ok(Json(settings(&app, &identity, &room).await?))
}

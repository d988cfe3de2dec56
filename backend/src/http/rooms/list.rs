//! `GET /api/v1/rooms`.

use super::action::authorize;
use crate::auth::permission::RoomAction;
use crate::request::AppState;
use crate::request::error::{HttpError, HttpResult};
use crate::request::identity::RequestIdentity;
use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use common::ErrorCode;
use common::api::RoomList;
use common::text::{RoomName, TextError};
use serde::Deserialize;

/// Rooms with similar names in one answer.
const SIMILAR_MAX: usize = 10;

/// Own rooms, and public ones that hold messages, the most recently written to first; then empty
/// ones.
pub(in crate::http) async fn list(
    State(app): State<AppState>,
    identity: RequestIdentity,
) -> HttpResult<Json<RoomList>> {
    authorize(
        &app,
        &identity,
        &RoomName::broadcast(),
        RoomAction::SeePresence,
    )
    .await?;
    let visitor = &identity.visitor;
    let user = visitor.is_lasting().then_some(&visitor.user.id);
    let rooms = app.hub.room_list.list(user).await?;
    Ok(Json(RoomList { rooms }))
}

/// A room's name that somebody has in mind.
#[derive(Deserialize)]
pub(in crate::http) struct SimilarQuery {
    /// Not `name`: that says who asks.
    room: String,
}

/// Public rooms whose names are hard to tell from one.
pub(in crate::http) async fn similar(
    State(app): State<AppState>,
    identity: RequestIdentity,
    query: Result<Query<SimilarQuery>, QueryRejection>,
) -> HttpResult<Json<RoomList>> {
    authorize(
        &app,
        &identity,
        &RoomName::broadcast(),
        RoomAction::SeePresence,
    )
    .await?;
    let refuse =
        |why: &dyn std::fmt::Display| HttpError::invalid(ErrorCode::InvalidRoom, "`room`", why);
    let Query(SimilarQuery { room }) = query.map_err(|_| refuse(&"it is missing"))?;
    let room: RoomName = room.parse().map_err(|why: TextError| refuse(&why))?;
    let rooms = app.hub.room_list.similar(&room, SIMILAR_MAX).await?;
    Ok(Json(RoomList { rooms }))
}

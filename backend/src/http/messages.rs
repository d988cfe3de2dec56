//! `/api/v1/rooms/{room}/messages` and `/api/v1/broadcasts`: the hub without a socket.

use super::json::JsonText;
use super::rooms::action::authorize;
use super::rooms::path::RoomPath;
use crate::auth::Visitor;
use crate::auth::permission::{NodeAction, RoomAction};
use crate::hub::Origin;
use crate::hub::post::Post;
use crate::limits::Limit;
use crate::request::AppState;
use crate::request::error::{HttpError, HttpResult};
use crate::request::identity::RequestIdentity;
use crate::session::state::{check_content, check_room, page_limit, range, reserved_room};
use crate::store::{Body, NewEvent};
use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use common::api::{Publish, Published};
use common::codec::decode_publish;
use common::ids::Seq;
use common::reply::HistoryPage;
use common::text::RoomName;
use common::{ErrorCode, ErrorFrame};
use serde::Deserialize;
use tokio::sync::oneshot;

/// Which page.
#[derive(Deserialize)]
pub(super) struct PageQuery {
    before: Option<Seq>,
    after: Option<Seq>,
    limit: Option<usize>,
}

/// Reads a page.
pub(super) async fn page(
    State(app): State<AppState>,
    identity: RequestIdentity,
    RoomPath(room): RoomPath,
    query: Result<Query<PageQuery>, QueryRejection>,
) -> HttpResult<Json<HistoryPage>> {
    let Query(query) = query.map_err(|rejection| {
        HttpError::invalid(ErrorCode::InvalidField, "the query", rejection.body_text())
    })?;
    authorize(&app, &identity, &room, RoomAction::ReadHistory).await?;
    let range = range(query.before, query.after).map_err(HttpError)?;
    let limit = page_limit(query.limit).map_err(HttpError)?;
    Ok(Json(app.hub.logs.history(&room, range, limit).await?))
}

/// Publishes into a room. The answer comes when the message is on disk.
pub(super) async fn publish(
    State(app): State<AppState>,
    identity: RequestIdentity,
    RoomPath(room): RoomPath,
    body: Result<JsonText, HttpError>,
) -> HttpResult<(StatusCode, Json<Published>)> {
    if room.is_broadcast() {
        return Err(HttpError(reserved_room().about(room)));
    }
    check_room(&room).map_err(HttpError)?;
    let permissions = authorize(&app, &identity, &room, RoomAction::Post).await?;
    let message = read_body(body)?;
    check_id(&identity.visitor, &message)?;
    identity.charge(&app, Limit::Messages)?;
    if !app.hub.rooms.is_used(&room).await? {
        identity.charge(&app, Limit::Rooms)?;
    }
    let (payer, slow_ms) = (identity.payer(), permissions.slow_mode_ms());
    app.hub
        .rules
        .pace(&room, &payer, slow_ms)
        .await
        .map_err(HttpError)?;
    drop(permissions);
    append(&app, identity.visitor, room, message).await
}

/// Publishes to everyone.
pub(super) async fn broadcast(
    State(app): State<AppState>,
    identity: RequestIdentity,
    body: Result<JsonText, HttpError>,
) -> HttpResult<(StatusCode, Json<Published>)> {
    let policy = app.accounts.policy();
    if !identity.visitor.may_on_node(NodeAction::Broadcast, policy) {
        let why = "this user may not say something to everyone";
        let error = ErrorFrame::new(ErrorCode::Forbidden, why);
        return Err(HttpError(error.about(RoomName::broadcast())));
    }
    app.hub
        .rules
        .admit_writing(identity.requester())
        .map_err(HttpError)?;
    let message = read_body(body)?;
    check_id(&identity.visitor, &message)?;
    identity.charge(&app, Limit::Messages)?;
    append(&app, identity.visitor, RoomName::broadcast(), message).await
}

fn read_body(body: Result<JsonText, HttpError>) -> HttpResult<Publish> {
    let message = decode_publish(&body?.0).map_err(HttpError)?;
    check_content(message.content.as_ref()).map_err(HttpError)?;
    Ok(message)
}

/// An `id` is of use to those who come again.
fn check_id(visitor: &Visitor, message: &Publish) -> HttpResult<()> {
    if message.id.is_some() && visitor.is_anonymous() {
        let why = "it protects nobody who is somebody else with each request; say who you are with `?name=`";
        return Err(HttpError::invalid(ErrorCode::InvalidField, "`id`", why));
    }
    Ok(())
}

async fn append(
    app: &AppState,
    visitor: Visitor,
    room: RoomName,
    message: Publish,
) -> HttpResult<(StatusCode, Json<Published>)> {
    if app.shutdown.is_cancelled() {
        return Err(HttpError::shutting_down());
    }
    let (caller, outcome) = oneshot::channel();
    let event = NewEvent {
        room,
        author: visitor.user,
        id: message.id,
        body: Body::Message {
            content: message.content,
            data: message.data,
        },
        timestamp: app.hub.now(),
    };
    let post = Post {
        event,
        origin: Origin::Caller(caller),
    };
    app.hub
        .logs
        .post(post)
        .map_err(|error| HttpError(ErrorFrame::new(ErrorCode::Overloaded, error.to_string())))?;
    let placed = outcome
        .await
        .map_err(|_| HttpError::shutting_down())?
        .map_err(HttpError)?;
    let status = if placed.repeat {
        StatusCode::OK
    } else {
        StatusCode::CREATED
    };
    let published = Published {
        room: placed.room,
        epoch: placed.epoch,
        seq: placed.seq,
        timestamp: placed.timestamp,
    };
    Ok((status, Json(published)))
}

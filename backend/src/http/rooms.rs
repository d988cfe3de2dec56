//! `/api/v1/rooms`: the list of rooms, a room's settings, and who is online in it.

pub(super) mod action;
pub(super) mod direct;
pub(super) mod invitations;
pub(super) mod list;
pub(super) mod members;
pub(super) mod node;
pub(super) mod path;
pub(super) mod sanctions;
pub(super) mod settings;

use crate::auth::permission::RoomAction;
use crate::request::AppState;
use crate::request::error::HttpResult;
use crate::request::identity::RequestIdentity;
use action::{Act, authorize};
use axum::Json;
use axum::extract::State;
use common::api::PresenceReply;
use common::limits::PRESENCE_USERS_MAX;
use common::room::RoomSettings;
use path::RoomPath;

/// A room's settings, as they apply to the user who asks.
pub(super) async fn show(
    State(app): State<AppState>,
    identity: RequestIdentity,
    RoomPath(room): RoomPath,
) -> HttpResult<Json<RoomSettings>> {
    let act = Act::authorize(&app, &identity, &room, RoomAction::Enter).await?;
    Ok(Json(act.permissions.settings()))
}

/// Who is in a room.
pub(super) async fn presence(
    State(app): State<AppState>,
    identity: RequestIdentity,
    RoomPath(room): RoomPath,
) -> HttpResult<Json<PresenceReply>> {
    authorize(&app, &identity, &room, RoomAction::SeePresence).await?;
    let users = app.hub.rooms.users(&room);
    Ok(Json(PresenceReply {
        count: users.len(),
        users: (users.len() <= PRESENCE_USERS_MAX).then_some(users),
        room,
    }))
}

//! `/api/v1/rooms`: which rooms there are, and who is in one.

use super::AppState;
use super::error::{HttpError, HttpResult};
use super::identity::Identity;
use super::messages::{may, permit};
use crate::auth::permission::RoomAction;
use axum::Json;
use axum::extract::{FromRequestParts, Path, State};
use axum::http::request::Parts;
use common::ErrorCode;
use common::api::{PresenceReply, RoomList, RoomSummary};
use common::limits::PRESENCE_USERS_MAX;
use common::text::{RoomName, TextError};
use std::collections::HashMap;

/// Rooms in the list.
const ROOMS_MAX: usize = 500;

/// The room that the address names.
pub(super) struct RoomPath(pub(super) RoomName);

impl<S: Send + Sync> FromRequestParts<S> for RoomPath {
    type Rejection = HttpError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, HttpError> {
        let refuse = |why: &dyn std::fmt::Display| {
            HttpError::invalid(ErrorCode::InvalidRoom, "the room's name", why)
        };
        let Path(text) = Path::<String>::from_request_parts(parts, state)
            .await
            .map_err(|rejection| refuse(&rejection.body_text()))?;
        text.parse()
            .map(Self)
            .map_err(|error: TextError| refuse(&error))
    }
}

/// Rooms that hold messages, the most recently written to first; then empty ones somebody is in.
pub(super) async fn list(
    State(app): State<AppState>,
    Identity(visitor): Identity,
) -> HttpResult<Json<RoomList>> {
    permit(
        may(&visitor, RoomAction::SeePresence),
        &RoomName::broadcast(),
    )?;
    let mut online: HashMap<_, _> = app.hub.live_rooms().into_iter().collect();
    let written = app.hub.rooms(ROOMS_MAX).await?;
    let mut rooms: Vec<_> = written
        .into_iter()
        .map(|row| {
            let online = online.remove(&row.room).unwrap_or(0);
            RoomSummary {
                head: row.head,
                last_at: Some(row.last_at),
                ..RoomSummary::plain(row.room, online)
            }
        })
        .collect();
    // What is left was never written to, or long ago: only the first kind has head zero, and the
    // list is full before the second kind matters.
    let mut empty: Vec<_> = online.into_iter().collect();
    empty.sort();
    let room_left = ROOMS_MAX.saturating_sub(rooms.len());
    rooms.extend(
        empty
            .into_iter()
            .take(room_left)
            .map(|(room, online)| RoomSummary::plain(room, online)),
    );
    Ok(Json(RoomList { rooms }))
}

/// Who is in a room.
pub(super) async fn presence(
    State(app): State<AppState>,
    Identity(visitor): Identity,
    RoomPath(room): RoomPath,
) -> HttpResult<Json<PresenceReply>> {
    permit(may(&visitor, RoomAction::SeePresence), &room)?;
    let users = app.hub.users(&room);
    Ok(Json(PresenceReply {
        count: users.len(),
        users: (users.len() <= PRESENCE_USERS_MAX).then_some(users),
        room,
    }))
}

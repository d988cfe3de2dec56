//! `/api/v1/rooms`: which rooms there are, and who is in one.

use super::AppState;
use super::error::{HttpError, HttpResult};
use axum::Json;
use axum::extract::{Path, State};
use common::ErrorCode;
use common::api::{PresenceReply, RoomList, RoomSummary};
use common::ids::Seq;
use common::limits::PRESENCE_USERS_MAX;
use common::text::RoomName;
use std::collections::HashMap;

/// Rooms in the list.
const ROOMS_MAX: usize = 500;

/// A room's name from the address.
pub(super) fn room_name(text: &str) -> HttpResult<RoomName> {
    text.parse()
        .map_err(|error| HttpError::invalid(ErrorCode::InvalidRoom, "the room's name", error))
}

/// Rooms that hold messages, the most recently written to first; then empty ones somebody is in.
pub(super) async fn list(State(app): State<AppState>) -> HttpResult<Json<RoomList>> {
    let mut online: HashMap<_, _> = app.hub.live_rooms().into_iter().collect();
    let written = app.hub.rooms(ROOMS_MAX).await?;
    let mut rooms: Vec<_> = written
        .into_iter()
        .map(|row| RoomSummary {
            online: online.remove(&row.room).unwrap_or(0),
            room: row.room,
            head: row.head,
            last_at: Some(row.last_at),
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
            .map(|(room, online)| RoomSummary {
                room,
                head: Seq::ZERO,
                online,
                last_at: None,
            }),
    );
    Ok(Json(RoomList { rooms }))
}

/// Who is in a room.
pub(super) async fn presence(
    State(app): State<AppState>,
    Path(room): Path<String>,
) -> HttpResult<Json<PresenceReply>> {
    let room = room_name(&room)?;
    let users = app.hub.users(&room);
    Ok(Json(PresenceReply {
        count: users.len(),
        users: (users.len() <= PRESENCE_USERS_MAX).then_some(users),
        room,
    }))
}

//! `GET /api/v1/rooms`.

use super::action::authorize;
use crate::auth::permission::RoomAction;
use crate::request::AppState;
use crate::request::error::{HttpError, HttpResult};
use crate::request::identity::RequestIdentity;
use crate::store::{RoomRecord, RoomRow};
use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use common::ErrorCode;
use common::api::{RoomList, RoomSummary};
use common::text::{RoomName, TextError};
use serde::Deserialize;
use std::cmp::Reverse;
use std::collections::HashMap;

/// Rooms in the list.
const ROOMS_MAX: usize = 500;

/// Rooms with similar names in one answer.
const SIMILAR_MAX: usize = 10;

/// Public rooms whose titles are looked up for it.
const RECORDS_MAX: usize = 2000;

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
    let mut rooms = own(&app, &identity).await?;
    let room_left = ROOMS_MAX.saturating_sub(rooms.len());
    rooms.extend(public(&app, room_left).await?);
    rooms.sort_by_key(|room| Reverse(room.last_at));
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
    let rooms = app.hub.rooms.similar(&room, SIMILAR_MAX).await?;
    let mut rows = by_name(app.hub.logs.rows(&rooms).await?);
    let summaries = rooms.into_iter().map(|room| {
        let row = rows.remove(&room);
        let online = app.hub.rooms.online(&room);
        written(RoomSummary::default_for(room, online), row)
    });
    Ok(Json(RoomList {
        rooms: summaries.collect(),
    }))
}

/// Private rooms and direct conversations of the user who asks.
async fn own(app: &AppState, identity: &RequestIdentity) -> HttpResult<Vec<RoomSummary>> {
    if !identity.visitor.is_lasting() {
        return Ok(Vec::new());
    }
    let user = &identity.visitor.user.id;
    let own = app.hub.rules.store().rooms_of(user, ROOMS_MAX).await?;
    let names: Vec<_> = own.iter().map(|own| own.record.room.clone()).collect();
    let mut rows = by_name(app.hub.logs.rows(&names).await?);
    let rooms = own.into_iter().map(|own| {
        let online = app.hub.rooms.online(&own.record.room);
        let row = rows.remove(&own.record.room);
        let mut summary = of_record(own.record, online);
        summary.with = own.with;
        written(summary, row)
    });
    Ok(rooms.collect())
}

async fn public(app: &AppState, max: usize) -> HttpResult<Vec<RoomSummary>> {
    let mut online: HashMap<_, _> = app.hub.rooms.live_rooms().into_iter().collect();
    let records = app.hub.rules.store().recorded(RECORDS_MAX).await?;
    let records = records
        .into_iter()
        .map(|record| (record.room.clone(), record));
    let mut records: HashMap<_, _> = records.collect();
    let mut summary = |room: RoomName, online: usize| match records.remove(&room) {
        Some(record) => of_record(record, online),
        None => RoomSummary::default_for(room, online),
    };
    let mut rooms: Vec<_> = app
        .hub
        .logs
        .public_rooms(max)
        .await?
        .into_iter()
        .map(|row| {
            let online = online.remove(&row.room).unwrap_or(0);
            written(summary(row.room.clone(), online), Some(row))
        })
        .collect();
    // What is left was never written to, or long ago: only the first kind has head zero, and the
    // list is full before the second kind matters.
    let left = online.into_iter();
    let mut empty: Vec<_> = left.map(|(room, online)| summary(room, online)).collect();
    empty.extend(records.into_values().map(|record| of_record(record, 0)));
    empty.sort_by(|a, b| a.room.cmp(&b.room));
    let room_left = max.saturating_sub(rooms.len());
    rooms.extend(empty.into_iter().take(room_left));
    Ok(rooms)
}

fn of_record(record: RoomRecord, online: usize) -> RoomSummary {
    RoomSummary {
        door: record.door,
        title: record.title,
        topic: record.topic,
        archived: record.archived,
        ..RoomSummary::default_for(record.room, online)
    }
}

fn written(summary: RoomSummary, row: Option<RoomRow>) -> RoomSummary {
    match row {
        None => summary,
        Some(row) => RoomSummary {
            head: row.head,
            last_at: Some(row.last_at),
            ..summary
        },
    }
}

fn by_name(rows: Vec<RoomRow>) -> HashMap<RoomName, RoomRow> {
    let rows = rows.into_iter().map(|row| (row.room.clone(), row));
    rows.collect()
}

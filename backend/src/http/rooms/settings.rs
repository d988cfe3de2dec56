//! Creating a room, and changing its settings.

use super::action::{Act, note, pace, refuse, settings};
use super::path::RoomPath;
use crate::audit::subject_in_room;
use crate::auth::permission::{NodeAction, RoomAction, RoomKind};
use crate::http::json::JsonBody;
use crate::limits::Limit;
use crate::request::AppState;
use crate::request::error::{HttpError, HttpResult};
use crate::request::identity::RequestIdentity;
use crate::store::{RoomChange, RoomRecord};
use crate::unicode::check_visible;
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use common::ErrorCode;
use common::api::AuditAction;
use common::api::rooms::ChangeRoom;
use common::room::RoomSettings;
use common::text::{Line, RoomName, TextError, Title};
use serde::Deserialize;
use std::str::FromStr;

/// Milliseconds between two messages, at the most.
const SLOW_MODE_MAX_MS: u64 = 60 * 60 * 1000;

/// A [`common::api::rooms::CreateRoom`] whose name has not been looked at.
#[derive(Deserialize)]
pub(in crate::http) struct UncheckedRoom {
    #[serde(default)]
    door: RoomKind,
    name: Option<String>,
    title: Option<Title>,
    topic: Option<Line>,
}

fn invalid(why: &str) -> HttpError {
    refuse(ErrorCode::InvalidField, why)
}

/// Creates a room; the user who creates it becomes its owner.
pub(in crate::http) async fn make(
    State(app): State<AppState>,
    identity: RequestIdentity,
    body: Result<JsonBody<UncheckedRoom>, HttpError>,
) -> HttpResult<(StatusCode, Json<RoomSettings>)> {
    let JsonBody(body) = body?;
    let action = match body.door {
        RoomKind::Public => NodeAction::MakePublicRoom,
        RoomKind::Private => NodeAction::MakePrivateRoom,
        RoomKind::Direct => {
            return Err(invalid("a direct conversation is begun at /api/v1/direct"));
        }
    };
    identity.authorize_on_node(&app, action)?;
    visible("`title`", body.title.as_ref().map(Title::as_str))?;
    visible("`topic`", body.topic.as_ref().map(Line::as_str))?;
    let room = match (body.door, body.name) {
        (RoomKind::Public, Some(name)) => chosen(&name)?,
        (RoomKind::Public, None) => return Err(invalid("a public room needs a `name`")),
        (_, Some(_)) => return Err(invalid("the server names private rooms")),
        (_, None) if body.title.is_none() => {
            return Err(invalid("a private room needs a `title`"));
        }
        (_, None) => RoomName::hidden(app.random()?),
    };
    pace(&app, &identity)?;
    identity.charge(&app, Limit::Rooms)?;
    let taken = || {
        let why = "there is a room of that name already";
        let error = refuse(ErrorCode::RoomTaken, why);
        HttpError(error.0.about(room.clone()))
    };
    if app.hub.rooms.is_used(&room).await? {
        return Err(taken());
    }
    let mut record = RoomRecord::new(room.clone(), body.door, app.hub.now());
    record.title = body.title;
    record.topic = body.topic;
    let owner = identity.visitor.user.clone();
    if !app.hub.rules.store().make(record, owner).await? {
        return Err(taken());
    }
    app.invalidations.complete().await;
    note(
        &app,
        &identity,
        AuditAction::RoomMade,
        subject_in_room(&room, None),
    );
    let settings = settings(&app, &identity, &room).await?;
    Ok((StatusCode::CREATED, Json(settings)))
}

fn chosen(name: &str) -> HttpResult<RoomName> {
    let refuse = |why: TextError| HttpError::invalid(ErrorCode::InvalidRoom, "the name", why);
    let room: RoomName = name.parse().map_err(refuse)?;
    check_visible(name)
        .map_err(|why| HttpError::invalid(ErrorCode::InvalidRoom, "the name", why))?;
    match room.is_hidden() || room.is_broadcast() {
        true => Err(refuse(TextError::Reserved)),
        false => Ok(room),
    }
}

/// Changes what the body names.
pub(in crate::http) async fn change(
    State(app): State<AppState>,
    identity: RequestIdentity,
    RoomPath(room): RoomPath,
    body: Result<JsonBody<ChangeRoom>, HttpError>,
) -> HttpResult<Json<RoomSettings>> {
    let act = Act::begin(&app, &identity, &room).await?;
    let JsonBody(body) = body?;
    let archived = body.archived;
    let sets = body.title.is_some()
        || body.topic.is_some()
        || body.locked.is_some()
        || body.slow_mode_ms.is_some();
    if sets {
        let may = act.permissions.check(RoomAction::ChangeSettings);
        may.map_err(HttpError)?;
    }
    if archived.is_some() {
        act.permissions
            .check(RoomAction::Archive)
            .map_err(HttpError)?;
    }
    let change = read(body, act.door())?;
    if sets || archived.is_some() {
        let now = app.hub.now();
        if !app
            .hub
            .rules
            .store()
            .change_room(&room, change, now)
            .await?
        {
            return Err(act.gone());
        }
        act.complete().await;
    }
    if sets {
        act.note(AuditAction::RoomChanged, None);
    }
    match archived {
        Some(true) => act.note(AuditAction::RoomArchived, None),
        Some(false) => act.note(AuditAction::RoomReopened, None),
        None => {}
    }
    Ok(Json(settings(&app, &identity, &room).await?))
}

fn read(body: ChangeRoom, door: RoomKind) -> HttpResult<RoomChange> {
    if body.slow_mode_ms.is_some_and(|ms| ms > SLOW_MODE_MAX_MS) {
        return Err(invalid("`slow_mode_ms` is an hour at the most"));
    }
    let title = text::<Title>(body.title, "`title`")?;
    if door != RoomKind::Public && title == Some(None) {
        return Err(invalid("a private room needs a `title`"));
    }
    Ok(RoomChange {
        title,
        topic: text::<Line>(body.topic, "`topic`")?,
        locked: body.locked,
        archived: body.archived,
        slow_mode_ms: body.slow_mode_ms,
    })
}

/// Refuses text with characters that show nothing.
fn visible(what: &str, text: Option<&str>) -> HttpResult<()> {
    let checked = text.map_or(Ok(()), check_visible);
    checked.map_err(|why| HttpError::invalid(ErrorCode::InvalidField, what, why))
}

/// A text that takes what it names away where it is empty.
fn text<T: FromStr<Err = TextError>>(
    text: Option<String>,
    what: &str,
) -> HttpResult<Option<Option<T>>> {
    let Some(text) = text else {
        return Ok(None);
    };
    if text.trim().is_empty() {
        return Ok(Some(None));
    }
    visible(what, Some(&text))?;
    let parsed = text.trim().parse();
    let parsed = parsed.map_err(|why| HttpError::invalid(ErrorCode::InvalidField, what, why))?;
    Ok(Some(Some(parsed)))
}

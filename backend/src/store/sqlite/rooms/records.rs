//! What was set of rooms.

use super::members;
use crate::store::names::NameKeys;
use crate::store::sqlite::invalidation;
use crate::store::sqlite::row::parsed;
use crate::store::sqlite::writer::{WriterState, begin};
use crate::store::{Invalidation, Member, RoomChange, RoomRecord, StoreError};
use common::ids::UserId;
use common::room::{RoomKind, RoomRole};
use common::text::RoomName;
use common::time::Timestamp;
use common::user::User;
use rusqlite::{Connection, OptionalExtension, Row, params};
use std::str::FromStr;

/// In the order that [`record`] reads.
pub(super) const COLUMNS: &str = "room_record.name, room_record.door, room_record.title,
    room_record.topic, room_record.locked, room_record.archived, room_record.slow_mode_ms,
    room_record.created_at_ms";

/// Numbers in the column `door`.
fn door_number(door: RoomKind) -> u8 {
    match door {
        RoomKind::Public => 0,
        RoomKind::Private => 1,
        RoomKind::Direct => 2,
    }
}

fn door(number: u8) -> Result<RoomKind, StoreError> {
    let found = RoomKind::ALL
        .into_iter()
        .find(|door| door_number(*door) == number);
    found.ok_or_else(|| StoreError::UnreadableRow(format!("no door is a {number}").into()))
}

/// Reads [`COLUMNS`], the first of which is the row's first.
pub(super) fn record(row: &Row<'_>) -> Result<RoomRecord, StoreError> {
    let name: String = row.get(0)?;
    Ok(RoomRecord {
        room: parsed(&name)?,
        door: door(row.get(1)?)?,
        title: text(
            row.get_ref(2)?
                .as_str_or_null()
                .map_err(rusqlite::Error::from)?,
        )?,
        topic: text(
            row.get_ref(3)?
                .as_str_or_null()
                .map_err(rusqlite::Error::from)?,
        )?,
        locked: row.get(4)?,
        archived: row.get(5)?,
        slow_mode_ms: row.get(6)?,
        created_at: Timestamp(row.get(7)?),
    })
}

pub(super) fn text<T: FromStr<Err: std::fmt::Display>>(
    column: Option<&str>,
) -> Result<Option<T>, StoreError> {
    column.map(parsed).transpose()
}

/// The user in two columns that follow on each other.
pub(super) fn user(row: &Row<'_>, at: usize) -> Result<User, StoreError> {
    let (id, name): (String, String) = (row.get(at)?, row.get(at + 1)?);
    Ok(User {
        id: parsed(&id)?,
        name: parsed(&name)?,
    })
}

pub(super) fn find(
    connection: &Connection,
    room: &RoomName,
) -> Result<Option<RoomRecord>, StoreError> {
    let sql = format!("SELECT {COLUMNS} FROM room_record WHERE name = ?1");
    let mut statement = connection.prepare_cached(&sql)?;
    let mut rows = statement.query([room.as_str()])?;
    rows.next()?.map(record).transpose()
}

pub(super) fn public(connection: &Connection, limit: usize) -> Result<Vec<RoomRecord>, StoreError> {
    let sql = format!(
        "SELECT {COLUMNS} FROM room_record WHERE door = 0 ORDER BY created_at_ms DESC, name LIMIT ?1"
    );
    let mut statement = connection.prepare_cached(&sql)?;
    let mut rows = statement.query([i64::try_from(limit).unwrap_or(i64::MAX)])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        found.push(record(row)?);
    }
    Ok(found)
}

fn insert(
    connection: &Connection,
    record: &RoomRecord,
    pair: Option<&str>,
) -> rusqlite::Result<()> {
    let is_public = record.door == RoomKind::Public;
    let keys = is_public.then(|| NameKeys::of_room(&record.room));
    connection
        .prepare_cached(
            "INSERT INTO room_record (name, door, title, topic, locked, archived, slow_mode_ms,
                 created_at_ms, pair, name_key, look_key)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
        )?
        .execute(params![
            record.room.as_str(),
            door_number(record.door),
            record.title.as_ref().map(common::text::Title::as_str),
            record.topic.as_ref().map(common::text::Line::as_str),
            record.locked,
            record.archived,
            record.slow_mode_ms,
            record.created_at.0,
            pair,
            keys.as_ref().map(|keys| &keys.case),
            keys.as_ref().map(|keys| &keys.look),
        ])?;
    Ok(())
}

/// The room's record. A public room that has none gets one.
pub(super) fn ensure(
    connection: &Connection,
    room: &RoomName,
    now: Timestamp,
) -> Result<Option<RoomRecord>, StoreError> {
    if let Some(found) = find(connection, room)? {
        return Ok(Some(found));
    }
    if room.is_hidden() || room.is_broadcast() {
        return Ok(None);
    }
    let record = RoomRecord::new(room.clone(), RoomKind::Public, now);
    insert(connection, &record, None)?;
    Ok(Some(record))
}

pub(super) fn make(
    state: &mut WriterState,
    record: &RoomRecord,
    owner: &User,
) -> Result<bool, StoreError> {
    let step = begin(&mut state.connection)?;
    let taken: bool = step.query_row(
        "SELECT EXISTS (SELECT 1 FROM room_record WHERE name = ?1)
             OR EXISTS (SELECT 1 FROM room WHERE name = ?1 AND head > 0)",
        [record.room.as_str()],
        |row| row.get(0),
    )?;
    if taken {
        return Ok(false);
    }
    insert(&step, record, None)?;
    let at = record.created_at;
    members::insert(&step, &record.room, &owning(owner, RoomRole::Owner, at))?;
    invalidation::write(&step, &Invalidation::RoomChanged(record.room.clone()), at)?;
    invalidation::write(&step, &concerning(&record.room, &owner.id, &owner.id), at)?;
    step.commit()?;
    Ok(true)
}

fn owning(user: &User, standing: RoomRole, since: Timestamp) -> Member {
    Member {
        user: user.clone(),
        standing,
        since,
    }
}

/// The notice that a user's rooms have changed.
pub(super) fn concerning(room: &RoomName, user: &UserId, by: &UserId) -> Invalidation {
    Invalidation::RoomsChanged {
        room: room.clone(),
        user: user.clone(),
        by: by.clone(),
    }
}

pub(super) fn open_direct(
    state: &mut WriterState,
    fresh: RoomName,
    one: &User,
    other: &User,
    now: Timestamp,
) -> Result<RoomName, StoreError> {
    let (least, most) = match one.id <= other.id {
        true => (&one.id, &other.id),
        false => (&other.id, &one.id),
    };
    // No id has a line break in it.
    let pair = format!("{least}\n{most}");
    let step = begin(&mut state.connection)?;
    let found: Option<String> = step
        .query_row(
            "SELECT name FROM room_record WHERE pair = ?1",
            [&pair],
            |row| row.get(0),
        )
        .optional()?;
    if let Some(found) = found {
        return parsed(&found);
    }
    let record = RoomRecord::new(fresh, RoomKind::Direct, now);
    insert(&step, &record, Some(&pair))?;
    invalidation::write(&step, &Invalidation::RoomChanged(record.room.clone()), now)?;
    for user in [one, other] {
        members::insert(&step, &record.room, &owning(user, RoomRole::Member, now))?;
        invalidation::write(&step, &concerning(&record.room, &user.id, &one.id), now)?;
    }
    step.commit()?;
    Ok(record.room)
}

pub(super) fn change(
    state: &mut WriterState,
    room: &RoomName,
    change: RoomChange,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let step = begin(&mut state.connection)?;
    let Some(mut record) = ensure(&step, room, now)? else {
        return Ok(false);
    };
    change.apply(&mut record);
    step.execute(
        "UPDATE room_record SET title = ?2, topic = ?3, locked = ?4, archived = ?5,
             slow_mode_ms = ?6 WHERE name = ?1",
        params![
            room.as_str(),
            record.title.as_ref().map(common::text::Title::as_str),
            record.topic.as_ref().map(common::text::Line::as_str),
            record.locked,
            record.archived,
            record.slow_mode_ms,
        ],
    )?;
    invalidation::write(&step, &Invalidation::RoomChanged(room.clone()), now)?;
    step.commit()?;
    Ok(true)
}

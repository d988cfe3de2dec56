//! The settings of rooms.

use super::rows::text;
use crate::store::columns::{Numbered, parsed};
use crate::store::names::NameKeys;
use crate::store::sqlite::invalidation;
use crate::store::sqlite::writer::{WriterState, begin};
use crate::store::{Invalidation, RoomChange, RoomRecord, StoreError};
use common::room::RoomKind;
use common::text::RoomName;
use common::time::Timestamp;
use rusqlite::{Connection, Row, params};

/// In the order that [`record`] reads.
pub(super) const COLUMNS: &str = "room_record.name, room_record.door, room_record.title,
    room_record.topic, room_record.locked, room_record.archived, room_record.slow_mode_ms,
    room_record.created_at_ms";

/// Reads [`COLUMNS`], the first of which is the row's first.
pub(super) fn record(row: &Row<'_>) -> Result<RoomRecord, StoreError> {
    let name: String = row.get(0)?;
    Ok(RoomRecord {
        room: parsed(&name)?,
        door: RoomKind::of_number(row.get(1)?)?,
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

pub(super) fn insert(
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
            record.door.number(),
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

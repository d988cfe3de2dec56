//! The settings of rooms.

use crate::store::columns::{Numbered, optional, parsed};
use crate::store::names::NameKeys;
use crate::store::postgres::database::{Database, exclusive};
use crate::store::postgres::invalidation;
use crate::store::postgres::sql::{Columns, count, execute, first, int, query};
use crate::store::{Invalidation, RoomChange, RoomRecord, StoreError};
use common::room::RoomKind;
use common::text::{Line, RoomName, Title};
use common::time::Timestamp;
use deadpool_postgres::GenericClient;
use tokio_postgres::Row;

/// In the order that [`record`] reads.
pub(super) const COLUMNS: &str = "room_record.name, room_record.door, room_record.title,
    room_record.topic, room_record.locked, room_record.archived, room_record.slow_mode_ms,
    room_record.created_at_ms";

/// Reads [`COLUMNS`], the first of which is the row's first.
pub(super) fn record(row: &Row) -> Result<RoomRecord, StoreError> {
    Ok(RoomRecord {
        room: parsed(row.text(0)?)?,
        door: RoomKind::of_number(row.number(1)?)?,
        title: optional(row.try_get(2)?)?,
        topic: optional(row.try_get(3)?)?,
        locked: row.try_get(4)?,
        archived: row.try_get(5)?,
        slow_mode_ms: row.uint(6)?,
        created_at: row.time(7)?,
    })
}

pub(super) async fn find(
    client: &impl GenericClient,
    room: &RoomName,
) -> Result<Option<RoomRecord>, StoreError> {
    let sql = format!("SELECT {COLUMNS} FROM room_record WHERE name = $1");
    let found = first(client, &sql, &[&room.as_str()]).await?;
    found.as_ref().map(record).transpose()
}

pub(super) async fn public(
    database: &Database,
    limit: usize,
) -> Result<Vec<RoomRecord>, StoreError> {
    let sql = format!(
        "SELECT {COLUMNS} FROM room_record WHERE door = 0 ORDER BY created_at_ms DESC, name LIMIT $1"
    );
    let rows = query(&database.client().await?, &sql, &[&count(limit)]).await?;
    rows.iter().map(record).collect()
}

pub(super) async fn insert(
    client: &impl GenericClient,
    record: &RoomRecord,
    pair: Option<&str>,
) -> Result<(), StoreError> {
    let is_public = record.door == RoomKind::Public;
    let keys = is_public.then(|| NameKeys::of_room(&record.room));
    let sql = "INSERT INTO room_record (name, door, title, topic, locked, archived, slow_mode_ms,
             created_at_ms, pair, name_key, look_key)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)";
    execute(
        client,
        sql,
        &[
            &record.room.as_str(),
            &i16::from(record.door.number()),
            &record.title.as_ref().map(Title::as_str),
            &record.topic.as_ref().map(Line::as_str),
            &record.locked,
            &record.archived,
            &int(record.slow_mode_ms),
            &int(record.created_at.0),
            &pair,
            &keys.as_ref().map(|keys| &keys.case),
            &keys.as_ref().map(|keys| &keys.look),
        ],
    )
    .await?;
    Ok(())
}

/// The room's record. A public room that has none gets one.
pub(super) async fn ensure(
    client: &impl GenericClient,
    room: &RoomName,
    now: Timestamp,
) -> Result<Option<RoomRecord>, StoreError> {
    if let Some(found) = find(client, room).await? {
        return Ok(Some(found));
    }
    if room.is_hidden() || room.is_broadcast() {
        return Ok(None);
    }
    let record = RoomRecord::new(room.clone(), RoomKind::Public, now);
    insert(client, &record, None).await?;
    Ok(Some(record))
}

pub(super) async fn change(
    database: &Database,
    room: &RoomName,
    change: RoomChange,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let mut client = database.client().await?;
    let step = exclusive(&mut client).await?;
    let Some(mut record) = ensure(&step, room, now).await? else {
        return Ok(false);
    };
    change.apply(&mut record);
    let sql = "UPDATE room_record SET title = $2, topic = $3, locked = $4, archived = $5,
             slow_mode_ms = $6 WHERE name = $1";
    execute(
        &step,
        sql,
        &[
            &room.as_str(),
            &record.title.as_ref().map(Title::as_str),
            &record.topic.as_ref().map(Line::as_str),
            &record.locked,
            &record.archived,
            &int(record.slow_mode_ms),
        ],
    )
    .await?;
    invalidation::write(&step, &Invalidation::RoomChanged(room.clone()), now).await?;
    step.commit().await?;
    Ok(true)
}

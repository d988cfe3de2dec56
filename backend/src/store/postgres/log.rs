//! Reading the logs of rooms.

use super::database::Database;
use super::row::{COLUMNS, event, room};
use super::sql::{Columns, count, first, int, query};
use crate::store::columns::parsed;
use crate::store::names::NameKeys;
use crate::store::pages::take_page;
use crate::store::{
    MessagePage, PAGE_BYTES_MAX, Page, Range, RoomHead, RoomRow, StoreError, StoredEvent,
};
use common::ids::Seq;
use common::text::RoomName;
use common::time::Timestamp;
use deadpool_postgres::GenericClient;
use tokio_postgres::{IsolationLevel, Row};

/// Which events a page holds.
#[derive(Clone, Copy)]
enum Which {
    All,
    Messages,
}

/// The epoch, floor and head of room `$1`; nulls for what it has none of.
const HEAD: &str = "SELECT meta.value, room.floor, room.head FROM meta
    LEFT JOIN room ON room.name = $1 WHERE meta.key = 'epoch'";

pub(super) async fn head(
    client: &impl GenericClient,
    room: &RoomName,
) -> Result<RoomHead, StoreError> {
    let row = first(client, HEAD, &[&room.as_str()]).await?;
    let row = row.ok_or_else(|| StoreError::Permanent("the database has no epoch".into()))?;
    let seq = |at| row.try_get::<_, Option<i64>>(at);
    let seq = |at| Ok::<_, StoreError>(Seq(seq(at)?.and_then(|n| n.try_into().ok()).unwrap_or(0)));
    Ok(RoomHead {
        epoch: parsed(row.text(0)?)?,
        floor: seq(1)?,
        head: seq(2)?,
    })
}

/// The state of the logs of those of these rooms that have been written to.
pub(super) async fn heads(
    database: &Database,
    rooms: &[RoomName],
) -> Result<Vec<(RoomName, RoomHead)>, StoreError> {
    let sql = "SELECT meta.value, room.floor, room.head, room.name FROM room, meta
         WHERE room.name = ANY ($1) AND room.head > 0 AND meta.key = 'epoch'";
    let names: Vec<&str> = rooms.iter().map(RoomName::as_str).collect();
    let rows = query(&database.client().await?, sql, &[&names]).await?;
    let each = rows.iter().map(|row| {
        let at = RoomHead {
            epoch: parsed(row.text(0)?)?,
            floor: row.seq(1)?,
            head: row.seq(2)?,
        };
        Ok((room(row, 3)?, at))
    });
    each.collect()
}

pub(super) async fn read(
    database: &Database,
    room: &RoomName,
    range: Range,
    limit: usize,
) -> Result<Page, StoreError> {
    let mut client = database.client().await?;
    let snapshot = snapshot(&mut client).await?;
    let at = head(&snapshot, room).await?;
    let (events, more) = select(&snapshot, room, range, limit, Which::All).await?;
    Ok(Page { at, events, more })
}

pub(super) async fn messages(
    database: &Database,
    room: &RoomName,
    range: Range,
    limit: usize,
) -> Result<MessagePage, StoreError> {
    let mut client = database.client().await?;
    let snapshot = snapshot(&mut client).await?;
    let at = head(&snapshot, room).await?;
    let (messages, more) = select(&snapshot, room, range, limit, Which::Messages).await?;
    let mut page = MessagePage {
        at,
        messages,
        changes: Vec::new(),
        more,
    };
    read_changes(&snapshot, room, range, &mut page).await?;
    Ok(page)
}

/// What several statements read is of one moment.
async fn snapshot(
    client: &mut deadpool_postgres::Client,
) -> Result<deadpool_postgres::Transaction<'_>, StoreError> {
    let begin = client.build_transaction();
    let begin = begin.isolation_level(IsolationLevel::RepeatableRead);
    Ok(begin.read_only(true).start().await?)
}

/// Up to `limit` events, no more than [`PAGE_BYTES_MAX`] of them, and whether there are more. One more
/// row than asked for, or than there is room for, says so.
async fn select(
    client: &impl GenericClient,
    room: &RoomName,
    range: Range,
    limit: usize,
    which: Which,
) -> Result<(Vec<StoredEvent>, bool), StoreError> {
    let only = match which {
        Which::All => "",
        Which::Messages => "AND kind = 0",
    };
    let (bound, compare, order) = match range {
        Range::After(seq) => (seq, ">", "ASC"),
        Range::Before(seq) => (seq, "<", "DESC"),
        Range::Newest => (Seq(u64::MAX), "<=", "DESC"),
    };
    // Sizes are known without reading what they are the sizes of.
    let sql = format!(
        "SELECT {COLUMNS} FROM (
             SELECT *, sum(bytes) OVER (ORDER BY seq {order}) - bytes AS before FROM (
                 SELECT {COLUMNS}, 256 + coalesce(octet_length(content), 0)
                     + coalesce(octet_length(data), 0) AS bytes
                 FROM event
                 WHERE room_id = (SELECT id FROM room WHERE name = $1) AND seq {compare} $2 {only}
                 ORDER BY seq {order} LIMIT $3) AS found) AS page
         WHERE before <= {PAGE_BYTES_MAX} ORDER BY seq {order}"
    );
    let wanted = count(limit) + 1;
    let rows = query(client, &sql, &[&room.as_str(), &int(bound.0), &wanted]).await?;
    let (mut events, more) = take_page(rows.iter().map(|row| event(room, row)), limit)?;
    if order == "DESC" {
        events.reverse();
    }
    Ok((events, more))
}

/// Reads what changes the messages of a page: of the edits of a message, the last. Drops the messages
/// whose changes would take more than [`PAGE_BYTES_MAX`], but never the one that is read first.
async fn read_changes(
    client: &impl GenericClient,
    room: &RoomName,
    range: Range,
    page: &mut MessagePage,
) -> Result<(), StoreError> {
    let (Some(first), Some(last)) = (page.messages.first(), page.messages.last()) else {
        return Ok(());
    };
    let (first, last) = (first.seq, last.seq);
    let (order, nearest) = match range {
        Range::After(_) => ("ASC", first),
        Range::Newest | Range::Before(_) => ("DESC", last),
    };
    let sql = format!(
        "WITH change AS MATERIALIZED (
             SELECT {COLUMNS}, max(seq) FILTER (WHERE kind = 1) OVER (PARTITION BY target) AS last_edit,
                 256 + coalesce(octet_length(content), 0) + coalesce(octet_length(data), 0) AS bytes
             FROM event WHERE room_id = (SELECT id FROM room WHERE name = $1)
                 AND target BETWEEN $2 AND $3)
         SELECT {COLUMNS} FROM (
             SELECT {COLUMNS}, sum(bytes) OVER (ORDER BY target {order}, seq {order}) - bytes AS before
             FROM change WHERE kind <> 1 OR seq = last_edit) AS page
         WHERE before <= {PAGE_BYTES_MAX} OR target = $4 ORDER BY target {order}, seq {order}"
    );
    let places = [int(first.0), int(last.0), int(nearest.0)];
    let [first, last, at] = &places;
    let rows = query(client, &sql, &[&room.as_str(), first, last, at]).await?;
    let changes = rows.iter().map(|row| event(room, row));
    page.take_changes(changes, range, nearest)
}

fn room_row(row: &Row) -> Result<RoomRow, StoreError> {
    Ok(RoomRow {
        room: room(row, 0)?,
        head: row.seq(1)?,
        last_at: row.time(2)?,
    })
}

pub(super) async fn rooms(
    database: &Database,
    after: Option<&RoomName>,
    limit: usize,
) -> Result<Vec<RoomRow>, StoreError> {
    let sql = "SELECT name, head, last_at_ms FROM room
         WHERE name > $1 AND name <> $2 AND head > 0 ORDER BY name LIMIT $3";
    let after = after.map_or("", RoomName::as_str);
    let broadcast = RoomName::broadcast();
    let parameters: [&(dyn tokio_postgres::types::ToSql + Sync); 3] =
        [&after, &broadcast.as_str(), &count(limit)];
    let rows = query(&database.client().await?, sql, &parameters).await?;
    rows.iter().map(room_row).collect()
}

pub(super) async fn public_rooms(
    database: &Database,
    limit: usize,
) -> Result<Vec<RoomRow>, StoreError> {
    let sql = "SELECT name, head, last_at_ms FROM room WHERE name_key IS NOT NULL AND head > 0
         ORDER BY last_at_ms DESC, id DESC LIMIT $1";
    let rows = query(&database.client().await?, sql, &[&count(limit)]).await?;
    rows.iter().map(room_row).collect()
}

/// With when each was last written to, or its record made.
pub(super) async fn similar(
    database: &Database,
    keys: &NameKeys,
    limit: usize,
) -> Result<Vec<(RoomName, Timestamp)>, StoreError> {
    let sql = "SELECT name, max(at) FROM (
             SELECT name, last_at_ms AS at FROM room
             WHERE (name_key = $1 OR look_key = $2) AND head > 0
             UNION ALL
             SELECT name, created_at_ms FROM room_record WHERE name_key = $1 OR look_key = $2)
             AS known
         GROUP BY name ORDER BY max(at) DESC, name LIMIT $3";
    let client = database.client().await?;
    let rows = query(&client, sql, &[&keys.case, &keys.look, &count(limit)]).await?;
    let found = rows.iter().map(|row| Ok((room(row, 0)?, row.time(1)?)));
    found.collect()
}

pub(super) async fn rows(
    database: &Database,
    rooms: &[RoomName],
) -> Result<Vec<RoomRow>, StoreError> {
    let sql = "SELECT name, head, last_at_ms FROM room WHERE name = ANY ($1) AND head > 0";
    let names: Vec<&str> = rooms.iter().map(RoomName::as_str).collect();
    let rows = query(&database.client().await?, sql, &[&names]).await?;
    rows.iter().map(room_row).collect()
}

//! Events as rows, and back.

use super::sql::Columns;
use crate::store::columns::{body, optional, parsed};
use crate::store::{NewEvent, StoreError, StoredEvent};
use common::text::RoomName;
use tokio_postgres::Row;

/// What [`event`] reads, in this order.
pub(super) const COLUMNS: &str =
    "seq, kind, target, user_id, user_name, client_id, content, data, at_ms";

/// The event in a row that selects [`COLUMNS`] first.
pub(super) fn event(room: &RoomName, row: &Row) -> Result<StoredEvent, StoreError> {
    let target: Option<i64> = row.try_get(2)?;
    let content: Option<&[u8]> = row.try_get(6)?;
    let content = content.map(std::str::from_utf8).transpose();
    let content = content.map_err(|_| super::sql::unreadable("a text that is not UTF-8"))?;
    let target = target.and_then(|target| u64::try_from(target).ok());
    Ok(StoredEvent {
        seq: row.seq(0)?,
        event: NewEvent {
            room: room.clone(),
            author: row.user(3)?,
            id: optional(row.try_get(5)?)?,
            body: body(row.number(1)?, target, content, row.try_get(7)?)?,
            timestamp: row.time(8)?,
        },
    })
}

/// The room's name in a column.
pub(super) fn room(row: &Row, at: usize) -> Result<RoomName, StoreError> {
    parsed(row.text(at)?)
}

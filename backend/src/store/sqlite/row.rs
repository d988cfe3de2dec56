//! Events as rows, and back.

use crate::store::columns::{self, kind_of, optional, parsed, said};
use crate::store::{Body, NewEvent, StoreError, StoredEvent};
use common::ids::{RequestId, Seq};
use common::text::RoomName;
use common::time::Timestamp;
use common::user::User;
use rusqlite::{Row, Transaction, params};
use std::str::FromStr;

/// What [`event`] reads, in this order.
pub(super) const COLUMNS: &str =
    "seq, kind, target, user_id, user_name, client_id, content, data, at_ms";

pub(super) fn insert(
    transaction: &Transaction<'_>,
    room: i64,
    seq: Seq,
    event: &NewEvent,
) -> Result<(), StoreError> {
    let (content, data) = said(&event.body);
    transaction
        .prepare_cached(
            "INSERT INTO event
             (room_id, seq, kind, target, user_id, user_name, client_id, content, data, at_ms)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
        )?
        .execute(params![
            room,
            seq.0,
            kind_of(&event.body),
            event.body.target().map(|target| target.0),
            event.author.id.as_str(),
            event.author.name.as_str(),
            event.id.as_ref().map(RequestId::as_str),
            content,
            data,
            event.timestamp.0,
        ])?;
    Ok(())
}

/// A row that selects [`COLUMNS`].
pub(super) struct Columns<'a, 'b>(pub(super) &'a Row<'b>);

/// The event in a row.
pub(super) fn event(room: &RoomName, row: &Columns<'_, '_>) -> Result<StoredEvent, StoreError> {
    Ok(StoredEvent {
        seq: Seq(row.0.get(0)?),
        event: NewEvent {
            room: room.clone(),
            author: User {
                id: row.required(3)?,
                name: row.required(4)?,
            },
            id: optional(row.text(5)?)?,
            body: body(row)?,
            timestamp: Timestamp(row.0.get(8)?),
        },
    })
}

fn body(row: &Columns<'_, '_>) -> Result<Body, StoreError> {
    columns::body(row.0.get(1)?, row.0.get(2)?, row.text(6)?, row.text(7)?)
}

impl Columns<'_, '_> {
    fn text(&self, at: usize) -> Result<Option<&str>, StoreError> {
        let text = self.0.get_ref(at)?.as_str_or_null();
        Ok(text.map_err(rusqlite::Error::from)?)
    }

    fn required<T: FromStr<Err: std::fmt::Display>>(&self, at: usize) -> Result<T, StoreError> {
        parsed(self.text(at)?.unwrap_or_default())
    }
}

//! Events as rows, and back.

use crate::store::{Body, NewEvent, StoreError, StoredEvent};
use common::ids::{RequestId, Seq};
use common::text::{Content, Data, RoomName};
use common::time::Timestamp;
use common::user::User;
use rusqlite::{Row, Transaction, params};
use std::str::FromStr;

/// Numbers in the column `kind`. Retired ones are never used again.
pub(super) mod kind {
    pub(in crate::store::sqlite) const MESSAGE: u8 = 0;
    pub(in crate::store::sqlite) const EDIT: u8 = 1;
    pub(in crate::store::sqlite) const DELETE: u8 = 2;
    pub(in crate::store::sqlite) const REACT: u8 = 3;
    pub(in crate::store::sqlite) const UNREACT: u8 = 4;
}

/// What [`event`] reads, in this order.
pub(super) const COLUMNS: &str =
    "seq, kind, target, user_id, user_name, client_id, content, data, at_ms";

pub(super) fn insert(
    transaction: &Transaction<'_>,
    room: i64,
    seq: Seq,
    event: &NewEvent,
) -> Result<(), StoreError> {
    let (content, data) = match &event.body {
        Body::Message { content, data } | Body::Edit { content, data, .. } => {
            (text(content), json(data))
        }
        Body::Delete { .. } => (None, None),
        Body::React { emoji, .. } => (Some(emoji.as_str()), None),
    };
    transaction
        .prepare_cached(
            "INSERT INTO event
             (room_id, seq, kind, target, user_id, user_name, client_id, content, data, at_ms)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
        )?
        .execute(params![
            room,
            seq.0,
            number(&event.body),
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

/// The body's number in the column `kind`.
pub(super) fn number(body: &Body) -> u8 {
    match body {
        Body::Message { .. } => kind::MESSAGE,
        Body::Edit { .. } => kind::EDIT,
        Body::Delete { .. } => kind::DELETE,
        Body::React { on: true, .. } => kind::REACT,
        Body::React { on: false, .. } => kind::UNREACT,
    }
}

fn text(content: &Option<Content>) -> Option<&str> {
    content.as_ref().map(Content::as_str)
}

fn json(data: &Option<Data>) -> Option<&str> {
    data.as_ref().map(Data::as_str)
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
            id: row.optional(5)?,
            body: body(row)?,
            timestamp: Timestamp(row.0.get(8)?),
        },
    })
}

fn body(row: &Columns<'_, '_>) -> Result<Body, StoreError> {
    let kind: u8 = row.0.get(1)?;
    if kind == kind::MESSAGE {
        return Ok(Body::Message {
            content: row.optional(6)?,
            data: row.optional(7)?,
        });
    }
    let target = Seq(row.0.get(2)?);
    match kind {
        kind::EDIT => Ok(Body::Edit {
            target,
            content: row.optional(6)?,
            data: row.optional(7)?,
        }),
        kind::DELETE => Ok(Body::Delete { target, any: false }),
        kind::REACT | kind::UNREACT => Ok(Body::React {
            target,
            emoji: row.required(6)?,
            on: kind == kind::REACT,
        }),
        _ => Err(damaged("an unknown kind of event")),
    }
}

impl Columns<'_, '_> {
    fn required<T: FromStr<Err: std::fmt::Display>>(&self, at: usize) -> Result<T, StoreError> {
        parsed(
            self.0
                .get_ref(at)?
                .as_str()
                .map_err(rusqlite::Error::from)?,
        )
    }

    fn optional<T: FromStr<Err: std::fmt::Display>>(
        &self,
        at: usize,
    ) -> Result<Option<T>, StoreError> {
        let text = self.0.get_ref(at)?.as_str_or_null();
        text.map_err(rusqlite::Error::from)?.map(parsed).transpose()
    }
}

/// What was valid when it was stored should be valid now; if not, the file is damaged.
pub(super) fn parsed<T: FromStr<Err: std::fmt::Display>>(text: &str) -> Result<T, StoreError> {
    text.parse().map_err(damaged)
}

fn damaged(what: impl std::fmt::Display) -> StoreError {
    StoreError::UnreadableRow(format!("a damaged row in the database: {what}").into())
}

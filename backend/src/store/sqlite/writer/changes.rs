//! Edits, deletions and reactions: whether the log takes them, and what a deletion erases.

use super::super::row::{COLUMNS, Columns, event, kind};
use crate::store::{Body, NewEvent, REACTIONS_MAX, Refusal, StoreError, StoredEvent};
use common::ids::Seq;
use common::text::{Emoji, RoomName};
use rusqlite::{OptionalExtension, Transaction, params};

/// Why this event cannot change what it wants to change; none where it can, or changes nothing.
pub(super) fn refuse(
    transaction: &Transaction<'_>,
    room: i64,
    event: &NewEvent,
) -> Result<Option<Refusal>, StoreError> {
    let Some(target) = event.body.target() else {
        return Ok(None);
    };
    let author: Option<String> = transaction
        .prepare_cached(
            "SELECT user_id FROM event WHERE room_id = ?1 AND seq = ?2 AND kind = 0
             AND (content IS NOT NULL OR data IS NOT NULL)",
        )?
        .query_row(params![room, place(target),], |row| row.get(0))
        .optional()?;
    let Some(author) = author else {
        return Ok(Some(Refusal::NoSuchMessage));
    };
    match &event.body {
        Body::React {
            emoji, on: true, ..
        } => too_many(transaction, room, target, emoji),
        Body::React { .. } => Ok(None),
        _ if author == event.author.id.as_str() => Ok(None),
        _ => Ok(Some(Refusal::NotYours)),
    }
}

fn too_many(
    transaction: &Transaction<'_>,
    room: i64,
    target: Seq,
    emoji: &Emoji,
) -> Result<Option<Refusal>, StoreError> {
    let others: usize = transaction
        .prepare_cached(
            "SELECT count(DISTINCT content) FROM event
             WHERE room_id = ?1 AND target = ?2 AND kind = ?3 AND content <> ?4",
        )?
        .query_row(
            params![room, place(target), kind::REACT, emoji.as_str()],
            |row| row.get(0),
        )?;
    Ok((others >= REACTIONS_MAX).then_some(Refusal::TooManyReactions))
}

/// Erases what a message and its edits said. Returns the events as they are now.
pub(super) fn erase(
    transaction: &Transaction<'_>,
    name: &RoomName,
    room: i64,
    target: Seq,
) -> Result<Vec<StoredEvent>, StoreError> {
    let touched = [(kind::MESSAGE, "seq"), (kind::EDIT, "target")];
    let mut erased = Vec::new();
    for (kind, column) in touched {
        transaction
            .prepare_cached(&format!(
                "UPDATE event SET content = NULL, data = NULL
                 WHERE room_id = ?1 AND {column} = ?2 AND kind = ?3"
            ))?
            .execute(params![room, place(target), kind])?;
        let mut statement = transaction.prepare_cached(&format!(
            "SELECT {COLUMNS} FROM event WHERE room_id = ?1 AND {column} = ?2 AND kind = ?3"
        ))?;
        let mut rows = statement.query(params![room, place(target), kind])?;
        while let Some(row) = rows.next()? {
            erased.push(event(name, &Columns(row))?);
        }
    }
    Ok(erased)
}

/// A seq beyond what SQLite can hold names no event.
fn place(seq: Seq) -> i64 {
    i64::try_from(seq.0).unwrap_or(i64::MAX)
}

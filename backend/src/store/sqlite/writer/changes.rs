//! Edits, deletions and reactions: whether the log accepts them, and what a deletion erases.

use super::super::row::{COLUMNS, Columns, event};
use crate::store::columns::{kind, parsed};
use crate::store::reactions::{Decision, Reactions};
use crate::store::{Body, CHANGES_MAX, NewEvent, Refusal, StoreError, StoredEvent};
use common::ids::Seq;
use common::text::RoomName;
use rusqlite::{OptionalExtension, Transaction, params};

/// Looks at the message an event wants to change, and at what has become of that so far.
pub(super) fn judge(
    transaction: &Transaction<'_>,
    room: i64,
    event: &NewEvent,
) -> Result<Decision, StoreError> {
    let Some(target) = event.body.target() else {
        return Ok(Decision::Take);
    };
    let author: Option<String> = transaction
        .prepare_cached(
            "SELECT user_id FROM event WHERE room_id = ?1 AND seq = ?2 AND kind = 0
             AND (content IS NOT NULL OR data IS NOT NULL)",
        )?
        .query_row(params![room, place(target)], |row| row.get(0))
        .optional()?;
    let Some(author) = author else {
        return Ok(Decision::Refuse(Refusal::NoSuchMessage));
    };
    if matches!(
        event.body,
        Body::Delete { any: false, .. } | Body::Edit { .. }
    ) && author != event.author.id.as_str()
    {
        return Ok(Decision::Refuse(Refusal::NotYours));
    }
    let history = history(transaction, room, target)?;
    Ok(match &event.body {
        Body::Delete { .. } | Body::Message { .. } => Decision::Take,
        _ if history.changes >= CHANGES_MAX => Decision::Refuse(Refusal::TooManyChanges),
        Body::Edit { .. } => Decision::Take,
        Body::React { emoji, on, .. } => history.reactions.judge(&event.author.id, emoji, *on),
    })
}

/// What has become of a message so far.
#[derive(Default)]
struct History {
    changes: usize,
    reactions: Reactions,
}

fn history(transaction: &Transaction<'_>, room: i64, target: Seq) -> Result<History, StoreError> {
    // Left to itself, SQLite would walk the whole room.
    let mut statement = transaction.prepare_cached(
        "SELECT seq, kind, user_id, CASE WHEN kind >= 3 THEN content END
         FROM event INDEXED BY event_by_target
         WHERE room_id = ?1 AND target = ?2 ORDER BY seq",
    )?;
    let mut rows = statement.query(params![room, place(target)])?;
    let mut history = History::default();
    while let Some(row) = rows.next()? {
        history.changes += 1;
        let kind: u8 = row.get(1)?;
        if matches!(kind, kind::REACT | kind::UNREACT) {
            let (user, emoji): (String, String) = (row.get(2)?, row.get(3)?);
            let (user, emoji) = (parsed(&user)?, parsed(&emoji)?);
            history
                .reactions
                .note(Seq(row.get(0)?), user, emoji, kind == kind::REACT);
        }
    }
    Ok(history)
}

/// Erases what a message and its edits said. Returns the events as they are now.
pub(super) fn erase(
    transaction: &Transaction<'_>,
    name: &RoomName,
    room: i64,
    target: Seq,
) -> Result<Vec<StoredEvent>, StoreError> {
    let both = [
        (kind::MESSAGE, "event WHERE room_id = ?1 AND seq = ?2"),
        (
            kind::EDIT,
            "event INDEXED BY event_by_target WHERE room_id = ?1 AND target = ?2",
        ),
    ];
    let mut erased = Vec::new();
    for (kind, which) in both {
        let update = which.replace(" WHERE", " SET content = NULL, data = NULL WHERE");
        transaction
            .prepare_cached(&format!("UPDATE {update} AND kind = ?3"))?
            .execute(params![room, place(target), kind])?;
        let select = format!("SELECT {COLUMNS} FROM {which} AND kind = ?3");
        let mut statement = transaction.prepare_cached(&select)?;
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

//! Messages that were sent before: found by their author and the `id` the author's client gave.

use crate::store::sqlite::row::{number, parsed};
use crate::store::{Appended, NewEvent, Placed, Refusal, StoreError};
use common::ids::{Epoch, Seq};
use common::time::Timestamp;
use rusqlite::{OptionalExtension, Transaction};

/// Where it was stored the first time; none where this is the first time. What retention has
/// dropped is remembered beside the log for a while.
pub(super) fn find(
    transaction: &Transaction<'_>,
    epoch: &Epoch,
    event: &NewEvent,
) -> Result<Option<Appended>, StoreError> {
    let Some(id) = &event.id else {
        return Ok(None);
    };
    let found = transaction
        .prepare_cached(
            "SELECT room.name, event.seq, event.at_ms, kind, target FROM event JOIN room ON room.id = room_id
             WHERE user_id = ?1 AND client_id = ?2
             UNION ALL
             SELECT room.name, sent.seq, sent.at_ms, kind, target FROM sent JOIN room ON room.id = room_id
             WHERE user_id = ?1 AND client_id = ?2
             LIMIT 1",
        )?
        .query_row([event.author.id.as_str(), id.as_str()], |row| {
            let room: String = row.get(0)?;
            let is_same = row.get::<_, u8>(3)? == number(&event.body)
                && row.get::<_, Option<u64>>(4)? == event.body.target().map(|seq| seq.0)
                && room == event.room.as_str();
            Ok((room, Seq(row.get(1)?), Timestamp(row.get(2)?), is_same))
        })
        .optional()?;
    let Some((room, seq, timestamp, is_same)) = found else {
        return Ok(None);
    };
    if !is_same {
        return Ok(Some(Appended::Refused(Refusal::IdReused)));
    }
    Ok(Some(Appended::Placed(Placed {
        room: parsed(&room)?,
        epoch: epoch.clone(),
        seq,
        timestamp,
        repeat: true,
        erased: Vec::new(),
    })))
}

//! Retention: dropping the oldest part of a room's log.

use super::writer::{WriterState, begin};
use crate::store::{Retention, StoreError};
use common::ids::Seq;
use common::text::RoomName;
use rusqlite::{OptionalExtension, Transaction, params};

/// What was dropped can be sent again for this long without being stored twice.
const REMEMBER_SENT_MS: u64 = 25 * 60 * 60 * 1000;

/// Events dropped in one transaction: senders wait for no more than that.
const SLICE_EVENTS: u64 = 2000;

pub(super) fn prune(
    state: &mut WriterState,
    room: &RoomName,
    keep: Retention,
    now_ms: u64,
) -> Result<bool, StoreError> {
    let step = begin(&mut state.connection)?;
    let found: Option<(i64, u64, u64)> = step
        .prepare_cached("SELECT id, floor, head FROM room WHERE name = ?1")?
        .query_row([room.as_str()], |row| {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?))
        })
        .optional()?;
    let Some((row, floor, head)) = found else {
        return Ok(false);
    };
    let by_count = keep.events_max.map_or(0, |max| head.saturating_sub(max));
    let by_age = match keep.before {
        None => 0,
        // Times need not be in the order of seqs: what is kept begins at the first that is young
        // enough.
        Some(before) => step
            .prepare_cached("SELECT min(seq) FROM event WHERE room_id = ?1 AND at_ms >= ?2")?
            .query_row(params![row, before.0], |row| row.get::<_, Option<u64>>(0))?
            .map_or(head, |first| first - 1),
    };
    // The newest event stays: its place must not be given out again.
    let wanted = by_count.max(by_age).min(head.saturating_sub(1));
    let new_floor = wanted.min(floor + SLICE_EVENTS);
    if new_floor <= floor {
        return Ok(false);
    }
    let remember_from = now_ms.saturating_sub(REMEMBER_SENT_MS);
    complete_sends(&step, row, new_floor, remember_from)?;
    step.prepare_cached("DELETE FROM event WHERE room_id = ?1 AND seq <= ?2")?
        .execute(params![row, new_floor])?;
    step.prepare_cached("UPDATE room SET floor = ?2 WHERE id = ?1")?
        .execute(params![row, new_floor])?;
    step.commit()?;
    state.sends.drop_up_to(row, Seq(new_floor));
    Ok(new_floor < wanted)
}

/// Of what is to be dropped, what may be sent again is remembered, and the rest forgotten.
fn complete_sends(
    step: &Transaction<'_>,
    row: i64,
    floor: u64,
    remember_from: u64,
) -> rusqlite::Result<()> {
    const DROPPED: &str =
        "FROM event WHERE room_id = ?1 AND seq <= ?2 AND client_id IS NOT NULL AND at_ms";
    let dropped = params![row, floor, remember_from];
    // The newest are not in the index yet.
    step.prepare_cached(&format!(
        "INSERT OR IGNORE INTO sent (user_id, client_id, room_id, seq, kind, target, at_ms)
         SELECT user_id, client_id, room_id, seq, kind, target, at_ms {DROPPED} >= ?3"
    ))?
    .execute(dropped)?;
    step.prepare_cached(&format!(
        "INSERT OR IGNORE INTO dropped_send (at_ms, user_id, client_id)
         SELECT at_ms, user_id, client_id {DROPPED} >= ?3"
    ))?
    .execute(dropped)?;
    step.prepare_cached(&format!(
        "DELETE FROM sent WHERE (user_id, client_id) IN (SELECT user_id, client_id {DROPPED} < ?3)"
    ))?
    .execute(dropped)?;
    step.prepare_cached(
        "DELETE FROM sent WHERE (user_id, client_id) IN
         (SELECT user_id, client_id FROM dropped_send WHERE at_ms < ?1)",
    )?
    .execute([remember_from])?;
    step.prepare_cached("DELETE FROM dropped_send WHERE at_ms < ?1")?
        .execute([remember_from])?;
    Ok(())
}

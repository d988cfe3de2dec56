//! Retention: dropping the oldest part of a room's log, and the sends of more than a day ago.

use super::database::Database;
use super::sql::{Columns, LIMITS, execute, first, int, value};
use crate::store::{Retention, StoreError};
use common::text::RoomName;
use common::time::Timestamp;

/// What was sent can be sent again for this long without being stored twice.
const REMEMBER_SENT_MS: u64 = 25 * 60 * 60 * 1000;

/// Events dropped in one transaction: senders wait for no more than that.
const SLICE_EVENTS: u64 = 2000;

/// Sends forgotten in one transaction.
const SLICE_SENDS: i64 = 20_000;

pub(super) async fn prune(
    database: &Database,
    room: &RoomName,
    keep: Retention,
) -> Result<bool, StoreError> {
    let mut client = database.client().await?;
    let step = client.transaction().await?;
    step.batch_execute(LIMITS).await?;
    let sql = "SELECT id, floor, head FROM room WHERE name = $1 FOR NO KEY UPDATE";
    let Some(row) = first(&step, sql, &[&room.as_str()]).await? else {
        return Ok(false);
    };
    let (id, floor, head): (i64, u64, u64) = (row.try_get(0)?, row.uint(1)?, row.uint(2)?);
    let by_count = keep.events_max.map_or(0, |max| head.saturating_sub(max));
    let by_age = match keep.before {
        None => 0,
        // What is kept begins at the first event that is young enough.
        Some(before) => {
            let sql =
                "SELECT seq FROM event WHERE room_id = $1 AND at_ms >= $2 ORDER BY seq LIMIT 1";
            let young = first(&step, sql, &[&id, &int(before.0)]).await?;
            young.map_or(Ok(head), |row| row.uint(0).map(|seq| seq - 1))?
        }
    };
    // The newest event stays, as in the other engine: a log that was written to is not empty.
    let wanted = by_count.max(by_age).min(head.saturating_sub(1));
    let new_floor = wanted.min(floor + SLICE_EVENTS);
    if new_floor <= floor {
        return Ok(false);
    }
    let sql = "DELETE FROM event WHERE room_id = $1 AND seq <= $2";
    execute(&step, sql, &[&id, &int(new_floor)]).await?;
    let sql = "UPDATE room SET floor = $2 WHERE id = $1";
    execute(&step, sql, &[&id, &int(new_floor)]).await?;
    step.commit().await?;
    Ok(new_floor < wanted)
}

/// Forgets sends that are too old to be repeated. Returns whether there may be more. Nodes that do it
/// at the same time take different ones.
pub(super) async fn forget_sends(database: &Database, now: Timestamp) -> Result<bool, StoreError> {
    let before = int(now.0.saturating_sub(REMEMBER_SENT_MS));
    let sql =
        "WITH old AS (SELECT ctid FROM sent WHERE at_ms < $1 LIMIT $2 FOR UPDATE SKIP LOCKED),
             gone AS (DELETE FROM sent USING old WHERE sent.ctid = old.ctid RETURNING 1)
         SELECT count(*) FROM gone";
    let gone: i64 = value(&database.client().await?, sql, &[&before, &SLICE_SENDS]).await?;
    Ok(gone == SLICE_SENDS)
}

//! Bans and mutes, in a room or on the node.

use super::member_rows;
use super::records::ensure;
use super::rows::{text, user};
use crate::store::columns::{Numbered, parsed};
use crate::store::sqlite::invalidation;
use crate::store::sqlite::writer::{WriterState, begin};
use crate::store::{Invalidation, SANCTIONS_MAX, Sanction, StoreError};
use common::ids::{SanctionId, UserId};
use common::room::SanctionKind;
use common::text::{Line, RoomName};
use common::time::Timestamp;
use rusqlite::{Connection, Row, params};

const COLUMNS: &str = "id, user_id, user_name, kind, by_id, by_name, at_ms, until_ms, reason";

/// What stands in the column `room`: nothing for the node.
fn place(room: Option<&RoomName>) -> &str {
    room.map_or("", RoomName::as_str)
}

fn sanction(row: &Row<'_>) -> Result<Sanction, StoreError> {
    let id: String = row.get(0)?;
    Ok(Sanction {
        id: parsed(&id)?,
        user: user(row, 1)?,
        kind: SanctionKind::of_number(row.get(3)?)?,
        addresses: Vec::new(),
        by: user(row, 4)?,
        at: Timestamp(row.get(6)?),
        until: row.get::<_, Option<u64>>(7)?.map(Timestamp),
        reason: text(
            row.get_ref(8)?
                .as_str_or_null()
                .map_err(rusqlite::Error::from)?,
        )?,
    })
}

pub(super) fn holding(
    connection: &Connection,
    room: Option<&RoomName>,
    now: Timestamp,
) -> Result<Vec<Sanction>, StoreError> {
    let sql = format!(
        "SELECT {COLUMNS} FROM sanction WHERE room = ?1 AND (until_ms IS NULL OR until_ms > ?2)
         ORDER BY at_ms DESC, id"
    );
    let mut statement = connection.prepare_cached(&sql)?;
    let mut rows = statement.query(params![place(room), now.0])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        found.push(sanction(row)?);
    }
    for sanction in &mut found {
        sanction.addresses = addresses(connection, &sanction.id)?;
    }
    Ok(found)
}

fn addresses(connection: &Connection, id: &SanctionId) -> Result<Vec<u64>, StoreError> {
    let sql = "SELECT address FROM sanction_address WHERE sanction = ?1 ORDER BY address";
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query([id.as_str()])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        found.push(row.get::<_, i64>(0)?.cast_unsigned());
    }
    Ok(found)
}

/// Whether one of this kind holds for the user in the room.
pub(super) fn is_under(
    connection: &Connection,
    room: &RoomName,
    one: &UserId,
    kind: SanctionKind,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let mut statement = connection.prepare_cached(
        "SELECT EXISTS (SELECT 1 FROM sanction WHERE room = ?1 AND user_id = ?2 AND kind = ?3
             AND (until_ms IS NULL OR until_ms > ?4))",
    )?;
    let found = params![room.as_str(), one.as_str(), kind.number(), now.0];
    Ok(statement.query_row(found, |row| row.get(0))?)
}

pub(super) fn add(
    state: &mut WriterState,
    room: Option<&RoomName>,
    new: &Sanction,
) -> Result<bool, StoreError> {
    let step = begin(&mut state.connection)?;
    let at = place(room);
    if let Some(room) = room
        && ensure(&step, room, new.at)?.is_none()
    {
        return Ok(false);
    }
    step.execute(
        "DELETE FROM sanction WHERE room = ?1
             AND ((user_id = ?2 AND kind = ?3) OR until_ms <= ?4)",
        params![at, new.user.id.as_str(), new.kind.number(), new.at.0],
    )?;
    let sql = "SELECT count(*) FROM sanction WHERE room = ?1";
    let count: usize = step.query_row(sql, [at], |row| row.get(0))?;
    if count >= SANCTIONS_MAX {
        return Ok(false);
    }
    insert(&step, at, new)?;
    match room {
        None => invalidation::write(&step, &Invalidation::SanctionsChanged, new.at)?,
        Some(room) => {
            let gone = match new.kind {
                SanctionKind::Ban => member_rows::remove(&step, room, &new.user.id)?,
                SanctionKind::Mute => 0,
            };
            if gone > 0 && room.is_hidden() {
                let told = Invalidation::rooms_changed(room, &new.user.id, &new.by.id);
                invalidation::write(&step, &told, new.at)?;
            }
            invalidation::write(&step, &Invalidation::RoomChanged(room.clone()), new.at)?;
        }
    }
    step.commit()?;
    Ok(true)
}

fn insert(step: &Connection, at: &str, new: &Sanction) -> rusqlite::Result<()> {
    step.execute(
        "INSERT INTO sanction (room, id, user_id, user_name, kind, by_id, by_name, at_ms, until_ms,
             reason) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
        params![
            at,
            new.id.as_str(),
            new.user.id.as_str(),
            new.user.name.as_str(),
            new.kind.number(),
            new.by.id.as_str(),
            new.by.name.as_str(),
            new.at.0,
            new.until.map(|until| until.0),
            new.reason.as_ref().map(Line::as_str),
        ],
    )?;
    for address in &new.addresses {
        step.execute(
            "INSERT OR IGNORE INTO sanction_address (sanction, address) VALUES (?1, ?2)",
            params![new.id.as_str(), address.cast_signed()],
        )?;
    }
    Ok(())
}

pub(super) fn lift(
    state: &mut WriterState,
    room: Option<&RoomName>,
    id: &SanctionId,
    now: Timestamp,
) -> Result<Option<Sanction>, StoreError> {
    let step = begin(&mut state.connection)?;
    let mut found = holding(&step, room, now)?;
    let Some(at) = found.iter().position(|known| known.id == *id) else {
        return Ok(None);
    };
    step.execute("DELETE FROM sanction WHERE id = ?1", [id.as_str()])?;
    let invalidation = match room {
        None => Invalidation::SanctionsChanged,
        Some(room) => Invalidation::RoomChanged(room.clone()),
    };
    invalidation::write(&step, &invalidation, now)?;
    step.commit()?;
    Ok(Some(found.swap_remove(at)))
}

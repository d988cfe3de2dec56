//! Invalidations: written in the same transaction as the change that running nodes must learn of.

use super::reader::Reader;
use super::row::parsed;
use crate::store::{Invalidation, StoreError};
use common::time::Timestamp;
use rusqlite::{Connection, params};

/// Invalidations read at once.
const PAGE: usize = 1000;

/// Kind, subject, part, and who did it.
type Columns<'a> = (u8, &'a str, Option<&'a str>, Option<&'a str>);

fn columns(invalidation: &Invalidation) -> Columns<'_> {
    match invalidation {
        Invalidation::UserEnded(user) => (0, user.as_str(), None, None),
        Invalidation::RoleChanged(user) => (1, user.as_str(), None, None),
        Invalidation::SignInEnded(user, id) => (2, user.as_str(), Some(id.as_str()), None),
        Invalidation::NameHeld(name) => (3, name.as_str(), None, None),
        Invalidation::RoomChanged(room) => (4, room.as_str(), None, None),
        Invalidation::RoomsChanged { room, user, by } => {
            (5, room.as_str(), Some(user.as_str()), Some(by.as_str()))
        }
        Invalidation::Kicked(room, user) => (6, room.as_str(), Some(user.as_str()), None),
        Invalidation::SanctionsChanged => (7, "", None, None),
    }
}

pub(super) fn write(
    connection: &Connection,
    invalidation: &Invalidation,
    at: Timestamp,
) -> rusqlite::Result<()> {
    let (kind, subject, part, by) = columns(invalidation);
    connection
        .prepare_cached(
            "INSERT INTO notice (kind, subject, part, at_ms, by_id) VALUES (?1, ?2, ?3, ?4, ?5)",
        )?
        .execute(params![kind, subject, part, at.0, by])?;
    Ok(())
}

pub(super) fn read(reader: &Reader, after: u64) -> Result<Vec<(u64, Invalidation)>, StoreError> {
    let mut statement = reader.connection.prepare_cached(
        "SELECT id, kind, subject, part, by_id FROM notice WHERE id > ?1 ORDER BY id LIMIT ?2",
    )?;
    let mut rows = statement.query(params![after, PAGE])?;
    let mut invalidations = Vec::new();
    while let Some(row) = rows.next()? {
        let subject: String = row.get(2)?;
        let part = |at| row.get::<_, String>(at);
        let invalidation = match row.get::<_, u8>(1)? {
            0 => Invalidation::UserEnded(parsed(&subject)?),
            1 => Invalidation::RoleChanged(parsed(&subject)?),
            2 => Invalidation::SignInEnded(parsed(&subject)?, parsed(&part(3)?)?),
            3 => Invalidation::NameHeld(parsed(&subject)?),
            4 => Invalidation::RoomChanged(parsed(&subject)?),
            5 => Invalidation::RoomsChanged {
                room: parsed(&subject)?,
                user: parsed(&part(3)?)?,
                by: parsed(&part(4)?)?,
            },
            6 => Invalidation::Kicked(parsed(&subject)?, parsed(&part(3)?)?),
            7 => Invalidation::SanctionsChanged,
            kind => {
                return Err(StoreError::UnreadableRow(
                    format!("no notice is a {kind}").into(),
                ));
            }
        };
        invalidations.push((row.get(0)?, invalidation));
    }
    Ok(invalidations)
}

pub(super) fn last(connection: &Connection, before: Timestamp) -> Result<u64, StoreError> {
    connection.execute("DELETE FROM notice WHERE at_ms < ?1", [before.0])?;
    // The newest one's number, also when it was forgotten.
    let sql = "SELECT coalesce(max(seq), 0) FROM sqlite_sequence WHERE name = 'notice'";
    Ok(connection.query_row(sql, [], |row| row.get(0))?)
}

//! Notices: what running nodes must hear of, written with what they tell of.

use super::reader::Reader;
use super::row::parsed;
use crate::store::{Notice, StoreError};
use common::time::Timestamp;
use rusqlite::{Connection, params};

/// Notices read at once.
const PAGE: usize = 1000;

fn columns(notice: &Notice) -> (u8, &str, Option<&str>) {
    match notice {
        Notice::UserEnded(user) => (0, user.as_str(), None),
        Notice::RoleChanged(user) => (1, user.as_str(), None),
        Notice::SignInEnded(user, id) => (2, user.as_str(), Some(id.as_str())),
        Notice::NameHeld(name) => (3, name.as_str(), None),
    }
}

pub(super) fn write(
    connection: &Connection,
    notice: &Notice,
    at: Timestamp,
) -> rusqlite::Result<()> {
    let (kind, subject, part) = columns(notice);
    connection
        .prepare_cached("INSERT INTO notice (kind, subject, part, at_ms) VALUES (?1, ?2, ?3, ?4)")?
        .execute(params![kind, subject, part, at.0])?;
    Ok(())
}

pub(super) fn read(reader: &Reader, after: u64) -> Result<Vec<(u64, Notice)>, StoreError> {
    let mut statement = reader.connection.prepare_cached(
        "SELECT id, kind, subject, part FROM notice WHERE id > ?1 ORDER BY id LIMIT ?2",
    )?;
    let mut rows = statement.query(params![after, PAGE])?;
    let mut notices = Vec::new();
    while let Some(row) = rows.next()? {
        let subject: String = row.get(2)?;
        let notice = match row.get::<_, u8>(1)? {
            0 => Notice::UserEnded(parsed(&subject)?),
            1 => Notice::RoleChanged(parsed(&subject)?),
            2 => {
                let id: String = row.get(3)?;
                Notice::SignInEnded(parsed(&subject)?, parsed(&id)?)
            }
            3 => Notice::NameHeld(parsed(&subject)?),
            kind => return Err(StoreError::Engine(format!("no notice is a {kind}").into())),
        };
        notices.push((row.get(0)?, notice));
    }
    Ok(notices)
}

pub(super) fn last(connection: &Connection, before: Timestamp) -> Result<u64, StoreError> {
    connection.execute("DELETE FROM notice WHERE at_ms < ?1", [before.0])?;
    // The newest one's number, also when it was forgotten.
    let sql = "SELECT coalesce(max(seq), 0) FROM sqlite_sequence WHERE name = 'notice'";
    Ok(connection.query_row(sql, [], |row| row.get(0))?)
}

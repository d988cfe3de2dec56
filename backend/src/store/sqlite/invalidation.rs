//! Invalidations: written in the same transaction as the change that running nodes must learn of.

use super::reader::Reader;
use crate::store::columns::{self, invalidation_columns};
use crate::store::{Invalidation, StoreError};
use common::time::Timestamp;
use rusqlite::{Connection, params};

/// Invalidations read at once.
const PAGE: usize = 1000;

pub(super) fn write(
    connection: &Connection,
    invalidation: &Invalidation,
    at: Timestamp,
) -> rusqlite::Result<()> {
    let (kind, subject, part, by) = invalidation_columns(invalidation);
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
        let text = |at| row.get_ref(at).map(|column| column.as_str_or_null());
        let text = |at| text(at)?.map_err(rusqlite::Error::from);
        let subject = text(2)?.unwrap_or_default();
        let found = columns::invalidation((row.get(1)?, subject, text(3)?, text(4)?))?;
        invalidations.push((row.get(0)?, found));
    }
    Ok(invalidations)
}

pub(super) fn last(connection: &Connection, before: Timestamp) -> Result<u64, StoreError> {
    connection.execute("DELETE FROM notice WHERE at_ms < ?1", [before.0])?;
    // The newest one's number, also when it was forgotten.
    let sql = "SELECT coalesce(max(seq), 0) FROM sqlite_sequence WHERE name = 'notice'";
    Ok(connection.query_row(sql, [], |row| row.get(0))?)
}

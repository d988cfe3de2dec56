//! Invalidations: written in the same transaction as the change that running nodes must learn of.

use super::database::Database;
use super::sql::{Columns, execute, int, query, value};
use crate::store::columns::{self, invalidation_columns};
use crate::store::{Invalidation, StoreError};
use common::time::Timestamp;
use deadpool_postgres::Transaction;

/// Invalidations read at once.
const PAGE: i64 = 1000;

/// The transaction is an [exclusive](super::database::exclusive) one, which keeps the numbers in the
/// order of the commits: a reader that has seen one has seen all before it.
pub(super) async fn write(
    step: &Transaction<'_>,
    invalidation: &Invalidation,
    at: Timestamp,
) -> Result<(), StoreError> {
    let (kind, subject, part, by) = invalidation_columns(invalidation);
    let sql = "INSERT INTO notice (kind, subject, part, at_ms, by_id) VALUES ($1, $2, $3, $4, $5)";
    let kind = i16::from(kind);
    execute(step, sql, &[&kind, &subject, &part, &int(at.0), &by]).await?;
    Ok(())
}

pub(super) async fn read(
    database: &Database,
    after: u64,
) -> Result<Vec<(u64, Invalidation)>, StoreError> {
    let sql =
        "SELECT id, kind, subject, part, by_id FROM notice WHERE id > $1 ORDER BY id LIMIT $2";
    let rows = query(&database.client().await?, sql, &[&int(after), &PAGE]).await?;
    let each = rows.iter().map(|row| {
        let columns = (
            row.number(1)?,
            row.text(2)?,
            row.try_get(3)?,
            row.try_get(4)?,
        );
        Ok((row.uint(0)?, columns::invalidation(columns)?))
    });
    each.collect()
}

/// The newest one's number, also when it was forgotten.
pub(super) async fn last(database: &Database, before: Timestamp) -> Result<u64, StoreError> {
    let mut client = database.client().await?;
    // Not beside a transaction that has drawn a number and not committed it yet.
    let step = super::database::exclusive(&mut client).await?;
    let sql = "DELETE FROM notice WHERE at_ms < $1";
    execute(&step, sql, &[&int(before.0)]).await?;
    let sql = "SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM notice_id_seq";
    let last: i64 = value(&step, sql, &[]).await?;
    step.commit().await?;
    Ok(u64::try_from(last).unwrap_or(0))
}

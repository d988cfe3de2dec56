//! The audit log.

use super::database::Database;
use super::sql::{Columns, count, execute, int, query};
use crate::store::columns::parsed;
use crate::store::{AuditEntry, StoreError};
use common::time::Timestamp;
use common::user::User;
use tokio_postgres::Row;

pub(super) async fn note(database: &Database, entries: &[AuditEntry]) -> Result<(), StoreError> {
    let mut client = database.client().await?;
    let step = client.transaction().await?;
    for entry in entries {
        let actor = entry.actor.as_ref();
        let sql = "INSERT INTO audit (at_ms, act, actor_id, actor_name, subject, origin)
             VALUES ($1, $2, $3, $4, $5, $6)";
        execute(
            &step,
            sql,
            &[
                &int(entry.at.0),
                &entry.act.as_str(),
                &actor.map(|actor| actor.id.as_str()),
                &actor.map(|actor| actor.name.as_str()),
                &entry.subject,
                &entry.origin,
            ],
        )
        .await?;
    }
    Ok(step.commit().await?)
}

pub(super) async fn read(
    database: &Database,
    before: Option<u64>,
    limit: usize,
) -> Result<Vec<(u64, AuditEntry)>, StoreError> {
    let sql = "SELECT id, at_ms, act, actor_id, actor_name, subject, origin FROM audit
         WHERE id < $1 ORDER BY id DESC LIMIT $2";
    let before = int(before.unwrap_or(u64::MAX));
    let rows = query(&database.client().await?, sql, &[&before, &count(limit)]).await?;
    let each = rows.iter().map(|row| Ok((row.uint(0)?, entry(row)?)));
    each.collect()
}

fn entry(row: &Row) -> Result<AuditEntry, StoreError> {
    let actor: (Option<&str>, Option<&str>) = (row.try_get(3)?, row.try_get(4)?);
    let actor = match actor {
        (Some(id), Some(name)) => Some(User {
            id: parsed(id)?,
            name: parsed(name)?,
        }),
        _ => None,
    };
    Ok(AuditEntry {
        at: row.time(1)?,
        act: parsed(row.text(2)?)?,
        actor,
        subject: row.try_get(5)?,
        origin: row.try_get(6)?,
    })
}

pub(super) async fn forget(database: &Database, before: Timestamp) -> Result<(), StoreError> {
    let sql = "DELETE FROM audit WHERE at_ms < $1";
    execute(&database.client().await?, sql, &[&int(before.0)]).await?;
    Ok(())
}

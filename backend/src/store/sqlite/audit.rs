//! The audit log.

use super::SqliteStore;
use super::reader::Reader;
use super::writer::{WriterState, begin};
use crate::store::columns::parsed;
use crate::store::{AuditEntry, AuditStore, StoreError};
use async_trait::async_trait;
use common::time::Timestamp;
use common::user::User;
use rusqlite::{Row, params};

#[async_trait]
impl AuditStore for SqliteStore {
    async fn note(&self, entries: Vec<AuditEntry>) -> Result<(), StoreError> {
        self.writer.run(move |state| note(state, &entries)).await
    }

    async fn audit(
        &self,
        before: Option<u64>,
        limit: usize,
    ) -> Result<Vec<(u64, AuditEntry)>, StoreError> {
        self.readers
            .run(move |reader| read(reader, before, limit))
            .await
    }

    async fn forget_audit(&self, before: Timestamp) -> Result<(), StoreError> {
        self.writer
            .run(move |state| {
                let sql = "DELETE FROM audit WHERE at_ms < ?1";
                state.connection.execute(sql, [before.0])?;
                Ok(())
            })
            .await
    }
}

fn note(state: &mut WriterState, entries: &[AuditEntry]) -> Result<(), StoreError> {
    let step = begin(&mut state.connection)?;
    for entry in entries {
        let actor = entry.actor.as_ref();
        step.prepare_cached(
            "INSERT INTO audit (at_ms, act, actor_id, actor_name, subject, origin)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        )?
        .execute(params![
            entry.at.0,
            entry.act.as_str(),
            actor.map(|actor| actor.id.as_str()),
            actor.map(|actor| actor.name.as_str()),
            entry.subject,
            entry.origin
        ])?;
    }
    Ok(step.commit()?)
}

fn read(
    reader: &Reader,
    before: Option<u64>,
    limit: usize,
) -> Result<Vec<(u64, AuditEntry)>, StoreError> {
    let mut statement = reader.connection.prepare_cached(
        "SELECT id, at_ms, act, actor_id, actor_name, subject, origin FROM audit
         WHERE id < ?1 ORDER BY id DESC LIMIT ?2",
    )?;
    let before = before.and_then(|before| i64::try_from(before).ok());
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let mut rows = statement.query(params![before.unwrap_or(i64::MAX), limit])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        found.push((row.get(0)?, entry(row)?));
    }
    Ok(found)
}

fn entry(row: &Row<'_>) -> Result<AuditEntry, StoreError> {
    let (act, actor): (String, (Option<String>, Option<String>)) =
        (row.get(2)?, (row.get(3)?, row.get(4)?));
    let actor = match actor {
        (Some(id), Some(name)) => Some(User {
            id: parsed(&id)?,
            name: parsed(&name)?,
        }),
        _ => None,
    };
    Ok(AuditEntry {
        at: Timestamp(row.get(1)?),
        act: parsed(&act)?,
        actor,
        subject: row.get(5)?,
        origin: row.get(6)?,
    })
}

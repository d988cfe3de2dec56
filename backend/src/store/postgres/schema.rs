//! The tables, their versions and migrations, and the epoch.

use super::OpenError;
use super::database::{Database, LIMITS};
use crate::clock::RandomSource;
use crate::store::StoreError;
use common::ids::Epoch;
use tokio_postgres::Client;

/// Each brings the tables from one version to the next (`meta.version`). Never edit one that was
/// released: append.
const MIGRATIONS: &[&str] = &[include_str!("migrations/1.sql")];

/// The lock that nodes take while they look at the version, or at the epoch: of several that start
/// together, one migrates.
const LOCK: &str = "SELECT pg_advisory_xact_lock(7526756756461355010)";

/// The server's timeline: it changes when a standby takes the primary's place, or when the server is
/// restored to a point in time.
const TIMELINE: &str = "substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8)";

/// Creates the tables or migrates older ones. `fresh_epoch` becomes the epoch of new ones.
pub(super) async fn migrate(database: &Database, fresh_epoch: &Epoch) -> Result<(), OpenError> {
    let client = database.client().await.map_err(OpenError::Unreachable)?;
    let refused = |error: tokio_postgres::Error| OpenError::Unreachable(error.into());
    loop {
        client
            .batch_execute(&format!("BEGIN; {LOCK}"))
            .await
            .map_err(refused)?;
        let found = version(&client).await.map_err(refused)?;
        if found > MIGRATIONS.len() {
            client.batch_execute("ROLLBACK").await.map_err(refused)?;
            return Err(OpenError::Newer {
                found,
                known: MIGRATIONS.len(),
            });
        }
        let Some(migration) = MIGRATIONS.get(found) else {
            return client.batch_execute("ROLLBACK").await.map_err(refused);
        };
        let next = found + 1;
        let begin = match found {
            0 => format!(
                "INSERT INTO meta VALUES ('epoch', '{fresh_epoch}'), ('timeline', {TIMELINE});
                 INSERT INTO meta VALUES ('version', '{next}')"
            ),
            _ => format!("UPDATE meta SET value = '{next}' WHERE key = 'version'"),
        };
        client
            .batch_execute(&format!("{migration}; {begin}; COMMIT"))
            .await
            .map_err(refused)?;
    }
}

/// Zero where there are no tables.
async fn version(client: &Client) -> Result<usize, tokio_postgres::Error> {
    if !has_tables(client).await? {
        return Ok(0);
    }
    let sql = "SELECT value FROM meta WHERE key = 'version'";
    let row = client.query_one(sql, &[]).await?;
    let value: &str = row.try_get(0)?;
    // What cannot be read is none that this program knows.
    Ok(value.parse().unwrap_or(usize::MAX))
}

async fn has_tables(client: &Client) -> Result<bool, tokio_postgres::Error> {
    let sql = "SELECT to_regclass('meta') IS NOT NULL";
    client.query_one(sql, &[]).await?.try_get(0)
}

/// Begins a new epoch where the server is on another timeline than when this one began: commits that
/// had not reached the server that took over are gone, and their seqs will be given out again. Done for
/// every new connection, since a failover ends the old ones.
pub(super) async fn check_timeline(
    client: &Client,
    random: &dyn RandomSource,
) -> Result<(), StoreError> {
    if !has_tables(client).await? {
        return Ok(());
    }
    let sql = format!(
        "SELECT value = {TIMELINE} FROM meta WHERE key = 'timeline' AND NOT pg_is_in_recovery()"
    );
    let found = client.query_opt(&sql, &[]).await?;
    let is_same = found.map_or(Ok(true), |row| row.try_get(0))?;
    if is_same {
        return Ok(());
    }
    let bits = random
        .bits()
        .map_err(|error| StoreError::Unavailable(error.to_string().into()))?;
    let epoch = Epoch::from_random(bits);
    tracing::warn!(%epoch, "PostgreSQL has failed over or was restored: a new epoch begins");
    // The second of two nodes that come at once finds the timeline changed already.
    let renew = format!(
        "BEGIN; {LIMITS}; {LOCK};
         UPDATE meta SET value = '{epoch}' WHERE key = 'epoch'
             AND (SELECT value FROM meta WHERE key = 'timeline') <> {TIMELINE};
         UPDATE meta SET value = {TIMELINE} WHERE key = 'timeline';
         COMMIT"
    );
    Ok(client.batch_execute(&renew).await?)
}

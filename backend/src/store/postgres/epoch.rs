//! The epoch of the logs in a database, and when another one begins.

use super::sql::{LIMITS, value};
use crate::clock::RandomSource;
use crate::store::StoreError;
use crate::store::columns::parsed;
use common::ids::Epoch;
use deadpool_postgres::GenericClient;
use tokio_postgres::Client;

/// The lock that nodes take while they look at the version, or at the epoch: of several that start
/// together, one migrates.
pub(super) const LOCK: &str = "SELECT pg_advisory_xact_lock(7526756756461355010)";

/// The server's timeline: it changes when a standby takes the primary's place, or when the server is
/// restored to a point in time.
pub(super) const TIMELINE: &str = "substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8)";

/// Whether the tables were created.
pub(super) async fn has_tables(client: &Client) -> Result<bool, tokio_postgres::Error> {
    // Not `to_regclass`: it may remember from before the lock was had that there is no such table.
    let sql = "SELECT EXISTS (SELECT 1 FROM pg_class
         WHERE relname = 'meta' AND relnamespace = current_schema()::regnamespace)";
    client.query_one(sql, &[]).await?.try_get(0)
}

/// The epoch now.
pub(super) async fn read(client: &impl GenericClient) -> Result<Epoch, StoreError> {
    let sql = "SELECT value FROM meta WHERE key = 'epoch'";
    parsed(&value::<String>(client, sql, &[]).await?)
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

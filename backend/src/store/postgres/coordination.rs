//! Leases and shared token buckets. All times are the database server's, so that the clocks of nodes do
//! not matter.

use super::PostgresStore;
use super::database::Database;
use super::sql::{execute, first, value};
use crate::store::{CoordinationStore, StoreError};
use async_trait::async_trait;
use std::time::Duration;

/// Buckets forgotten in one statement.
const SLICE: i64 = 20_000;

const NOW_US: &str = "(extract(epoch FROM clock_timestamp()) * 1000000)::bigint";

fn micros(duration: Duration) -> i64 {
    i64::try_from(duration.as_micros()).unwrap_or(i64::MAX)
}

#[async_trait]
impl CoordinationStore for PostgresStore {
    async fn lease(&self, task: &str, life: Duration) -> Result<bool, StoreError> {
        let sql = "INSERT INTO lease (task, holder, until)
             VALUES ($1, $2, clock_timestamp() + $3 * interval '1 microsecond')
             ON CONFLICT (task) DO UPDATE SET holder = excluded.holder, until = excluded.until
             WHERE lease.holder = excluded.holder OR lease.until < clock_timestamp()";
        let parameters: [&(dyn tokio_postgres::types::ToSql + Sync); 3] =
            [&task, &self.node, &(micros(life) as f64)];
        let lease = async { execute(&self.people().client().await?, sql, &parameters).await };
        Ok(self.run(lease).await? > 0)
    }

    async fn agree(&self, on: &str, proposal: &str) -> Result<String, StoreError> {
        let agree = async {
            let client = self.people().client().await?;
            let propose = "INSERT INTO meta VALUES ($1, $2) ON CONFLICT DO NOTHING";
            execute(&client, propose, &[&on, &proposal]).await?;
            value(&client, "SELECT value FROM meta WHERE key = $1", &[&on]).await
        };
        self.run(agree).await
    }

    async fn take_token(
        &self,
        bucket: &str,
        every: Duration,
        burst: u32,
    ) -> Result<Result<(), Duration>, StoreError> {
        let (every, whole) = (micros(every), micros(every.saturating_mul(burst)));
        self.run(take_token(self.people(), bucket, every, whole))
            .await
    }
}

/// The generic cell rate algorithm (ITU-T I.371, annex A), as in `limits/bucket.rs`. A bucket of a rate
/// that has changed since is no emptier than empty.
async fn take_token(
    database: &Database,
    bucket: &str,
    every: i64,
    whole: i64,
) -> Result<Result<(), Duration>, StoreError> {
    let take = format!(
        "WITH clock AS MATERIALIZED (SELECT {NOW_US} AS us)
         INSERT INTO token_bucket AS bucket (key, full_at_us)
         SELECT $1, clock.us + $2 FROM clock
         ON CONFLICT (key) DO UPDATE SET full_at_us =
             least(greatest(bucket.full_at_us, {NOW_US}), {NOW_US} + $3) + $2
         WHERE greatest(bucket.full_at_us, {NOW_US}) + $2 <= {NOW_US} + $3"
    );
    let client = database.client().await?;
    if execute(&client, &take, &[&bucket, &every, &whole]).await? > 0 {
        return Ok(Ok(()));
    }
    let wait = format!(
        "SELECT least(full_at_us, {NOW_US} + $3) + $2 - $3 - {NOW_US}
         FROM token_bucket WHERE key = $1"
    );
    let found = first(&client, &wait, &[&bucket, &every, &whole]).await?;
    let wait_us: i64 = found.map_or(Ok(0), |row| row.try_get(0))?;
    let wait_us = u64::try_from(wait_us).unwrap_or(0).max(1000);
    Ok(Err(Duration::from_micros(wait_us)))
}

/// Forgets buckets that are full. Returns whether there may be more.
pub(super) async fn forget_full_buckets(database: &Database) -> Result<bool, StoreError> {
    let sql = format!(
        "WITH full_ones AS (SELECT ctid FROM token_bucket WHERE full_at_us < {NOW_US}
                 LIMIT $1 FOR UPDATE SKIP LOCKED),
             gone AS (DELETE FROM token_bucket USING full_ones
                 WHERE token_bucket.ctid = full_ones.ctid RETURNING 1)
         SELECT count(*) FROM gone"
    );
    let gone: i64 = value(&database.client().await?, &sql, &[&SLICE]).await?;
    Ok(gone == SLICE)
}

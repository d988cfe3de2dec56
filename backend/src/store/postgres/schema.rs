//! The tables, their versions and migrations.

use super::OpenError;
use super::database::Database;
use super::epoch::{self, LOCK, TIMELINE, has_tables};
use super::sql::{execute, first, value};
use super::transfer::COPY_OF;
use common::ids::Epoch;

/// Each brings the tables from one version to the next (`meta.version`). Never edit one that was
/// released: append.
const MIGRATIONS: &[&str] = &[
    include_str!("migrations/1.sql"),
    include_str!("migrations/2.sql"),
];

/// Creates the tables or migrates older ones. `fresh_epoch` becomes the epoch of new ones. Returns the
/// epoch.
pub(super) async fn migrate(database: &Database, fresh_epoch: &Epoch) -> Result<Epoch, OpenError> {
    let client = database
        .client()
        .await
        .map_err(|error| database.unreachable(error))?;
    let refused = |error: tokio_postgres::Error| database.unreachable(error.into());
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
            client.batch_execute("ROLLBACK").await.map_err(refused)?;
            let epoch = epoch::read(&client).await;
            return epoch.map_err(|error| database.unreachable(error));
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
async fn version(client: &tokio_postgres::Client) -> Result<usize, tokio_postgres::Error> {
    if !has_tables(client).await? {
        return Ok(0);
    }
    let sql = "SELECT value FROM meta WHERE key = 'version'";
    let row = client.query_one(sql, &[]).await?;
    let value: &str = row.try_get(0)?;
    // What cannot be read is none that this program knows.
    Ok(value.parse().unwrap_or(usize::MAX))
}

/// Refuses databases in another order, or another number of them, than those that rooms were spread over.
pub(super) async fn check_place(
    database: &Database,
    number: usize,
    count: usize,
) -> Result<(), OpenError> {
    let client = database
        .client()
        .await
        .map_err(|error| database.unreachable(error))?;
    let now = format!("{number} of {count}");
    let sql = "INSERT INTO meta VALUES ('place', $1) ON CONFLICT DO NOTHING";
    let read = async {
        execute(&client, sql, &[&now]).await?;
        value::<String>(&client, "SELECT value FROM meta WHERE key = 'place'", &[]).await
    };
    let before = read.await.map_err(|error| database.unreachable(error))?;
    match before == now {
        true => Ok(()),
        false => Err(OpenError::Reordered { before, now }),
    }
}

/// Refuses a database that is an unfinished copy of another store.
pub(super) async fn check_complete(database: &Database) -> Result<(), OpenError> {
    let found = async {
        let sql = "SELECT 1 FROM meta WHERE key = $1";
        first(&database.client().await?, sql, &[&COPY_OF]).await
    };
    let found = found.await.map_err(|error| database.unreachable(error))?;
    found.map_or(Ok(()), |_| Err(OpenError::Unfinished))
}

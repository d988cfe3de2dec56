//! Running statements, and reading rows.

use crate::store::StoreError;
use crate::store::columns::parsed;
use common::ids::Seq;
use common::time::Timestamp;
use common::user::User;
use deadpool_postgres::GenericClient;
use tokio_postgres::Row;
use tokio_postgres::error::SqlState;
use tokio_postgres::types::{FromSql, ToSql};

/// What every transaction begins with. A node that is frozen in the middle of one holds up others for
/// so long; whatever it does afterwards fails.
pub(super) const LIMITS: &str =
    "SET LOCAL idle_in_transaction_session_timeout = '5s'; SET LOCAL statement_timeout = '10s'";

/// What stands for `$1`, `$2`, ….
pub(super) type Parameters<'a> = &'a [&'a (dyn ToSql + Sync)];

pub(super) async fn query(
    client: &impl GenericClient,
    sql: &str,
    parameters: Parameters<'_>,
) -> Result<Vec<Row>, StoreError> {
    let statement = client.prepare_cached(sql).await?;
    Ok(client.query(&statement, parameters).await?)
}

/// The first row, if there is one.
pub(super) async fn first(
    client: &impl GenericClient,
    sql: &str,
    parameters: Parameters<'_>,
) -> Result<Option<Row>, StoreError> {
    Ok(query(client, sql, parameters).await?.into_iter().next())
}

/// The first column of the only row.
pub(super) async fn value<T: for<'a> FromSql<'a>>(
    client: &impl GenericClient,
    sql: &str,
    parameters: Parameters<'_>,
) -> Result<T, StoreError> {
    let statement = client.prepare_cached(sql).await?;
    Ok(client.query_one(&statement, parameters).await?.try_get(0)?)
}

/// How many rows it has changed.
pub(super) async fn execute(
    client: &impl GenericClient,
    sql: &str,
    parameters: Parameters<'_>,
) -> Result<u64, StoreError> {
    let statement = client.prepare_cached(sql).await?;
    Ok(client.execute(&statement, parameters).await?)
}

/// A whole number as a `bigint`. One beyond what that can hold lies above all that is stored.
pub(super) fn int(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// A count, as for `LIMIT`.
pub(super) fn count(number: usize) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX - 1)
}

/// Columns by their place.
pub(super) trait Columns {
    fn text(&self, at: usize) -> Result<&str, StoreError>;
    fn uint(&self, at: usize) -> Result<u64, StoreError>;
    fn number(&self, at: usize) -> Result<u8, StoreError>;
    fn seq(&self, at: usize) -> Result<Seq, StoreError>;
    fn time(&self, at: usize) -> Result<Timestamp, StoreError>;
    /// The user in two columns that follow on each other.
    fn user(&self, at: usize) -> Result<User, StoreError>;
    /// A hash or a secret of 32 bytes.
    fn hash(&self, at: usize) -> Result<[u8; 32], StoreError>;
}

impl Columns for Row {
    fn text(&self, at: usize) -> Result<&str, StoreError> {
        Ok(self.try_get(at)?)
    }

    fn uint(&self, at: usize) -> Result<u64, StoreError> {
        let number: i64 = self.try_get(at)?;
        u64::try_from(number).map_err(|_| unreadable("a negative number"))
    }

    fn number(&self, at: usize) -> Result<u8, StoreError> {
        let number: i16 = self.try_get(at)?;
        u8::try_from(number).map_err(|_| unreadable("a number beyond its range"))
    }

    fn seq(&self, at: usize) -> Result<Seq, StoreError> {
        self.uint(at).map(Seq)
    }

    fn time(&self, at: usize) -> Result<Timestamp, StoreError> {
        self.uint(at).map(Timestamp)
    }

    fn user(&self, at: usize) -> Result<User, StoreError> {
        Ok(User {
            id: parsed(self.text(at)?)?,
            name: parsed(self.text(at + 1)?)?,
        })
    }

    fn hash(&self, at: usize) -> Result<[u8; 32], StoreError> {
        let bytes: &[u8] = self.try_get(at)?;
        bytes
            .try_into()
            .map_err(|_| unreadable("a hash that has not 32 bytes"))
    }
}

pub(super) fn unreadable(what: &str) -> StoreError {
    StoreError::UnreadableRow(format!("a damaged row in the database: {what}").into())
}

impl From<tokio_postgres::Error> for StoreError {
    fn from(error: tokio_postgres::Error) -> Self {
        // The server's own words; the address in them may contain a password nowhere.
        let why = match error.as_db_error() {
            Some(said) => format!("PostgreSQL: {} ({})", said.message(), said.code().code()),
            None => format!("PostgreSQL: {}", full(&error)),
        };
        let permanent = [
            SqlState::DATA_CORRUPTED,
            SqlState::INDEX_CORRUPTED,
            SqlState::UNDEFINED_TABLE,
            SqlState::UNDEFINED_COLUMN,
            SqlState::INSUFFICIENT_PRIVILEGE,
        ];
        match error.code() {
            Some(code) if permanent.contains(code) => Self::Permanent(why.into()),
            _ => Self::Unavailable(why.into()),
        }
    }
}

impl From<deadpool_postgres::PoolError> for StoreError {
    fn from(error: deadpool_postgres::PoolError) -> Self {
        match error {
            deadpool_postgres::PoolError::Backend(error) => error.into(),
            other => Self::Unavailable(format!("PostgreSQL: {other}").into()),
        }
    }
}

/// An error with what caused it.
fn full(error: &dyn std::error::Error) -> String {
    match error.source() {
        Some(cause) => format!("{error}: {}", full(cause)),
        None => error.to_string(),
    }
}

//! Why databases cannot be opened.

use crate::clock::NoRandomness;
use crate::store::StoreError;

/// Why the databases could not be opened. Shown when the server starts.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The address is not one.
    #[error("store.urls: an address that cannot be read: {0}")]
    Address(String),
    /// The encryption asked for cannot be had.
    #[error("cannot use TLS for PostgreSQL: {0}")]
    Tls(String),
    /// The server cannot be reached, or refuses.
    #[error(
        "cannot use the database {database} (store.urls): {reason}; check its address, and whether the server runs and lets this user in"
    )]
    Unreachable {
        /// Its hosts, ports and name, without the password.
        database: String,
        /// Why.
        reason: StoreError,
    },
    /// Its tables were made by a newer Hubbub.
    #[error(
        "the database was written by a newer version of Hubbub (layout {found}, this one knows {known})"
    )]
    Newer {
        /// Its version.
        found: usize,
        /// The newest this build knows.
        known: usize,
    },
    /// The databases are in another order than before, or others.
    #[error(
        "store.urls: the database that is number {now} there was number {before} until now; rooms would be looked for in the wrong one"
    )]
    Reordered {
        /// Where it was, of how many.
        before: String,
        /// Where it is.
        now: String,
    },
    /// A copy of another store that was not finished.
    #[error(
        "the database is an unfinished copy: finish it with the same `hubbub store copy`, or remove it"
    )]
    Unfinished,
    /// No database is named.
    #[error("store.urls names no database")]
    NoDatabase,
    /// No randomness.
    #[error(transparent)]
    Random(#[from] NoRandomness),
    /// The system refused.
    #[error("the system refused: {0}")]
    System(#[from] std::io::Error),
}

impl OpenError {
    pub(super) fn address(error: &tokio_postgres::Error) -> Self {
        let cause = std::error::Error::source(error);
        Self::Address(cause.map_or_else(|| error.to_string(), ToString::to_string))
    }
}

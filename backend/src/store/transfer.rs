//! Copying a whole store to another engine: table by table, room by room, in the order of the keys, so
//! that a copy which was interrupted goes on where it stopped. At the end both are read and compared.
//!
//! Nobody may use either store meanwhile. The copy continues the log: its epoch is that of the original,
//! so that clients resume, and the original must not be served again.

mod driver;
mod table;

use super::StoreError;
use async_trait::async_trait;
use common::ids::Epoch;

pub use driver::{Copied, CopyError, Progress, copy};
pub use table::{EVENT, Row, SENT, Table, Type, Value};

pub(super) use table::send_of;

/// A room's row in the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoomState {
    /// Its name.
    pub name: String,
    /// The position of its newest event.
    pub head: i64,
    /// The position below the oldest event that is kept.
    pub floor: i64,
    /// When it was last written to, in milliseconds.
    pub last_at_ms: i64,
    /// Of public rooms: what their names are compared by.
    pub name_key: Option<String>,
    /// The same, for names that look alike.
    pub look_key: Option<String>,
}

/// A store that can be copied from, or to.
#[async_trait]
pub trait Transfer: Send + Sync {
    /// Marks an empty store as a copy of this original; or finds it so marked, with a part of the copy in
    /// it.
    ///
    /// # Errors
    /// It has something else in it, or cannot be written to.
    async fn begin(&self, original: &str) -> Result<(), CopyError>;

    /// The copy is complete: the mark goes, and the logs go on in this epoch.
    async fn finish(&self, epoch: &Epoch) -> Result<(), StoreError>;

    /// The epochs of its logs, each once.
    async fn epochs(&self) -> Result<Vec<Epoch>, StoreError>;

    /// Up to `limit` rows in the order of their keys, of those after `after`.
    async fn read(
        &self,
        table: &Table,
        after: Option<&[Value]>,
        limit: usize,
    ) -> Result<Vec<Row>, StoreError>;

    /// The key of the last row.
    async fn last(&self, table: &Table) -> Result<Option<Row>, StoreError>;

    /// Adds rows. One whose key is there is left as it is.
    async fn write(&self, table: &Table, rows: Vec<Row>) -> Result<(), StoreError>;

    /// How many parts the logs are spread over.
    fn parts(&self) -> usize {
        1
    }

    /// Up to `limit` rooms of a part that were written to, in the order of their names, after this one.
    async fn rooms(
        &self,
        part: usize,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Vec<RoomState>, StoreError>;

    /// Adds a room, or finds it.
    async fn write_room(&self, room: &RoomState) -> Result<(), StoreError>;

    /// Up to `limit` events of a room after this position: rows of [`table::EVENT`].
    async fn events(&self, room: &str, after: i64, limit: usize) -> Result<Vec<Row>, StoreError>;

    /// The position of the last event of a room that is there; zero where there is none.
    async fn last_event(&self, room: &str) -> Result<i64, StoreError>;

    /// Adds events, and remembers as sends those of them that may be sent again.
    async fn write_events(&self, room: &RoomState, rows: Vec<Row>) -> Result<(), StoreError>;

    /// Up to `limit` sends of a part whose events retention has dropped, after this author and `id`: rows
    /// of [`table::SENT`].
    async fn dropped_sends(
        &self,
        part: usize,
        after: Option<&[Value]>,
        limit: usize,
    ) -> Result<Vec<Row>, StoreError>;

    /// Adds such sends.
    async fn write_dropped_sends(&self, rows: Vec<Row>) -> Result<(), StoreError>;
}

#[cfg(test)]
mod tests;

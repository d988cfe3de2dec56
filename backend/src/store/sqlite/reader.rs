//! Reading: a small pool of read-only connections, used from blocking threads.

use super::schema;
use crate::store::{NewEvent, Page, Range, RoomHead, RoomRow, StoreError, StoredEvent};
use common::ids::{Epoch, Seq};
use common::reply::User;
use common::text::RoomName;
use common::time::Timestamp;
use parking_lot::Mutex;
use rusqlite::{Connection, OptionalExtension, Row, params};
use std::path::PathBuf;
use std::str::FromStr;
use std::sync::Arc;
use tokio::sync::Semaphore;

/// Reads at once. More would only wait for the same disk and processors.
const READERS_MAX: usize = 4;

/// The pool.
pub(super) struct Readers {
    path: Arc<PathBuf>,
    epoch: Epoch,
    idle: Arc<Mutex<Vec<Connection>>>,
    slots: Arc<Semaphore>,
}

impl Readers {
    pub(super) fn new(path: PathBuf, epoch: Epoch) -> Self {
        Self {
            path: Arc::new(path),
            epoch,
            idle: Arc::default(),
            slots: Arc::new(Semaphore::new(READERS_MAX)),
        }
    }

    /// Runs a read on a thread that may block, with a connection of its own.
    pub(super) async fn run<T: Send + 'static>(
        &self,
        read: impl FnOnce(&Reader) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let slot = Arc::clone(&self.slots)
            .acquire_owned()
            .await
            .map_err(|_| StoreError::Closed)?;
        let (path, idle, epoch) = (
            Arc::clone(&self.path),
            Arc::clone(&self.idle),
            self.epoch.clone(),
        );
        let job = move || {
            let connection = idle.lock().pop();
            let connection = match connection {
                Some(connection) => connection,
                None => schema::open_for_reading(&path)?,
            };
            let reader = Reader { connection, epoch };
            let result = read(&reader);
            idle.lock().push(reader.connection);
            drop(slot);
            result
        };
        tokio::task::spawn_blocking(job)
            .await
            .map_err(|_| StoreError::Closed)?
    }
}

/// One borrowed connection.
pub(super) struct Reader {
    pub(super) connection: Connection,
    epoch: Epoch,
}

impl Reader {
    pub(super) fn head(&self, room: &RoomName) -> Result<RoomHead, StoreError> {
        let (_, head) = self.row(room)?;
        Ok(RoomHead {
            epoch: self.epoch.clone(),
            head,
        })
    }

    /// The room's row and head; a room without a row is an empty one.
    fn row(&self, room: &RoomName) -> Result<(i64, Seq), StoreError> {
        let found = self
            .connection
            .prepare_cached("SELECT id, head FROM room WHERE name = ?1")?
            .query_row([room.as_str()], |row| Ok((row.get(0)?, Seq(row.get(1)?))))
            .optional()?;
        Ok(found.unwrap_or((0, Seq::ZERO)))
    }

    pub(super) fn read(
        &self,
        room: &RoomName,
        range: Range,
        limit: usize,
    ) -> Result<Page, StoreError> {
        // One more than asked for says whether there are more.
        let wanted = i64::try_from(limit).unwrap_or(i64::MAX - 1) + 1;
        // One snapshot for head and events.
        let _snapshot = self.connection.unchecked_transaction()?;
        let (row, head) = self.row(room)?;
        let mut events = match range {
            Range::Newest => self.descending(room, row, head.next(), wanted)?,
            Range::Before(seq) => self.descending(room, row, seq, wanted)?,
            Range::After(seq) => self.ascending(room, row, seq, wanted)?,
        };
        let more = events.len() > limit;
        events.truncate(limit);
        if !matches!(range, Range::After(_)) {
            events.reverse();
        }
        let at = RoomHead {
            epoch: self.epoch.clone(),
            head,
        };
        Ok(Page { at, events, more })
    }

    fn descending(
        &self,
        room: &RoomName,
        row: i64,
        below: Seq,
        wanted: i64,
    ) -> Result<Vec<StoredEvent>, StoreError> {
        let sql = "SELECT seq, user_id, user_name, client_id, content, data, at_ms FROM event
                   WHERE room_id = ?1 AND seq < ?2 ORDER BY seq DESC LIMIT ?3";
        self.select(room, sql, row, below, wanted)
    }

    fn ascending(
        &self,
        room: &RoomName,
        row: i64,
        above: Seq,
        wanted: i64,
    ) -> Result<Vec<StoredEvent>, StoreError> {
        let sql = "SELECT seq, user_id, user_name, client_id, content, data, at_ms FROM event
                   WHERE room_id = ?1 AND seq > ?2 ORDER BY seq LIMIT ?3";
        self.select(room, sql, row, above, wanted)
    }

    fn select(
        &self,
        room: &RoomName,
        sql: &str,
        row: i64,
        bound: Seq,
        wanted: i64,
    ) -> Result<Vec<StoredEvent>, StoreError> {
        // A seq beyond what SQLite can hold lies above every event.
        let bound = i64::try_from(bound.0).unwrap_or(i64::MAX);
        let mut statement = self.connection.prepare_cached(sql)?;
        let mut rows = statement.query(params![row, bound, wanted])?;
        let mut events = Vec::new();
        while let Some(row) = rows.next()? {
            events.push(event(room, row)?);
        }
        Ok(events)
    }

    pub(super) fn rooms(&self, limit: usize) -> Result<Vec<RoomRow>, StoreError> {
        let mut statement = self.connection.prepare_cached(
            "SELECT name, head, last_at_ms FROM room WHERE name <> ?1
             ORDER BY last_at_ms DESC, id DESC LIMIT ?2",
        )?;
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let mut rows = statement.query(params![RoomName::broadcast().as_str(), limit])?;
        let mut found = Vec::new();
        while let Some(row) = rows.next()? {
            found.push(RoomRow {
                room: parsed(row.get_ref(0)?.as_str().map_err(rusqlite::Error::from)?)?,
                head: Seq(row.get(1)?),
                last_at: Timestamp(row.get(2)?),
            });
        }
        Ok(found)
    }
}

fn event(room: &RoomName, row: &Row<'_>) -> Result<StoredEvent, StoreError> {
    Ok(StoredEvent {
        seq: Seq(row.get(0)?),
        event: NewEvent {
            room: room.clone(),
            author: User {
                id: column(row, 1)?,
                name: column(row, 2)?,
            },
            id: optional(row, 3)?,
            content: optional(row, 4)?,
            data: optional(row, 5)?,
            timestamp: Timestamp(row.get(6)?),
        },
    })
}

fn column<T: FromStr<Err: std::fmt::Display>>(row: &Row<'_>, at: usize) -> Result<T, StoreError> {
    parsed(row.get_ref(at)?.as_str().map_err(rusqlite::Error::from)?)
}

fn optional<T: FromStr<Err: std::fmt::Display>>(
    row: &Row<'_>,
    at: usize,
) -> Result<Option<T>, StoreError> {
    let text = row
        .get_ref(at)?
        .as_str_or_null()
        .map_err(rusqlite::Error::from)?;
    text.map(parsed).transpose()
}

/// What was valid when it was stored should be valid now; if not, the file is damaged.
pub(super) fn parsed<T: FromStr<Err: std::fmt::Display>>(text: &str) -> Result<T, StoreError> {
    text.parse().map_err(|error| {
        StoreError::Engine(format!("a damaged row in the database: {error}").into())
    })
}

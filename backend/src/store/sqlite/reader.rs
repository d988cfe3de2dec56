//! Reading: a small pool of read-only connections, used on blocking threads.

mod pages;

use super::schema;
use crate::store::columns::parsed;
use crate::store::health::StoreHealth;
use crate::store::names::NameKeys;
use crate::store::{RoomHead, RoomRow, StoreError};
use common::ids::{Epoch, Seq};
use common::text::RoomName;
use common::time::Timestamp;
use parking_lot::Mutex;
use rusqlite::{Connection, OptionalExtension, Row, Rows, params};
use std::path::PathBuf;
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
    health: Arc<StoreHealth>,
}

impl Readers {
    pub(super) fn new(path: PathBuf, epoch: Epoch, health: Arc<StoreHealth>) -> Self {
        Self {
            path: Arc::new(path),
            epoch,
            idle: Arc::default(),
            slots: Arc::new(Semaphore::new(READERS_MAX)),
            health,
        }
    }

    /// Runs a read on a thread that may block, with a connection of its own.
    pub(super) async fn run<T: Send + 'static>(
        &self,
        read: impl FnOnce(&Reader) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let slot = Arc::clone(&self.slots).acquire_owned().await;
        let slot = slot.map_err(|_| StoreError::Closed)?;
        let (path, idle) = (Arc::clone(&self.path), Arc::clone(&self.idle));
        let epoch = self.epoch.clone();
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
        let done = tokio::task::spawn_blocking(job).await;
        let outcome = done.map_err(|_| StoreError::Closed).flatten();
        self.health.record(&outcome);
        outcome
    }
}

/// One borrowed connection.
pub(super) struct Reader {
    pub(super) connection: Connection,
    epoch: Epoch,
}

/// A room's row. A room that has none is an empty one.
struct RoomAt {
    row: i64,
    at: RoomHead,
}

impl Reader {
    pub(super) fn head(&self, room: &RoomName) -> Result<RoomHead, StoreError> {
        Ok(self.room(room)?.at)
    }

    fn room(&self, room: &RoomName) -> Result<RoomAt, StoreError> {
        let found = self
            .connection
            .prepare_cached("SELECT id, floor, head FROM room WHERE name = ?1")?
            .query_row([room.as_str()], |row| {
                Ok((row.get(0)?, Seq(row.get(1)?), Seq(row.get(2)?)))
            })
            .optional()?;
        let (row, floor, head) = found.unwrap_or((0, Seq::ZERO, Seq::ZERO));
        let epoch = self.epoch.clone();
        Ok(RoomAt {
            row,
            at: RoomHead { epoch, floor, head },
        })
    }

    pub(super) fn rooms(
        &self,
        after: Option<&RoomName>,
        limit: usize,
    ) -> Result<Vec<RoomRow>, StoreError> {
        let mut statement = self.connection.prepare_cached(
            "SELECT name, head, last_at_ms FROM room
             WHERE name > ?1 AND name <> ?2 ORDER BY name LIMIT ?3",
        )?;
        let after = after.map_or("", RoomName::as_str);
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let broadcast = RoomName::broadcast();
        room_rows(statement.query(params![after, broadcast.as_str(), limit])?)
    }

    pub(super) fn public_rooms(&self, limit: usize) -> Result<Vec<RoomRow>, StoreError> {
        let mut statement = self.connection.prepare_cached(
            "SELECT name, head, last_at_ms FROM room
             WHERE name <> ?1 AND substr(name, 1, 1) <> '$'
             ORDER BY last_at_ms DESC, id DESC LIMIT ?2",
        )?;
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        room_rows(statement.query(params![RoomName::broadcast().as_str(), limit])?)
    }

    pub(super) fn similar(
        &self,
        keys: &NameKeys,
        limit: usize,
    ) -> Result<Vec<RoomName>, StoreError> {
        let mut statement = self.connection.prepare_cached(
            "SELECT name, max(at) FROM (
                 SELECT name, last_at_ms AS at FROM room WHERE name_key = ?1 OR look_key = ?2
                 UNION ALL
                 SELECT name, created_at_ms FROM room_record WHERE name_key = ?1 OR look_key = ?2)
             GROUP BY name ORDER BY max(at) DESC, name LIMIT ?3",
        )?;
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let mut rows = statement.query(params![keys.case, keys.look, limit])?;
        let mut found = Vec::new();
        while let Some(row) = rows.next()? {
            found.push(parsed(&row.get::<_, String>(0)?)?);
        }
        Ok(found)
    }

    pub(super) fn rows(&self, rooms: &[RoomName]) -> Result<Vec<RoomRow>, StoreError> {
        let mut statement = self
            .connection
            .prepare_cached("SELECT name, head, last_at_ms FROM room WHERE name = ?1")?;
        let mut found = Vec::new();
        for room in rooms {
            let mut rows = statement.query([room.as_str()])?;
            if let Some(row) = rows.next()? {
                found.push(room_row(row)?);
            }
        }
        Ok(found)
    }
}

fn room_rows(mut rows: Rows<'_>) -> Result<Vec<RoomRow>, StoreError> {
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        found.push(room_row(row)?);
    }
    Ok(found)
}

fn room_row(row: &Row<'_>) -> Result<RoomRow, StoreError> {
    Ok(RoomRow {
        room: parsed(row.get_ref(0)?.as_str().map_err(rusqlite::Error::from)?)?,
        head: Seq(row.get(1)?),
        last_at: Timestamp(row.get(2)?),
    })
}

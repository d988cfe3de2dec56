//! The embedded engine: one SQLite file in WAL mode.
//!
//! One connection writes (`writer`); readers borrow from a small pool (`reader`) and never wait for it.
//! All SQL is in this folder.

mod accounts;
mod audit;
mod free_space;
mod guests;
mod held_names;
mod invalidation;
mod keys;
mod markers;
mod names;
mod open_files;
mod people;
mod prune;
mod reader;
mod rooms;
mod row;
mod schema;
mod sign_ins;
#[cfg(test)]
impl SqliteStore {
    /// An empty store in a folder that lives as long as the second value.
    pub(crate) fn temporary() -> (Arc<Self>, tempfile::TempDir) {
        let folder = tempfile::TempDir::new().unwrap();
        let path = folder.path().join("test.sqlite");
        let store = Self::open(&path, &"e".parse().unwrap()).unwrap();
        (Arc::new(store), folder)
    }
}

#[cfg(test)]
mod tests;
mod transfer;
mod writer;

use super::health::{Monitored, Probe, StoreHealth};
use super::names::NameKeys;
use super::visits::{Visits, is_due};
use super::{
    Appended, Claim, EventStore, Guest, GuestStore, Marker, MarkerStore, MessagePage, NewEvent,
    Page, Range, Retention, RoomHead, RoomRow, StoreError,
};
use async_trait::async_trait;
use common::ids::{Epoch, Seq, UserId};
use common::text::{RoomName, UserName};
use common::time::Timestamp;
use common::user::User;
use free_space::FreeSpace;
use held_names::HeldNames;
use open_files::OpenFiles;
use reader::Readers;
use rooms::recorded::Recorded;
use std::path::Path;
use std::sync::Arc;
use writer::Writer;

pub use schema::{OpenError, copy};
pub use transfer::SqliteTransfer;

/// Rooms, events and guests in one SQLite file.
pub struct SqliteStore {
    writer: Writer,
    readers: Readers,
    visits: Visits,
    held: HeldNames,
    recorded: Recorded,
    health: Arc<StoreHealth>,
}

impl SqliteStore {
    /// Opens the file, creates it where it is missing, and migrates an older one.
    ///
    /// `fresh_epoch` becomes the epoch of a new file.
    ///
    /// # Errors
    /// The file cannot be opened or written, is not Hubbub's, or comes from a newer version.
    pub fn open(path: &Path, fresh_epoch: &Epoch) -> Result<Self, OpenError> {
        let (connection, epoch) = schema::open_for_writing(path, fresh_epoch)?;
        let failed = |reason| OpenError::Sqlite {
            path: path.to_owned(),
            reason,
        };
        let held = HeldNames::read(&connection).map_err(failed)?;
        let recorded = Recorded::read(&connection).map_err(failed)?;
        let health = Arc::<StoreHealth>::default();
        let files = OpenFiles::of(path);
        let disk = FreeSpace::new(path);
        let readers = Readers::new(path.to_owned(), epoch.clone(), Arc::clone(&health));
        let writer = Writer::new(connection, epoch, files, disk, Arc::clone(&health));
        Ok(Self {
            writer,
            readers,
            visits: Visits::default(),
            held,
            recorded,
            health,
        })
    }
}

impl SqliteStore {
    /// From now on, messages are refused while fewer bytes are free on the disk; 0 is no bound.
    pub fn keep_free(&self, bytes: u64) {
        self.writer.keep_free(bytes);
    }
}

#[async_trait]
impl Monitored for SqliteStore {
    fn health(&self) -> &Arc<StoreHealth> {
        &self.health
    }

    async fn probe(&self, probe: Probe) -> Result<(), StoreError> {
        self.writer.probe(probe).await
    }
}

#[async_trait]
impl EventStore for SqliteStore {
    fn append(&self, batch: &[NewEvent]) -> Result<Vec<Appended>, StoreError> {
        self.writer.append_here(batch)
    }

    async fn head(&self, room: &RoomName) -> Result<RoomHead, StoreError> {
        let room = room.clone();
        self.readers.run(move |reader| reader.head(&room)).await
    }

    async fn read(&self, room: &RoomName, range: Range, limit: usize) -> Result<Page, StoreError> {
        let room = room.clone();
        self.readers
            .run(move |reader| reader.read(&room, range, limit))
            .await
    }

    async fn messages(
        &self,
        room: &RoomName,
        range: Range,
        limit: usize,
    ) -> Result<MessagePage, StoreError> {
        let room = room.clone();
        self.readers
            .run(move |reader| reader.messages(&room, range, limit))
            .await
    }

    async fn prune(
        &self,
        room: &RoomName,
        keep: Retention,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let room = room.clone();
        self.writer
            .run(move |state| prune::prune(state, &room, keep, now.0))
            .await
    }

    async fn rooms(
        &self,
        after: Option<&RoomName>,
        limit: usize,
    ) -> Result<Vec<RoomRow>, StoreError> {
        let after = after.cloned();
        self.readers
            .run(move |reader| reader.rooms(after.as_ref(), limit))
            .await
    }

    async fn public_rooms(&self, limit: usize) -> Result<Vec<RoomRow>, StoreError> {
        self.readers
            .run(move |reader| reader.public_rooms(limit))
            .await
    }

    async fn similar(&self, room: &RoomName, limit: usize) -> Result<Vec<RoomName>, StoreError> {
        let keys = NameKeys::of_room(room);
        self.readers
            .run(move |reader| reader.similar(&keys, limit))
            .await
    }

    async fn rows(&self, rooms: Vec<RoomName>) -> Result<Vec<RoomRow>, StoreError> {
        self.readers.run(move |reader| reader.rows(&rooms)).await
    }
}

#[async_trait]
impl GuestStore for SqliteStore {
    async fn claim(
        &self,
        guest: Guest,
        instead_of: Option<[u8; 32]>,
        stale_before: Timestamp,
    ) -> Result<Claim, StoreError> {
        // Before it is there: nobody may be let in by this name once it is.
        self.held.note(&guest.user.name);
        // A recent visitor keeps the name, so the claim must see pending visits.
        let seen = Arc::new(self.visits.pending());
        let writing = Arc::clone(&seen);
        let claim = self.writer.run(move |state| {
            guests::touch(state, &writing)?;
            guests::claim(state, &guest, instead_of, stale_before)
        });
        let claim = claim.await?;
        self.visits.written(&seen);
        Ok(claim)
    }

    async fn guest(&self, hash: [u8; 32], now: Timestamp) -> Result<Option<User>, StoreError> {
        let found = self
            .readers
            .run(move |reader| guests::find(reader, &hash))
            .await?;
        let Some((user, seen_at)) = found else {
            return Ok(None);
        };
        if is_due(seen_at, now) {
            self.visits.note(hash, now, &self.writer);
        }
        Ok(Some(user))
    }

    async fn holder(&self, name: &UserName) -> Result<Option<UserId>, StoreError> {
        if !self.held.may_hold(name) {
            return Ok(None);
        }
        let name = name.clone();
        self.readers
            .run(move |reader| guests::holder(reader, &name))
            .await
    }

    async fn forget(&self, hash: [u8; 32]) -> Result<(), StoreError> {
        self.writer
            .run(move |state| guests::forget(state, &hash))
            .await
    }
}

#[async_trait]
impl MarkerStore for SqliteStore {
    async fn mark(&self, markers: Vec<Marker>) -> Result<(), StoreError> {
        self.writer
            .run(move |state| markers::mark(state, &markers))
            .await
    }

    async fn marker(
        &self,
        user: &UserId,
        room: &RoomName,
        epoch: &Epoch,
    ) -> Result<Option<Seq>, StoreError> {
        let (user, room, epoch) = (user.clone(), room.clone(), epoch.clone());
        self.readers
            .run(move |reader| markers::find(reader, &user, &room, &epoch))
            .await
    }
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        use rusqlite::ErrorCode as Code;
        let why = error.to_string().into();
        match error.sqlite_error_code() {
            Some(Code::DatabaseCorrupt | Code::NotADatabase | Code::ReadOnly) => {
                Self::Permanent(why)
            }
            _ => Self::Unavailable(why),
        }
    }
}

//! The engine for several nodes: PostgreSQL.
//!
//! The logs of rooms are spread over one or more databases by a hash of the room's name; users, and what
//! is set of rooms, live in the first. All SQL is in this folder.

mod accounts;
mod append;
mod audit;
mod coordination;
mod database;
mod epoch;
mod error;
mod guests;
mod invalidation;
mod keys;
mod log;
mod markers;
mod names;
mod people;
mod prune;
mod rooms;
mod row;
mod schema;
mod sign_ins;
mod sql;
#[cfg(test)]
mod tests;
mod tls;
mod transfer;

use super::health::{Monitored, Probe, StoreHealth};
use super::names::NameKeys;
use super::visits::{Seen, VisitStore, Visits};
use super::{
    Appended, EventStore, MessagePage, NewEvent, Page, Range, Retention, RoomHead, RoomRow,
    StoreError,
};
use crate::clock::RandomSource;
use async_trait::async_trait;
use common::ids::Epoch;
use common::text::RoomName;
use common::time::Timestamp;
use database::Database;
pub use error::OpenError;
use futures_util::future::try_join_all;
use sha2::{Digest, Sha256};
use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::sync::{Arc, mpsc};
use std::time::Duration;
use tokio::runtime::{Builder, Runtime};

/// How long an operation may take before it counts as failed.
const OPERATION_MAX: Duration = Duration::from_secs(12);

/// Batches on their way to one database at once. While one waits for the disk, others are prepared; the
/// server shares a sync among those that commit together.
const QUEUES_PER_DATABASE: usize = 4;

/// See the module.
pub struct PostgresStore {
    inner: Inner,
    visits: Visits,
    /// A random number, by which leases are held.
    node: i64,
}

#[derive(Clone)]
struct Inner(Arc<Shared>);

struct Shared {
    databases: Vec<Database>,
    health: Arc<StoreHealth>,
    /// Drives all connections. None once it is being shut down.
    runtime: Option<Runtime>,
}

impl Drop for Shared {
    fn drop(&mut self) {
        // Not waited for: this may be dropped on a thread that must not block.
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

impl PostgresStore {
    /// Opens the databases at these addresses, with up to `connections` to each, and creates or migrates
    /// their tables. Several nodes may do so at once.
    ///
    /// # Errors
    /// A database cannot be reached, or comes from a newer version.
    pub async fn open(
        urls: &[String],
        connections: usize,
        random: Arc<dyn RandomSource>,
    ) -> Result<Self, OpenError> {
        let store = Self::open_unfinished(urls, connections, random).await?;
        for database in &store.inner.0.databases {
            schema::check_complete(database).await?;
        }
        Ok(store)
    }

    /// The same, also for databases that are an unfinished copy.
    ///
    /// # Errors
    /// See [`open`](Self::open).
    pub async fn open_unfinished(
        urls: &[String],
        connections: usize,
        random: Arc<dyn RandomSource>,
    ) -> Result<Self, OpenError> {
        if urls.is_empty() {
            return Err(OpenError::NoDatabase);
        }
        let runtime = Builder::new_multi_thread()
            .worker_threads(1)
            .thread_name("postgres")
            .enable_all()
            .build()?;
        let handle = runtime.handle().clone();
        let mut shared = Shared {
            databases: Vec::new(),
            health: Arc::default(),
            runtime: Some(runtime),
        };
        for url in urls {
            let database = Database::new(url, connections, handle.clone(), Arc::clone(&random))?;
            shared.databases.push(database);
        }
        let store = Self {
            inner: Inner(Arc::new(shared)),
            visits: Visits::default(),
            node: random.bits()?.cast_signed(),
        };
        let mut fresh_epoch = Epoch::from_random(random.bits()?);
        for (number, database) in store.inner.0.databases.iter().enumerate() {
            // All begin with the same epoch.
            let epoch = schema::migrate(database, &fresh_epoch).await?;
            schema::check_place(database, number + 1, urls.len()).await?;
            if number == 0 {
                fresh_epoch = epoch;
            }
        }
        Ok(store)
    }

    /// The database that users live in, and what is set of rooms.
    fn people(&self) -> &Database {
        self.inner.people()
    }

    /// The number of the database that has a room's log.
    fn number_of(&self, room: &RoomName) -> usize {
        rendezvous(room, self.inner.0.databases.len())
    }

    #[expect(clippy::indexing_slicing, reason = "a number below their count")]
    fn database_of(&self, room: &RoomName) -> &Database {
        &self.inner.0.databases[self.number_of(room)]
    }

    /// Bounds an operation in time, and records how it ends.
    async fn run<T>(
        &self,
        operation: impl Future<Output = Result<T, StoreError>>,
    ) -> Result<T, StoreError> {
        self.inner.run(operation).await
    }
}

/// Rendezvous hashing (Thaler and Ravishankar, 1998): of `count` places, the one of a room. Another place
/// takes over its share of the rooms, and no other room moves. The same on every node.
fn rendezvous(room: &RoomName, count: usize) -> usize {
    if count == 1 {
        return 0;
    }
    let weight = |number: &usize| {
        let mut hash = Sha256::new();
        hash.update((*number as u64).to_be_bytes());
        hash.update(room.as_str());
        hash.finalize()
    };
    (0..count).max_by_key(weight).unwrap_or(0)
}

impl Inner {
    #[expect(clippy::indexing_slicing, reason = "there is one at the least")]
    fn people(&self) -> &Database {
        &self.0.databases[0]
    }

    async fn run<T>(
        &self,
        operation: impl Future<Output = Result<T, StoreError>>,
    ) -> Result<T, StoreError> {
        let outcome = tokio::time::timeout(OPERATION_MAX, operation).await;
        let late = |_| StoreError::Unavailable("PostgreSQL did not answer in time".into());
        let outcome = outcome.map_err(late).flatten();
        self.0.health.record(&outcome);
        outcome
    }
}

#[async_trait]
impl VisitStore for Inner {
    async fn touch(&self, seen: Arc<Seen>) -> Result<(), StoreError> {
        self.run(guests::touch(self.people(), seen.iter())).await
    }
}

#[async_trait]
impl Monitored for PostgresStore {
    fn health(&self) -> &Arc<StoreHealth> {
        &self.inner.0.health
    }

    async fn probe(&self, probe: Probe) -> Result<(), StoreError> {
        let sql = match probe {
            Probe::Look => "SELECT 1",
            Probe::Write => {
                "BEGIN; INSERT INTO meta VALUES ('probe', '') ON CONFLICT DO NOTHING;
                 DELETE FROM meta WHERE key = 'probe'; COMMIT"
            }
        };
        let each = self.inner.0.databases.iter().map(|database| async move {
            let lease = database.lease().await?;
            lease.client()?.batch_execute(sql).await?;
            lease.done();
            Ok(())
        });
        self.run(async { try_join_all(each).await.map(drop) }).await
    }
}

#[async_trait]
impl EventStore for PostgresStore {
    fn append(&self, batch: &[NewEvent]) -> Result<Vec<Appended>, StoreError> {
        let Some(first) = batch.first() else {
            return Ok(Vec::new());
        };
        let number = self.number_of(&first.room);
        let (answer, outcome) = mpsc::sync_channel(1);
        let (inner, batch) = (self.inner.clone(), batch.to_vec());
        let Some(runtime) = &self.inner.0.runtime else {
            return Err(StoreError::Closed);
        };
        // Not `block_on`: the caller may be on a thread of another runtime.
        runtime.spawn(async move {
            let done = match inner.0.databases.get(number) {
                Some(database) => inner.run(append::append(database, &batch)).await,
                None => Err(StoreError::Closed),
            };
            // The caller waits for it.
            drop(answer.send(done));
        });
        outcome.recv().unwrap_or(Err(StoreError::Closed))
    }

    fn append_queues(&self) -> usize {
        self.inner.0.databases.len() * QUEUES_PER_DATABASE
    }

    fn append_queue(&self, room: &RoomName) -> usize {
        // The same in this process suffices.
        let mut hash = DefaultHasher::new();
        room.hash(&mut hash);
        let within = hash.finish() % QUEUES_PER_DATABASE as u64;
        let first = self.number_of(room) * QUEUES_PER_DATABASE;
        usize::try_from(within).map_or(first, |within| first + within)
    }

    async fn head(&self, room: &RoomName) -> Result<RoomHead, StoreError> {
        let head = async { log::head(&self.database_of(room).client().await?, room).await };
        self.run(head).await
    }

    async fn heads(&self, rooms: Vec<RoomName>) -> Result<HashMap<RoomName, RoomHead>, StoreError> {
        let each = self.inner.0.databases.iter();
        let each = each.map(|database| log::heads(database, &rooms));
        let heads = self.run(try_join_all(each)).await?;
        Ok(heads.into_iter().flatten().collect())
    }

    fn is_shared(&self) -> bool {
        true
    }

    async fn read(&self, room: &RoomName, range: Range, limit: usize) -> Result<Page, StoreError> {
        self.run(log::read(self.database_of(room), room, range, limit))
            .await
    }

    async fn messages(
        &self,
        room: &RoomName,
        range: Range,
        limit: usize,
    ) -> Result<MessagePage, StoreError> {
        self.run(log::messages(self.database_of(room), room, range, limit))
            .await
    }

    async fn prune(
        &self,
        room: &RoomName,
        keep: Retention,
        _now: Timestamp,
    ) -> Result<bool, StoreError> {
        self.run(prune::prune(self.database_of(room), room, keep))
            .await
    }

    async fn rooms(
        &self,
        after: Option<&RoomName>,
        limit: usize,
    ) -> Result<Vec<RoomRow>, StoreError> {
        let each = self.inner.0.databases.iter();
        let each = each.map(|database| log::rooms(database, after, limit));
        let mut rows = self.run(try_join_all(each)).await?.concat();
        rows.sort_by(|one, other| one.room.as_str().cmp(other.room.as_str()));
        rows.truncate(limit);
        Ok(rows)
    }

    async fn public_rooms(&self, limit: usize) -> Result<Vec<RoomRow>, StoreError> {
        let each = self.inner.0.databases.iter();
        let each = each.map(|database| log::public_rooms(database, limit));
        let mut rows = self.run(try_join_all(each)).await?.concat();
        rows.sort_by_key(|row| std::cmp::Reverse(row.last_at));
        rows.truncate(limit);
        Ok(rows)
    }

    async fn similar(&self, room: &RoomName, limit: usize) -> Result<Vec<RoomName>, StoreError> {
        let keys = NameKeys::of_room(room);
        let each = self.inner.0.databases.iter();
        let each = each.map(|database| log::similar(database, &keys, limit));
        let mut found = self.run(try_join_all(each)).await?.concat();
        found.sort_by_key(|(_, at)| std::cmp::Reverse(*at));
        let mut names: Vec<RoomName> = Vec::new();
        for (name, _) in found {
            if names.len() < limit && !names.contains(&name) {
                names.push(name);
            }
        }
        Ok(names)
    }

    async fn rows(&self, rooms: Vec<RoomName>) -> Result<Vec<RoomRow>, StoreError> {
        let each = self.inner.0.databases.iter();
        let each = each.map(|database| log::rows(database, &rooms));
        Ok(self.run(try_join_all(each)).await?.concat())
    }

    async fn forget_sends(&self, now: Timestamp) -> Result<(), StoreError> {
        for database in &self.inner.0.databases {
            while self.run(prune::forget_sends(database, now)).await? {}
        }
        let people = self.people();
        while self.run(coordination::forget_full_buckets(people)).await? {}
        Ok(())
    }
}

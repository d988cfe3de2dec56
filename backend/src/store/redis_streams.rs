//! Logs of rooms that are kept in memory, shared by several nodes: Redis Streams.
//!
//! The contract and the bounds are those of [`memory`](super::memory), for as long as Redis runs: where it
//! has lost a log, the next one has another epoch. Each room has a stream, whose entries have the
//! positions of the events as their ids, and a hash with the log's epoch, head and floor. A deletion takes
//! entries out of the stream and puts what is left of them into a second hash.
//!
//! A node has a replica of the logs that it uses. To append, it brings the replica up to date, decides by
//! it, and writes by a script that does nothing where another node was faster; then it tries again.

mod connection;
mod entry;
mod replica;
mod script;
#[cfg(test)]
mod tests;

use super::{
    Appended, Body, EventStore, MessagePage, NewEvent, Page, Range, Refusal, Retention, RoomHead,
    RoomRow, StoreError,
};
use crate::clock::RandomSource;
use crate::store::names::NameKeys;
use async_trait::async_trait;
use common::ids::Seq;
use common::text::RoomName;
use common::time::Timestamp;
use connection::Redis;
use parking_lot::Mutex;
use replica::Replica;
use script::Written;
use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, mpsc};
use tokio::runtime::{Builder, Runtime};

/// Logs kept at once; beyond, no further one is begun until some have expired.
const ROOMS_MAX: usize = 10_000;

/// Replicas that a node has; beyond, those that are not in use go.
const REPLICAS_MAX: usize = 1000;

/// Attempts after another node was faster.
const ATTEMPTS_MAX: usize = 50;

/// Why the store could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The address cannot be read.
    #[error("bus.url cannot be used: {0}")]
    Address(#[from] ::redis::RedisError),
    /// The system refused.
    #[error("the system refused: {0}")]
    System(#[from] std::io::Error),
}

/// See the module.
pub struct RedisStreams {
    inner: Arc<Inner>,
    /// Drives the connection. None once it is being shut down.
    runtime: Option<Runtime>,
}

struct Inner {
    redis: Redis,
    random: Arc<dyn RandomSource>,
    /// Looks at the heads of live rooms so far.
    rounds: AtomicUsize,
    replicas: Mutex<HashMap<RoomName, Arc<tokio::sync::Mutex<Replica>>>>,
}

impl Drop for RedisStreams {
    fn drop(&mut self) {
        // Not waited for: this may be dropped on a thread that must not block.
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

impl RedisStreams {
    /// The logs in this Redis, whose keys begin with `prefix`. Nothing is asked of it yet.
    ///
    /// # Errors
    /// The address cannot be read, or the system gives no thread.
    pub fn new(url: &str, prefix: &str, random: Arc<dyn RandomSource>) -> Result<Self, OpenError> {
        let runtime = Builder::new_multi_thread()
            .worker_threads(1)
            .thread_name("redis")
            .enable_all()
            .build()?;
        Ok(Self {
            inner: Arc::new(Inner {
                redis: Redis::new(url, prefix)?,
                random,
                rounds: AtomicUsize::new(0),
                replicas: Mutex::default(),
            }),
            runtime: Some(runtime),
        })
    }

    /// Runs something on the runtime that drives the connection.
    async fn run<T: Send + 'static>(
        &self,
        operation: impl Future<Output = Result<T, StoreError>> + Send + 'static,
    ) -> Result<T, StoreError> {
        let runtime = self.runtime.as_ref().ok_or(StoreError::Closed)?;
        let done = runtime.spawn(operation).await;
        done.map_err(|_| StoreError::Closed)?
    }

    /// Reads from the replica of a room once it is up to date.
    async fn with_replica<T: Send + 'static>(
        &self,
        room: &RoomName,
        read: impl FnOnce(&Replica) -> T + Send + 'static,
    ) -> Result<T, StoreError> {
        let (inner, room) = (Arc::clone(&self.inner), room.clone());
        self.run(async move {
            let replica = inner.replica(&room);
            let mut replica = replica.lock().await;
            inner.sync(&room, &mut replica).await?;
            Ok(read(&replica))
        })
        .await
    }

    /// The rooms that were written to, the latest first.
    async fn written(&self) -> Result<Vec<RoomRow>, StoreError> {
        let inner = Arc::clone(&self.inner);
        self.run(async move { script::written(&inner.redis).await })
            .await
    }
}

impl Inner {
    fn replica(&self, room: &RoomName) -> Arc<tokio::sync::Mutex<Replica>> {
        let mut replicas = self.replicas.lock();
        if replicas.len() >= REPLICAS_MAX && !replicas.contains_key(room) {
            replicas.retain(|_, replica| Arc::strong_count(replica) > 1);
        }
        let replica = replicas.entry(room.clone());
        Arc::clone(replica.or_insert_with(|| {
            let replica = Replica::new(room.clone());
            Arc::new(tokio::sync::Mutex::new(replica))
        }))
    }

    async fn sync(&self, room: &RoomName, replica: &mut Replica) -> Result<(), StoreError> {
        let bits = self.random.bits();
        let bits = bits.map_err(|error| StoreError::Unavailable(error.to_string().into()))?;
        script::sync(&self.redis, room, replica, bits).await
    }

    /// Appends the events of one room.
    async fn append(
        &self,
        room: &RoomName,
        events: &[NewEvent],
    ) -> Result<Vec<Appended>, StoreError> {
        let replica = self.replica(room);
        let mut replica = replica.lock().await;
        for _ in 0..ATTEMPTS_MAX {
            self.sync(room, &mut replica).await?;
            let sent = script::sent(&self.redis, events).await?;
            let (draft, answers) = replica.draft(events, sent);
            if draft.is_unchanged() {
                return Ok(answers);
            }
            match script::write(&self.redis, room, &draft, ROOMS_MAX).await? {
                Written::Done => {
                    replica.adopt(draft);
                    return Ok(answers);
                }
                Written::Behind => {}
                Written::Full => {
                    let full = |_| Appended::Refused(Refusal::TooManyLogs);
                    return Ok(events.iter().map(full).collect());
                }
            }
        }
        Err(StoreError::Unavailable(
            "Redis: other nodes were faster many times".into(),
        ))
    }

    /// Appends a batch, one room after the other.
    async fn append_all(&self, batch: &[NewEvent]) -> Result<Vec<Appended>, StoreError> {
        let mut by_room: HashMap<&RoomName, Vec<usize>> = HashMap::new();
        for (at, event) in batch.iter().enumerate() {
            by_room.entry(&event.room).or_default().push(at);
        }
        let each = by_room.into_iter().map(|(room, places)| async move {
            let events = places.iter().filter_map(|at| batch.get(*at).cloned());
            let events: Vec<NewEvent> = events.collect();
            let answers = self.append(room, &events).await?;
            Ok::<_, StoreError>(places.into_iter().zip(answers))
        });
        let answered = futures_util::future::try_join_all(each).await?;
        let mut answered: Vec<(usize, Appended)> = answered.into_iter().flatten().collect();
        answered.sort_by_key(|(at, _)| *at);
        Ok(answered.into_iter().map(|(_, answer)| answer).collect())
    }
}

#[async_trait]
impl EventStore for RedisStreams {
    fn append(&self, batch: &[NewEvent]) -> Result<Vec<Appended>, StoreError> {
        let (answer, outcome) = mpsc::sync_channel(1);
        let (inner, batch) = (Arc::clone(&self.inner), batch.to_vec());
        let runtime = self.runtime.as_ref().ok_or(StoreError::Closed)?;
        // Not `block_on`: the caller may be on a thread of another runtime.
        runtime.spawn(async move {
            // The caller waits for it.
            drop(answer.send(inner.append_all(&batch).await));
        });
        outcome.recv().unwrap_or(Err(StoreError::Closed))
    }

    async fn head(&self, room: &RoomName) -> Result<RoomHead, StoreError> {
        self.with_replica(room, Replica::at).await
    }

    async fn heads(&self, rooms: Vec<RoomName>) -> Result<HashMap<RoomName, RoomHead>, StoreError> {
        let inner = Arc::clone(&self.inner);
        let round = inner.rounds.fetch_add(1, Ordering::Relaxed);
        self.run(async move { script::heads(&inner.redis, &rooms, round).await })
            .await
    }

    fn is_shared(&self) -> bool {
        true
    }

    fn rising_floor(&self, room: &RoomName) -> Option<Seq> {
        let replica = self.inner.replicas.lock().get(room).cloned()?;
        let replica = replica.try_lock().ok()?;
        Some(replica.at().floor)
    }

    async fn read(&self, room: &RoomName, range: Range, limit: usize) -> Result<Page, StoreError> {
        self.with_replica(room, move |replica| replica.read(range, limit))
            .await
    }

    async fn messages(
        &self,
        room: &RoomName,
        range: Range,
        limit: usize,
    ) -> Result<MessagePage, StoreError> {
        self.with_replica(room, move |replica| replica.messages(range, limit))
            .await
    }

    async fn prune(
        &self,
        room: &RoomName,
        keep: Retention,
        _now: Timestamp,
    ) -> Result<bool, StoreError> {
        let (inner, room) = (Arc::clone(&self.inner), room.clone());
        self.run(async move {
            let replica = inner.replica(&room);
            let mut replica = replica.lock().await;
            inner.sync(&room, &mut replica).await?;
            replica.prune(keep);
            script::trim(&inner.redis, &room, &replica.at()).await?;
            Ok(false)
        })
        .await
    }

    async fn forget_sends(&self, _now: Timestamp) -> Result<(), StoreError> {
        // Sends expire by themselves; what is forgotten here is the names of logs that have.
        self.written().await.map(drop)
    }

    async fn rooms(
        &self,
        after: Option<&RoomName>,
        limit: usize,
    ) -> Result<Vec<RoomRow>, StoreError> {
        let mut rooms = self.written().await?;
        rooms.retain(|row| !row.room.is_broadcast() && after.is_none_or(|after| row.room > *after));
        rooms.sort_by(|one, other| one.room.cmp(&other.room));
        rooms.truncate(limit);
        Ok(rooms)
    }

    async fn public_rooms(&self, limit: usize) -> Result<Vec<RoomRow>, StoreError> {
        let mut rooms = self.written().await?;
        rooms.retain(|row| !row.room.is_broadcast() && !row.room.is_hidden());
        rooms.truncate(limit);
        Ok(rooms)
    }

    async fn similar(&self, room: &RoomName, limit: usize) -> Result<Vec<RoomName>, StoreError> {
        let keys = NameKeys::of_room(room);
        let rooms = self.public_rooms(usize::MAX).await?.into_iter();
        let similar = rooms.filter(|row| NameKeys::of_room(&row.room).collide(&keys));
        Ok(similar.map(|row| row.room).take(limit).collect())
    }

    async fn rows(&self, rooms: Vec<RoomName>) -> Result<Vec<RoomRow>, StoreError> {
        let mut found = self.written().await?;
        found.retain(|row| rooms.contains(&row.room));
        Ok(found)
    }
}

/// Whether an event is a message.
fn is_message(body: &Body) -> bool {
    matches!(body, Body::Message { .. })
}

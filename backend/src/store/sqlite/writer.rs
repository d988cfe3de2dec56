//! The thread that owns the writing connection, and what it does in one transaction.

use crate::store::{NewEvent, Placed, StoreError};
use common::ids::{Epoch, Seq};
use common::text::RoomName;
use common::time::Timestamp;
use rusqlite::{Connection, OptionalExtension, Transaction, params};
use std::collections::HashMap;
use std::collections::hash_map::Entry;
use tokio::sync::{mpsc, oneshot};

/// Jobs that may wait for the thread. The hub sends one batch at a time; sign-ins come beside.
const JOBS_MAX: usize = 64;

/// Rooms whose head is remembered between transactions.
const HEADS_MAX: usize = 100_000;

type Job = Box<dyn FnOnce(&mut WriterState) + Send>;

/// Hands jobs to the writing thread.
pub(super) struct Writer {
    jobs: mpsc::Sender<Job>,
}

impl Writer {
    pub(super) fn start(connection: Connection, epoch: Epoch) -> std::io::Result<Self> {
        let (jobs, mut inbox) = mpsc::channel::<Job>(JOBS_MAX);
        let mut state = WriterState {
            connection,
            epoch,
            heads: HashMap::new(),
        };
        std::thread::Builder::new()
            .name("store-writer".into())
            .spawn(move || {
                while let Some(job) = inbox.blocking_recv() {
                    job(&mut state);
                }
            })?;
        Ok(Self { jobs })
    }

    /// Runs a job on the thread and waits for what it gives.
    pub(super) async fn run<T: Send + 'static>(
        &self,
        job: impl FnOnce(&mut WriterState) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let (done, result) = oneshot::channel();
        let job: Job = Box::new(move |state| {
            // Whoever asked may have gone away; the work is done all the same.
            drop(done.send(job(state)));
        });
        self.jobs.send(job).await.map_err(|_| StoreError::Closed)?;
        result.await.map_err(|_| StoreError::Closed)?
    }
}

/// What the thread owns.
pub(super) struct WriterState {
    pub(super) connection: Connection,
    epoch: Epoch,
    /// The row and newest seq of rooms lately written to. Only ever what is committed.
    heads: HashMap<RoomName, Head>,
}

#[derive(Clone, Copy)]
struct Head {
    row: i64,
    seq: Seq,
}

impl WriterState {
    /// One batch, one transaction, one sync.
    pub(super) fn append(&mut self, batch: &[NewEvent]) -> Result<Vec<Placed>, StoreError> {
        let transaction = self.connection.transaction()?;
        let mut touched = HashMap::new();
        let mut placed = Vec::with_capacity(batch.len());
        for event in batch {
            let at = place(&transaction, &self.epoch, &self.heads, &mut touched, event)?;
            placed.push(at);
        }
        for (head, at) in touched.values() {
            transaction
                .prepare_cached("UPDATE room SET head = ?2, last_at_ms = ?3 WHERE id = ?1")?
                .execute(params![head.row, head.seq.0, at.0])?;
        }
        transaction.commit()?;
        if self.heads.len() > HEADS_MAX {
            self.heads.clear();
        }
        self.heads
            .extend(touched.into_iter().map(|(room, (head, _))| (room, head)));
        Ok(placed)
    }
}

/// The rooms this transaction has written to, with what to write into their rows at its end.
type Touched = HashMap<RoomName, (Head, Timestamp)>;

fn place(
    transaction: &Transaction<'_>,
    epoch: &Epoch,
    heads: &HashMap<RoomName, Head>,
    touched: &mut Touched,
    event: &NewEvent,
) -> Result<Placed, StoreError> {
    if let Some(first) = find_repeat(transaction, epoch, event)? {
        return Ok(first);
    }
    let (head, last_at) = match touched.entry(event.room.clone()) {
        Entry::Occupied(known) => known.into_mut(),
        Entry::Vacant(vacant) => {
            let head = match heads.get(&event.room) {
                Some(head) => *head,
                None => find_or_create(transaction, event)?,
            };
            vacant.insert((head, event.timestamp))
        }
    };
    head.seq = head.seq.next();
    *last_at = event.timestamp;
    insert(transaction, *head, event)?;
    Ok(Placed {
        room: event.room.clone(),
        epoch: epoch.clone(),
        seq: head.seq,
        timestamp: event.timestamp,
        repeat: false,
    })
}

fn find_repeat(
    transaction: &Transaction<'_>,
    epoch: &Epoch,
    event: &NewEvent,
) -> Result<Option<Placed>, StoreError> {
    let Some(id) = &event.id else {
        return Ok(None);
    };
    let found = transaction
        .prepare_cached(
            "SELECT room.name, event.seq, event.at_ms FROM event JOIN room ON room.id = room_id
             WHERE user_id = ?1 AND client_id = ?2",
        )?
        .query_row([event.author.id.as_str(), id.as_str()], |row| {
            Ok((
                row.get::<_, String>(0)?,
                row.get::<_, u64>(1)?,
                row.get::<_, u64>(2)?,
            ))
        })
        .optional()?;
    let Some((room, seq, at_ms)) = found else {
        return Ok(None);
    };
    Ok(Some(Placed {
        room: super::reader::parsed(&room)?,
        epoch: epoch.clone(),
        seq: Seq(seq),
        timestamp: Timestamp(at_ms),
        repeat: true,
    }))
}

fn find_or_create(transaction: &Transaction<'_>, event: &NewEvent) -> Result<Head, StoreError> {
    let name = event.room.as_str();
    let found = transaction
        .prepare_cached("SELECT id, head FROM room WHERE name = ?1")?
        .query_row([name], |row| {
            Ok(Head {
                row: row.get(0)?,
                seq: Seq(row.get(1)?),
            })
        })
        .optional()?;
    if let Some(head) = found {
        return Ok(head);
    }
    transaction
        .prepare_cached("INSERT INTO room (name, head, last_at_ms) VALUES (?1, 0, ?2)")?
        .execute(params![name, event.timestamp.0])?;
    Ok(Head {
        row: transaction.last_insert_rowid(),
        seq: Seq::ZERO,
    })
}

fn insert(transaction: &Transaction<'_>, at: Head, event: &NewEvent) -> Result<(), StoreError> {
    transaction
        .prepare_cached(
            "INSERT INTO event (room_id, seq, user_id, user_name, client_id, content, data, at_ms)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        )?
        .execute(params![
            at.row,
            at.seq.0,
            event.author.id.as_str(),
            event.author.name.as_str(),
            event.id.as_ref().map(common::ids::RequestId::as_str),
            event.content.as_ref().map(common::text::Content::as_str),
            event.data.as_ref().map(common::text::Data::as_str),
            event.timestamp.0,
        ])?;
    Ok(())
}

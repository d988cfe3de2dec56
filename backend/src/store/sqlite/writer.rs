//! The connection that writes, and what it does in one transaction.

mod changes;
mod sends;

use super::free_space::FreeSpace;
use super::open_files::OpenFiles;
use super::row::insert;
use crate::store::health::{Probe, StoreHealth};
use crate::store::names::NameKeys;
use crate::store::reactions::Decision;
use crate::store::{Appended, Body, NewEvent, Placed, StoreError};
use common::ids::{Epoch, Seq};
use common::text::RoomName;
use common::time::Timestamp;
use parking_lot::Mutex;
use rusqlite::{Connection, OptionalExtension, Transaction, TransactionBehavior, params};
use sends::{Fresh, Sends};
use std::borrow::Cow;
use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::Arc;

/// Rooms whose head is remembered between transactions.
const HEADS_MAX: usize = 100_000;

/// Gives the connection to one job after another.
#[derive(Clone)]
pub(super) struct Writer {
    state: Arc<Mutex<WriterState>>,
    files: Arc<OpenFiles>,
    disk: Arc<FreeSpace>,
    health: Arc<StoreHealth>,
}

impl Writer {
    pub(super) fn new(
        connection: Connection,
        epoch: Epoch,
        files: OpenFiles,
        disk: FreeSpace,
        health: Arc<StoreHealth>,
    ) -> Self {
        let mut state = WriterState {
            connection,
            epoch,
            heads: HashMap::new(),
            sends: Sends::default(),
            knows_sends: false,
        };
        // What fails here fails again with the first batch.
        health.record(&state.learn_sends().map_err(StoreError::from));
        Self {
            state: Arc::new(Mutex::new(state)),
            files: Arc::new(files),
            disk: Arc::new(disk),
            health,
        }
    }

    /// See [`super::SqliteStore::keep_free`].
    pub(super) fn keep_free(&self, bytes: u64) {
        self.disk.keep_free(bytes);
    }

    /// Appends messages, on the calling thread, unless the disk is nearly full.
    pub(super) fn append_here(&self, batch: &[NewEvent]) -> Result<Vec<Appended>, StoreError> {
        self.disk.check_last()?;
        self.run_here(|state| state.append(batch))
    }

    /// Runs a job on the calling thread, which waits for the disk.
    pub(super) fn run_here<T>(
        &self,
        job: impl FnOnce(&mut WriterState) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let outcome = self.attempt(job);
        self.health.record(&outcome);
        outcome
    }

    /// What a job has written counts only where its files are still in their places afterwards.
    fn attempt<T>(
        &self,
        job: impl FnOnce(&mut WriterState) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let mut state = self.state.lock();
        self.files.check()?;
        let done = job(&mut state)?;
        self.files.check()?;
        Ok(done)
    }

    /// Checks the files; to recover from a fault, something must be written as well.
    pub(super) async fn probe(&self, probe: Probe) -> Result<(), StoreError> {
        let writer = self.clone();
        let job = move || {
            writer.disk.check()?;
            match probe {
                Probe::Look => writer.files.check(),
                Probe::Write => writer.attempt(WriterState::write_nothing_lasting),
            }
        };
        let done = tokio::task::spawn_blocking(job).await;
        done.map_err(|_| StoreError::Closed)?
    }

    /// Runs a job on a thread that may wait. It is done also when nobody waits for it any more.
    pub(super) async fn run<T: Send + 'static>(
        &self,
        job: impl FnOnce(&mut WriterState) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let writer = self.clone();
        let done = tokio::task::spawn_blocking(move || writer.run_here(job)).await;
        done.map_err(|_| StoreError::Closed)?
    }
}

/// What a job is given.
pub(super) struct WriterState {
    pub(super) connection: Connection,
    epoch: Epoch,
    /// The row and newest seq of rooms lately written to. Only ever what is committed.
    heads: HashMap<RoomName, Head>,
    pub(super) sends: Sends,
    /// Without it a message could be stored twice. A damaged file can still be read where it is
    /// whole, so this alone is no reason not to open it.
    knows_sends: bool,
}

#[derive(Clone, Copy)]
struct Head {
    row: i64,
    seq: Seq,
    last_at: Timestamp,
}

impl WriterState {
    fn learn_sends(&mut self) -> rusqlite::Result<()> {
        if !self.knows_sends {
            sends::catch_up(&mut self.connection)?;
            self.knows_sends = true;
        }
        Ok(())
    }

    /// A transaction that reaches the disk and changes nothing.
    fn write_nothing_lasting(&mut self) -> Result<(), StoreError> {
        let step = begin(&mut self.connection)?;
        step.execute("INSERT INTO meta VALUES ('probe', '')", [])?;
        step.execute("DELETE FROM meta WHERE key = 'probe'", [])?;
        Ok(step.commit()?)
    }

    /// One batch, one transaction, one sync.
    pub(super) fn append(&mut self, batch: &[NewEvent]) -> Result<Vec<Appended>, StoreError> {
        self.learn_sends()?;
        let mut step = Step {
            transaction: begin(&mut self.connection)?,
            epoch: &self.epoch,
            heads: &self.heads,
            touched: HashMap::new(),
            sends: &self.sends,
            fresh: Fresh::default(),
        };
        let answers: Result<Vec<_>, _> = batch.iter().map(|event| step.append(event)).collect();
        let answers = answers?;
        let due = self.sends.due(batch.len());
        self.sends.write(&step.transaction, due)?;
        let (touched, fresh) = step.commit()?;
        let heads = touched.iter().map(|(_, head)| (head.row, head.seq));
        self.sends.committed(fresh, batch.len(), heads, due);
        if self.heads.len() > HEADS_MAX {
            self.heads.clear();
        }
        self.heads.extend(touched);
        Ok(answers)
    }
}

/// A transaction that will write: it waits for its turn at the start, where nothing is lost yet.
pub(super) fn begin(connection: &mut Connection) -> rusqlite::Result<Transaction<'_>> {
    connection.transaction_with_behavior(TransactionBehavior::Immediate)
}

/// A batch on its way into the database.
struct Step<'a> {
    transaction: Transaction<'a>,
    epoch: &'a Epoch,
    heads: &'a HashMap<RoomName, Head>,
    /// The rooms this transaction has written to, with what to write into their rows at its end.
    /// With whether something was accepted.
    touched: HashMap<RoomName, (Head, bool)>,
    sends: &'a Sends,
    /// What this transaction itself has stored.
    fresh: Fresh,
}

impl Step<'_> {
    fn append(&mut self, event: &NewEvent) -> Result<Appended, StoreError> {
        let first = self
            .sends
            .find(&self.fresh, &self.transaction, self.epoch, event)?;
        if let Some(first) = first {
            return Ok(first);
        }
        let head = self.head(event)?;
        match changes::judge(&self.transaction, head.row, event)? {
            Decision::Take => {}
            Decision::Said(seq) => return Ok(Appended::Placed(self.said(event, seq))),
            Decision::Refuse(refusal) => return Ok(Appended::Refused(refusal)),
        }
        let seq = head.seq.next();
        // A clock that was set back does not take the room's time back.
        let timestamp = event.timestamp.max(head.last_at);
        let event = &match timestamp == event.timestamp {
            true => Cow::Borrowed(event),
            false => Cow::Owned(NewEvent {
                timestamp,
                ..event.clone()
            }),
        };
        insert(&self.transaction, head.row, seq, event)?;
        self.sends.note(&mut self.fresh, head.row, seq, event);
        if let Some((known, is_written)) = self.touched.get_mut(&event.room) {
            (known.seq, known.last_at, *is_written) = (seq, timestamp, true);
        }
        let erased = match event.body {
            Body::Delete { target, .. } => {
                changes::erase(&self.transaction, &event.room, head.row, target)?
            }
            _ => Vec::new(),
        };
        Ok(Appended::Placed(Placed {
            room: event.room.clone(),
            epoch: self.epoch.clone(),
            seq,
            timestamp: event.timestamp,
            repeat: false,
            erased,
        }))
    }

    /// An event that says nothing new: it is answered as a repeat of the one that said it.
    fn said(&self, event: &NewEvent, seq: Seq) -> Placed {
        Placed {
            room: event.room.clone(),
            epoch: self.epoch.clone(),
            seq,
            timestamp: event.timestamp,
            repeat: true,
            erased: Vec::new(),
        }
    }

    fn head(&mut self, event: &NewEvent) -> Result<Head, StoreError> {
        match self.touched.entry(event.room.clone()) {
            Entry::Occupied(known) => Ok(known.get().0),
            Entry::Vacant(vacant) => {
                let head = match self.heads.get(&event.room) {
                    Some(head) => *head,
                    None => find_or_create(&self.transaction, event)?,
                };
                vacant.insert((head, false));
                Ok(head)
            }
        }
    }

    /// What was written to, and what was sent.
    fn commit(self) -> Result<(Vec<(RoomName, Head)>, Fresh), StoreError> {
        for (head, is_written) in self.touched.values() {
            if head.seq == Seq::ZERO {
                // A room that only heard refusals has not been written to.
                self.transaction
                    .prepare_cached("DELETE FROM room WHERE id = ?1")?
                    .execute([head.row])?;
                continue;
            }
            if !is_written {
                continue;
            }
            self.transaction
                .prepare_cached("UPDATE room SET head = ?2, last_at_ms = ?3 WHERE id = ?1")?
                .execute(params![head.row, head.seq.0, head.last_at.0])?;
        }
        self.transaction.commit()?;
        let written = self
            .touched
            .into_iter()
            .filter(|(_, (head, _))| head.seq > Seq::ZERO);
        let written = written.map(|(room, (head, _))| (room, head)).collect();
        Ok((written, self.fresh))
    }
}

fn find_or_create(transaction: &Transaction<'_>, event: &NewEvent) -> Result<Head, StoreError> {
    let name = event.room.as_str();
    let found = transaction
        .prepare_cached("SELECT id, head, last_at_ms FROM room WHERE name = ?1")?
        .query_row([name], |row| {
            Ok(Head {
                row: row.get(0)?,
                seq: Seq(row.get(1)?),
                last_at: Timestamp(row.get(2)?),
            })
        })
        .optional()?;
    if let Some(head) = found {
        return Ok(head);
    }
    let is_public = !event.room.is_hidden() && !event.room.is_broadcast();
    let keys = is_public.then(|| NameKeys::of_room(&event.room));
    transaction
        .prepare_cached(
            "INSERT INTO room (name, head, last_at_ms, name_key, look_key)
             VALUES (?1, 0, ?2, ?3, ?4)",
        )?
        .execute(params![
            name,
            event.timestamp.0,
            keys.as_ref().map(|keys| &keys.case),
            keys.as_ref().map(|keys| &keys.look),
        ])?;
    Ok(Head {
        row: transaction.last_insert_rowid(),
        seq: Seq::ZERO,
        last_at: Timestamp::default(),
    })
}

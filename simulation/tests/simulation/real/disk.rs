//! The disk: the real SQLite store, behind what can befall one.
//!
//! The committer's thread is held at a gate: it brings its next batch, and waits until the
//! simulation says what becomes of that. So a batch is on its way to disk for as long as the
//! simulation wants, the next one gathers behind it, and nothing depends on the speed of threads.
//! An event in the room [`sign_ins_changed`] is posted with each turn to bring the committer back to the gate; it
//! goes no further.

use crate::rng::Rng;
use crate::waiting::wait_for;
use async_trait::async_trait;
use backend::store::sqlite::SqliteStore;
use backend::store::{
    Appended, EventStore, Marker, MarkerStore, MessagePage, NewEvent, Page, Range, Refusal,
    Retention, RoomHead, RoomRow, StoreError,
};
use common::ids::{Epoch, Seq, UserId};
use common::text::RoomName;
use common::time::Timestamp;
use parking_lot::{Condvar, Mutex};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

pub(crate) struct Disk {
    pub(crate) store: Arc<SqliteStore>,
    gate: Mutex<Gate>,
    changed: Condvar,
    random: Mutex<Rng>,
    is_calm: AtomicBool,
}

struct Gate {
    mode: Mode,
    /// How often the committer came here.
    visits: u64,
    /// What it may do next.
    decision: Option<Decision>,
    records: Vec<Record>,
    /// A batch is waiting that holds more than the bell.
    is_laden: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mode {
    /// The committer waits for a decision each time.
    Held,
    /// The node goes away politely: all that was accepted is stored.
    Free,
    /// The program was killed.
    Dead,
}

/// What becomes of the batch at the gate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Decision {
    Store,
    /// The disk is full, or gone for a moment.
    Fail,
    /// Stored; but the program is killed before it can say so.
    StoreAndDie,
}

/// What has happened to the file.
pub(crate) enum Record {
    Appended(Vec<NewEvent>, Result<Vec<Appended>, StoreError>),
    Failed,
    Floor(RoomName, Seq),
    /// A page was read for somebody who has fallen off a tail.
    PageRead,
}

/// The room of the event that brings the committer to the gate.
pub(crate) fn sign_ins_changed() -> RoomName {
    "bell".parse().unwrap()
}

impl Disk {
    pub(crate) fn new(store: Arc<SqliteStore>, seed: u64) -> Self {
        Self {
            store,
            gate: Mutex::new(Gate {
                mode: Mode::Held,
                visits: 0,
                decision: None,
                records: vec![],
                is_laden: false,
            }),
            changed: Condvar::new(),
            random: Mutex::new(Rng(seed)),
            is_calm: AtomicBool::new(false),
        }
    }

    /// Lets the committer do something with its batch, once it is at the gate, and waits for it to
    /// come back with the next.
    pub(crate) fn decide(&self, decision: Decision) {
        let mut gate = self.gate.lock();
        let visits = gate.visits;
        gate.decision = Some(decision);
        self.changed.notify_all();
        while gate.visits == visits && gate.mode == Mode::Held {
            self.wait(&mut gate);
        }
    }

    /// Waits until the committer is at the gate.
    pub(crate) fn meet(&self) {
        let mut gate = self.gate.lock();
        while gate.visits == 0 {
            self.wait(&mut gate);
        }
    }

    fn wait(&self, gate: &mut parking_lot::MutexGuard<'_, Gate>) {
        let late = self.changed.wait_for(gate, Duration::from_secs(20));
        assert!(!late.timed_out(), "the committer is lost");
    }

    /// Whether anything would be lost if the program were killed now.
    pub(crate) fn is_laden(&self) -> bool {
        self.gate.lock().is_laden
    }

    pub(crate) fn let_go(&self) {
        self.set(Mode::Free);
    }

    pub(crate) fn kill(&self) {
        self.set(Mode::Dead);
    }

    fn set(&self, mode: Mode) {
        self.gate.lock().mode = mode;
        self.changed.notify_all();
    }

    /// Reads take no time and do not fail from now on.
    pub(crate) fn calm(&self) {
        self.is_calm.store(true, Ordering::Relaxed);
    }

    pub(crate) fn take_records(&self) -> Vec<Record> {
        std::mem::take(&mut self.gate.lock().records)
    }

    fn note(&self, record: Record) {
        self.gate.lock().records.push(record);
    }

    /// Waits for a decision.
    fn knock(&self, is_laden: bool) -> Decision {
        let mut gate = self.gate.lock();
        gate.visits += 1;
        gate.is_laden = is_laden;
        self.changed.notify_all();
        while gate.mode == Mode::Held && gate.decision.is_none() {
            self.changed.wait(&mut gate);
        }
        gate.is_laden = false;
        let decision = gate.decision.take();
        match gate.mode {
            Mode::Held => decision.expect("it was waited for"),
            Mode::Free => Decision::Store,
            Mode::Dead => Decision::Fail,
        }
    }

    /// A read takes its time now and then, before or behind what it reads, and may fail.
    async fn linger(&self) -> Result<(), StoreError> {
        // While the program starts, and at the end, the disk is well.
        if self.gate.lock().visits == 0 || self.is_calm.load(Ordering::Relaxed) {
            return Ok(());
        }
        let ms = {
            let mut random = self.random.lock();
            match random.below(150) {
                0 => return Err(StoreError::Unavailable("the disk is in a bad mood".into())),
                1..=25 => 1 + random.next() % 150,
                _ => 0,
            }
        };
        if ms > 0 {
            tokio::time::sleep(Duration::from_millis(ms)).await;
        }
        Ok(())
    }

    async fn reading<T>(
        &self,
        read: impl Future<Output = Result<T, StoreError>>,
    ) -> Result<T, StoreError> {
        self.linger().await?;
        let read = wait_for(read)?;
        self.linger().await?;
        Ok(read)
    }
}

#[async_trait]
impl EventStore for Disk {
    fn append(&self, batch: &[NewEvent]) -> Result<Vec<Appended>, StoreError> {
        let sign_ins_changed = sign_ins_changed();
        let real: Vec<_> = batch
            .iter()
            .filter(|e| e.room != sign_ins_changed)
            .cloned()
            .collect();
        let decision = self.knock(!real.is_empty());
        if decision == Decision::Fail {
            if !real.is_empty() {
                self.note(Record::Failed);
            }
            return Err(StoreError::Unavailable("the disk is full".into()));
        }
        let mut stored = vec![];
        if !real.is_empty() {
            let answers = self.store.append(&real);
            self.note(Record::Appended(real, answers.clone()));
            stored = answers?;
        }
        if decision == Decision::StoreAndDie {
            self.kill();
            return Err(StoreError::Closed);
        }
        let mut stored = stored.into_iter();
        let answers = batch
            .iter()
            .map(|event| match event.room == sign_ins_changed {
                true => Appended::Refused(Refusal::NoSuchMessage),
                false => stored.next().expect("an answer for each"),
            });
        Ok(answers.collect())
    }

    async fn head(&self, room: &RoomName) -> Result<RoomHead, StoreError> {
        self.reading(self.store.head(room)).await
    }

    async fn read(&self, room: &RoomName, range: Range, limit: usize) -> Result<Page, StoreError> {
        self.note(Record::PageRead);
        self.reading(self.store.read(room, range, limit)).await
    }

    async fn messages(
        &self,
        room: &RoomName,
        range: Range,
        limit: usize,
    ) -> Result<MessagePage, StoreError> {
        self.reading(self.store.messages(room, range, limit)).await
    }

    async fn prune(
        &self,
        room: &RoomName,
        keep: Retention,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let more = wait_for(self.store.prune(room, keep, now))?;
        let floor = wait_for(self.store.head(room))?.floor;
        self.note(Record::Floor(room.clone(), floor));
        self.linger().await?;
        Ok(more)
    }

    async fn rooms(
        &self,
        after: Option<&RoomName>,
        limit: usize,
    ) -> Result<Vec<RoomRow>, StoreError> {
        self.reading(self.store.rooms(after, limit)).await
    }

    async fn similar(&self, room: &RoomName, limit: usize) -> Result<Vec<RoomName>, StoreError> {
        self.reading(self.store.similar(room, limit)).await
    }

    async fn public_rooms(&self, limit: usize) -> Result<Vec<RoomRow>, StoreError> {
        self.reading(self.store.public_rooms(limit)).await
    }

    async fn rows(&self, rooms: Vec<RoomName>) -> Result<Vec<RoomRow>, StoreError> {
        self.reading(self.store.rows(rooms)).await
    }
}

#[async_trait]
impl MarkerStore for Disk {
    async fn mark(&self, markers: Vec<Marker>) -> Result<(), StoreError> {
        if self.gate.lock().mode == Mode::Dead {
            return Err(StoreError::Closed);
        }
        wait_for(self.store.mark(markers))
    }

    async fn marker(
        &self,
        user: &UserId,
        room: &RoomName,
        epoch: &Epoch,
    ) -> Result<Option<Seq>, StoreError> {
        self.reading(self.store.marker(user, room, epoch)).await
    }
}

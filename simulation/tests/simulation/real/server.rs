//! The server through all its lives: what is kept between them, and what is known to be true of it.

use super::disk::{Decision, Record};
use super::node::{MEMORY, Node, TODAY, today};
use super::truth::Truth;
use crate::ledger::Ledger;
use crate::life::Life;
use crate::rng::Rng;
use crate::seeds::Tally;
use crate::time::Time;
use backend::store::{Body, EventStore, NewEvent, Range};
use common::ids::{Epoch, Seq};
use common::text::RoomName;
use common::user::User;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

pub(super) struct RealServer {
    folder: TempDir,
    pub(crate) node: Option<Node>,
    pub(crate) truth: Truth,
    /// A copy of the disk that `hubbub backup` has made, and what is on it.
    backup: Option<Life>,
    rng: Rng,
    /// Epochs given out.
    epochs: usize,
    /// It is about to go politely, and takes nobody in.
    pub(crate) leaving: bool,
    /// Its disk fails this many times more.
    pub(crate) failing: usize,
    /// Milliseconds that have passed for it and for nobody else.
    pub(crate) slept_ms: u64,
    /// The disk is slow until then.
    pub(crate) disk_slow_until: Time,
    /// The program is killed behind the next commit that stores something.
    pub(crate) dying: bool,
    /// Commits that may find something to do: clients have said something.
    pub(crate) commits_due: usize,
    /// Large messages take their time: not every seed has them.
    pub(crate) floods_left: usize,
    /// Nothing new goes wrong before this.
    pub(crate) calm_until: Time,
    /// The program is killed and restarted rarely: so that there is time for all else.
    pub(crate) sturdy: bool,
    pub(crate) tally: Tally,
}

/// More than a log will have.
const EVENTS_MAX: usize = 1_000_000;

/// Where a sync costs nothing: what a power cut does to a disk is for other tests to find out.
fn folder() -> TempDir {
    let memory = Path::new("/dev/shm");
    let in_memory = memory.is_dir().then(|| TempDir::new_in(memory).ok());
    in_memory
        .flatten()
        .unwrap_or_else(|| TempDir::new().unwrap())
}

fn epoch(number: usize) -> Epoch {
    format!("e{number}").parse().unwrap()
}

impl RealServer {
    pub(crate) fn new(seed: u64, floods_left: usize, sturdy: bool) -> Self {
        Self {
            folder: folder(),
            node: None,
            truth: Truth::new(Life::new(epoch(1), today)),
            backup: None,
            rng: Rng(seed),
            epochs: 1,
            leaving: false,
            failing: 0,
            slept_ms: 0,
            disk_slow_until: 0,
            dying: false,
            commits_due: 0,
            floods_left,
            calm_until: 0,
            sturdy,
            tally: Tally::new(),
        }
    }

    pub(crate) fn count(&mut self, what: &'static str) {
        *self.tally.entry(what).or_default() += 1;
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join("hubbub.sqlite")
    }

    fn backup_path(&self) -> PathBuf {
        self.folder.path().join("backup.sqlite")
    }

    pub(crate) fn start(&mut self, now: Time, ledger: &Ledger) {
        let durable = self.truth.durable().epoch.clone();
        self.epochs += 1;
        let life = format!("m{}", self.epochs).parse().unwrap();
        let node = Node::start(
            &self.path(),
            &durable,
            &life,
            now + self.slept_ms,
            self.rng.next(),
        );
        self.node = Some(node);
        self.leaving = false;
        self.hear(ledger);
        self.audit(Seq::ZERO);
    }

    /// There was somebody before: a log is read in pages, and not only its first is of interest.
    pub(crate) fn write_history(&mut self, ledger: &Ledger) {
        let elder = User {
            id: "elder".parse().unwrap(),
            name: "elder".parse().unwrap(),
        };
        let event = |number| NewEvent {
            room: "a".parse().unwrap(),
            author: elder.clone(),
            id: None,
            body: Body::Message {
                content: Some(format!("elder.{number}").parse().unwrap()),
                data: None,
            },
            timestamp: TODAY,
        };
        let events: Vec<_> = (0..90 + self.rng.below(38)).map(event).collect();
        let node = self.node.as_ref().expect("it runs");
        let answers = node.disk.store.append(&events).unwrap();
        self.truth.appended(&events, &answers, ledger);
        self.audit(Seq::ZERO);
    }

    /// Lets the node do what there is to do.
    pub(crate) fn turn(&mut self, now: Time, ledger: &Ledger) {
        // Not always all of it.
        let rounds = 1 + self.rng.below(8);
        if let Some(node) = &mut self.node {
            node.turn(now + self.slept_ms, rounds);
        }
        self.hear(ledger);
    }

    /// The next batch goes to disk, or does not.
    pub(crate) fn commit(&mut self, ledger: &Ledger) {
        let decision = match self.failing {
            0 => Decision::Store,
            _ => Decision::Fail,
        };
        self.failing = self.failing.saturating_sub(1);
        if let Some(node) = &self.node {
            node.commit(decision);
        }
        self.hear(ledger);
    }

    /// Takes in what has become of the logs.
    fn hear(&mut self, ledger: &Ledger) {
        let Some(node) = &self.node else {
            return;
        };
        let mut touched = BTreeMap::new();
        for record in node.disk.take_records() {
            let what = match record {
                Record::Appended(batch, answers) => {
                    for event in &batch {
                        let head = self.truth.durable().log(&event.room).head();
                        touched.entry(event.room.clone()).or_insert(head);
                    }
                    let answers = answers.expect("the store works");
                    let repeats = self.truth.appended(&batch, &answers, ledger);
                    *self.tally.entry("sends that were repeats").or_default() += repeats;
                    "batches stored"
                }
                Record::Failed => "batches that failed",
                Record::Floor(room, floor) => {
                    let before = self.truth.durable().log(&room).floor;
                    self.truth.drop_up_to(&room, floor);
                    match floor > before {
                        true => "rooms pruned",
                        false => "rooms looked through",
                    }
                }
                Record::PageRead => "pages read for readers behind a tail",
            };
            *self.tally.entry(what).or_default() += 1;
        }
        for (room, from) in touched {
            self.audit_room(&room, from);
        }
        self.hear_memory(ledger);
    }

    /// What is in memory is stored when it is said.
    fn hear_memory(&mut self, ledger: &Ledger) {
        let Some(node) = &self.node else {
            return;
        };
        let room: RoomName = MEMORY.parse().unwrap();
        let known = self.truth.current(&room).map(|life| life.log(&room).head());
        let range = Range::After(known.unwrap_or_default());
        let page = node
            .ask(node.memory.read(&room, range, EVENTS_MAX))
            .unwrap();
        // Reading does not begin a log.
        if page.at.epoch.as_str().contains('-') {
            self.truth.begin(&room, &page.at.epoch);
            self.truth.found(&room, page.events, ledger);
        }
    }

    /// A fresh reader finds in every log what the model has.
    pub(crate) fn audit(&self, from: Seq) {
        let rooms: Vec<_> = self
            .truth
            .durable()
            .logs()
            .map(|(room, _)| room.clone())
            .collect();
        for room in rooms.iter().chain([&MEMORY.parse().unwrap()]) {
            self.audit_room(room, from);
        }
    }

    fn audit_room(&self, room: &RoomName, from: Seq) {
        let Some(node) = &self.node else {
            return;
        };
        let range = Range::After(from);
        let page = match room.as_str() {
            MEMORY => node.ask(node.memory.read(room, range, EVENTS_MAX)),
            _ => node.ask(node.disk.store.read(room, range, EVENTS_MAX)),
        };
        self.truth.compare(room, from, &page.unwrap().events);
    }

    /// The program is killed, at a bad moment.
    pub(crate) fn crash(&mut self, decision: Option<Decision>, ledger: &Ledger) {
        if let Some(node) = &self.node {
            let laden = node.disk.is_laden();
            if laden && decision == Some(Decision::StoreAndDie) {
                node.commit(Decision::StoreAndDie);
                self.count("crashes behind a commit, before its ack");
            } else if laden {
                self.count("crashes before a commit");
            }
        }
        self.hear(ledger);
        if let Some(node) = self.node.take() {
            node.kill();
            drop(node);
            self.count("crashes");
        }
        self.truth.forget();
    }

    /// The disk is well.
    pub(crate) fn calm(&mut self) {
        if let Some(node) = &self.node {
            node.disk.calm();
        }
    }

    /// The end of a polite restart.
    pub(crate) fn leave(&mut self, ledger: &Ledger) {
        if let Some(node) = &mut self.node {
            node.close();
            self.count("polite restarts");
        }
        self.hear(ledger);
    }

    /// The program is gone, after all that it had to say.
    pub(crate) fn gone(&mut self) {
        self.node = None;
        self.truth.forget();
    }

    /// Retention has its turn.
    pub(crate) fn prune(&self) {
        if let Some(node) = &self.node {
            node.run_maintenance();
        }
    }

    /// `hubbub backup`, while the program runs.
    pub(crate) fn back_up(&mut self) {
        let (path, to) = (self.path(), self.backup_path());
        if self.node.is_some() {
            drop(std::fs::remove_file(&to));
            backend::store::sqlite::copy(&path, &to).unwrap();
            self.backup = Some(self.truth.durable().clone());
        }
    }

    /// The disk is lost, and the backup takes its place. The program is not running.
    pub(crate) fn restore(&mut self) {
        let Some(backup) = self.backup.take() else {
            return;
        };
        for rest in ["hubbub.sqlite-wal", "hubbub.sqlite-shm", "hubbub.sqlite"] {
            drop(std::fs::remove_file(self.folder.path().join(rest)));
        }
        std::fs::rename(self.backup_path(), self.path()).unwrap();
        self.epochs += 1;
        self.truth.restored(backup.reopened(epoch(self.epochs)));
        self.count("restored backups");
    }
}

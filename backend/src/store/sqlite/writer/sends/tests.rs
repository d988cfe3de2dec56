//! Sends are known through every stage of their writing, after a crash in any, and no longer than
//! they should be.

use super::{GENERATION_EVENTS, WRITES_MIN};
use crate::store::contract::event;
use crate::store::sqlite::SqliteStore;
use crate::store::{Appended, EventStore, NewEvent, Retention};
use common::ids::Seq;
use common::time::Timestamp;
use rusqlite::Connection;
use std::path::PathBuf;
use tempfile::TempDir;

const HOUR_MS: u64 = 60 * 60 * 1000;

struct File {
    folder: TempDir,
}

impl File {
    fn new() -> Self {
        let folder = TempDir::new().unwrap();
        Self { folder }
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join("test.sqlite")
    }

    fn open(&self) -> SqliteStore {
        SqliteStore::open(&self.path(), &"epoch-1".parse().unwrap()).unwrap()
    }

    fn count(&self, sql: &str) -> usize {
        let file = Connection::open(self.path()).unwrap();
        file.query_row(sql, [], |row| row.get(0)).unwrap()
    }
}

/// The `n`th of many: of some authors, in some rooms.
fn nth(n: usize) -> NewEvent {
    let (room, user) = (format!("room-{}", n % 3), format!("user-{}", n % 50));
    event(&room, &user, Some(&format!("id-{n}")), "hello")
}

/// Appends them; returns which were repeats, and of which place.
fn append(store: &SqliteStore, events: &[NewEvent]) -> Vec<Option<Seq>> {
    let answers = store.append(events).unwrap();
    let repeat = |answer: Appended| match answer {
        Appended::Placed(placed) => placed.repeat.then_some(placed.seq),
        Appended::Refused(refusal) => panic!("refused: {refusal}"),
    };
    answers.into_iter().map(repeat).collect()
}

/// Each of these is known, in its place.
fn all_known(store: &SqliteStore, numbers: impl Iterator<Item = usize>) {
    let numbers: Vec<_> = numbers.collect();
    let events: Vec<_> = numbers.iter().map(|n| nth(*n)).collect();
    for (repeat, n) in append(store, &events).into_iter().zip(numbers) {
        assert_eq!(repeat, Some(Seq(n as u64 / 3 + 1)), "for the event {n}");
    }
}

#[test]
fn a_send_is_known_while_its_generation_gathers_is_written_and_is_done() {
    let file = File::new();
    let store = file.open();
    let all = GENERATION_EVENTS * 2 + WRITES_MIN;
    for from in (0..all).step_by(2048) {
        let events: Vec<_> = (from..all.min(from + 2048)).map(nth).collect();
        assert!(append(&store, &events).iter().all(Option::is_none));
        // Some of every stage.
        all_known(&store, (0..from + events.len()).step_by(997));
    }
    let written = file.count("SELECT count(*) FROM sent");
    assert!((GENERATION_EVENTS..all).contains(&written), "{written}");
    let reach = file.count("SELECT sum(indexed) FROM room");
    assert!((1..=written).contains(&reach), "{reach} of {written}");
    all_known(&store, 0..all);

    // What was in memory is gone, as after a crash.
    drop(store);
    let store = file.open();
    assert_eq!(file.count("SELECT count(*) FROM sent"), all);
    all_known(&store, 0..all);
}

#[test]
fn events_without_an_id_need_not_be_looked_at_for_ever() {
    let file = File::new();
    let store = file.open();
    let events: Vec<_> = (0..2048).map(|_| event("a", "ada", None, "tick")).collect();
    for _ in 0..GENERATION_EVENTS / 2048 + 2 {
        append(&store, &events);
    }
    assert!(file.count("SELECT indexed FROM room") >= GENERATION_EVENTS);
}

#[tokio::test]
async fn what_retention_dropped_is_remembered_for_a_day_and_then_forgotten() {
    for is_indexed in [false, true] {
        let file = File::new();
        let store = file.open();
        let sent = |id: &str, hours: u64| {
            let timestamp = Timestamp(hours * HOUR_MS);
            NewEvent {
                timestamp,
                ..event("a", "ada", Some(id), "one")
            }
        };
        let events = [sent("old", 0), sent("young", 20), sent("kept", 20)];
        append(&store, &events);
        let store = if is_indexed {
            drop(store);
            file.open()
        } else {
            store
        };
        let keep = Retention {
            events_max: Some(1),
            before: None,
        };
        let room = "a".parse().unwrap();
        let prune = |hours: u64| store.prune(&room, keep, Timestamp(hours * HOUR_MS));
        prune(30).await.unwrap();
        assert_eq!(
            append(&store, &events[1..]),
            [Some(Seq(2)), Some(Seq(3))],
            "indexed: {is_indexed}"
        );
        let known = "SELECT count(*) FROM sent WHERE client_id = 'old'";
        assert_eq!(file.count(known), 0);
        append(&store, &[sent("next", 50)]);
        prune(50).await.unwrap();
        let known = "SELECT count(*) FROM sent WHERE client_id = 'young'";
        assert_eq!(file.count(known), 0, "indexed: {is_indexed}");
        assert_eq!(file.count("SELECT count(*) FROM dropped_send"), 0);
    }
}

#[test]
fn a_file_of_the_first_layout_knows_what_it_knew() {
    let file = File::new();
    let old = Connection::open(file.path()).unwrap();
    old.execute_batch(include_str!("../../migrations/1.sql"))
        .unwrap();
    old.execute_batch(
        "PRAGMA application_id = 1215652450;
         PRAGMA user_version = 1;
         INSERT INTO meta VALUES ('epoch', 'epoch-1');
         INSERT INTO room VALUES (1, 'a', 2, 1, 0);
         INSERT INTO event VALUES (1, 2, 0, NULL, 'ada', 'ada', 'kept', 'two', NULL, 5);
         INSERT INTO sent VALUES ('ada', 'dropped', 1, 1, 0, NULL, 5);",
    )
    .unwrap();
    drop(old);
    let store = file.open();
    let ada = |id| {
        let mut event = event("a", "ada", Some(id), "two");
        event.author.id = "ada".parse().unwrap();
        event
    };
    let repeats = append(&store, &[ada("dropped"), ada("kept"), ada("new")]);
    assert_eq!(repeats, [Some(Seq(1)), Some(Seq(2)), None]);
    assert_eq!(file.count("SELECT count(*) FROM dropped_send"), 1);
}

//! Copies between the engines, there and back.

use super::*;
use crate::clock::Environment;
use crate::store::contract::{account, event};
use crate::store::postgres::{self, PostgresStore};
use crate::store::sqlite::{self, SqliteStore, SqliteTransfer};
use crate::store::{
    AccountStore as _, Appended, AuditEntry, AuditStore as _, Body, EventStore, Guest,
    GuestStore as _, Invitation, Key, KeyStore as _, Marker, MarkerStore as _, NewEvent, Placed,
    Range, Retention, RoomRecord, RoomStore as _, Sanction, SignIn, SignInStore as _, TokenHashes,
};
use common::api::AuditAction;
use common::ids::Seq;
use common::room::{RoomKind, SanctionKind};
use common::text::RoomName;
use common::time::Timestamp;
use common::user::User;
use services::Postgres;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use tempfile::TempDir;

fn user(name: &str) -> User {
    event("a", name, None, "x").author
}

fn room(name: &str) -> RoomName {
    name.parse().unwrap()
}

fn fresh_epoch() -> Epoch {
    "fresh".parse().unwrap()
}

fn now() -> Timestamp {
    Environment::system().clock.now()
}

fn placed(store: &dyn EventStore, batch: &[NewEvent]) -> Vec<Placed> {
    let answers = store.append(batch).unwrap().into_iter();
    let placed = answers.map(|answer| match answer {
        Appended::Placed(placed) => placed,
        Appended::Refused(refusal) => panic!("refused: {refusal}"),
    });
    placed.collect()
}

/// Something of everything.
async fn fill(store: &SqliteStore) {
    fill_logs(store).await;
    fill_people(store).await;
    fill_rooms(store).await;
}

async fn fill_logs(store: &SqliteStore) {
    let at = now();
    let sent = |room: &str, number: usize| NewEvent {
        timestamp: at,
        ..event(
            room,
            "ada",
            Some(&format!("{room}-{number}")),
            &format!("{number} \u{0} ü"),
        )
    };
    let batch: Vec<NewEvent> = (0..2500).map(|number| sent("a", number)).collect();
    placed(store, &batch);
    let change = |body| NewEvent {
        body,
        timestamp: at,
        ..event("a", "ada", None, "x")
    };
    let react = Body::React {
        target: Seq(2400),
        emoji: "🎈".parse().unwrap(),
        on: true,
    };
    let edit = Body::Edit {
        target: Seq(2401),
        content: Some("better".parse().unwrap()),
        data: Some(r#"{"a": "\u0000 \ud800"}"#.parse().unwrap()),
    };
    let delete = Body::Delete {
        target: Seq(2402),
        any: false,
    };
    placed(store, &[change(react), change(edit), change(delete)]);
    for number in 0..20 {
        let others = [sent("b", number), sent(&format!("room-{number}"), number)];
        placed(store, &others);
    }
    let keep = Retention {
        before: None,
        events_max: Some(5),
    };
    while store.prune(&room("b"), keep, at).await.unwrap() {}
}

async fn fill_people(store: &SqliteStore) {
    let at = now();
    for (id, name) in [("u1", "Owner"), ("u2", "Second")] {
        store.create(account(id, name, 1)).await.unwrap();
    }
    let sign_in = SignIn {
        id: "s1".parse().unwrap(),
        user: "u1".parse().unwrap(),
        label: "a device".to_owned(),
        created_at: at,
        seen_at: at,
        expires_at: Timestamp(at.0 + 1_000_000),
        family: [1; 32],
        tokens: TokenHashes {
            access: [2; 32],
            access_until: Timestamp(at.0 + 1_000_000),
            refresh: [3; 32],
        },
        previous: None,
    };
    store.begin(sign_in).await.unwrap();
    let key = Key {
        id: "k1".parse().unwrap(),
        user: user("robot"),
        scopes: 3,
        created_at: at,
    };
    assert!(store.add_key(key, [4; 32]).await.unwrap());
    let guest = Guest {
        secret_hash: [5; 32],
        user: user("guest"),
        seen_at: at,
    };
    store.claim(guest, None, Timestamp(0)).await.unwrap();
}

async fn fill_rooms(store: &SqliteStore) {
    let at = now();
    let hidden = RoomName::hidden(7);
    let record = RoomRecord::new(hidden.clone(), RoomKind::Private, at);
    assert!(store.make(record, user("ada")).await.unwrap());
    let sanction = Sanction {
        id: "x1".parse().unwrap(),
        user: user("eve"),
        kind: SanctionKind::Mute,
        addresses: vec![u64::MAX, 7],
        by: user("ada"),
        at,
        until: None,
        reason: Some("rude".parse().unwrap()),
    };
    assert!(store.sanction(None, sanction).await.unwrap());
    let invitation = Invitation {
        id: "i1".parse().unwrap(),
        room: hidden,
        by: user("ada"),
        created_at: at,
        expires_at: Timestamp(at.0 + 1_000_000),
        uses_left: Some(3),
        used: 0,
    };
    assert!(store.invite(invitation, [6; 32]).await.unwrap());
    let marker = Marker {
        user: "u1".parse().unwrap(),
        room: room("a"),
        epoch: store.head(&room("a")).await.unwrap().epoch,
        seq: Seq(2000),
    };
    store.mark(vec![marker]).await.unwrap();
    let entry = AuditEntry {
        at,
        act: AuditAction::SignInReused,
        actor: None,
        subject: Some("somebody".to_owned()),
        origin: None,
    };
    store.note(vec![entry; 3]).await.unwrap();
}

struct Fixture {
    folder: TempDir,
    urls: Vec<String>,
}

impl Fixture {
    /// A file with something of everything, and two empty databases.
    async fn new() -> Self {
        let folder = TempDir::new().unwrap();
        let epoch = "original".parse().unwrap();
        let store = SqliteStore::open(&folder.path().join("a.sqlite"), &epoch).unwrap();
        fill(&store).await;
        let postgres = Postgres::shared().unwrap();
        let urls = (0..2)
            .map(|_| postgres.create_database().unwrap())
            .collect();
        Self { folder, urls }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn file(&self, name: &str) -> SqliteTransfer {
        SqliteTransfer::open(&self.path(name), &fresh_epoch()).unwrap()
    }

    async fn databases(&self) -> PostgresStore {
        let random = Environment::system().random;
        PostgresStore::open_unfinished(&self.urls, 4, random)
            .await
            .unwrap()
    }

    async fn served(&self) -> Result<PostgresStore, postgres::OpenError> {
        PostgresStore::open(&self.urls, 4, Environment::system().random).await
    }
}

async fn run(from: &dyn Transfer, to: &dyn Transfer) -> Result<Copied, CopyError> {
    copy(from, to, fresh_epoch(), &mut |_| {}).await
}

/// The copy goes on where the original ended.
async fn goes_on(store: &dyn EventStore) {
    let at = store.head(&room("a")).await.unwrap();
    assert_eq!((at.epoch.as_str(), at.head), ("original", Seq(2503)));
    let at = store.head(&room("b")).await.unwrap();
    assert_eq!((at.floor, at.head), (Seq(15), Seq(20)));
    let page = store
        .read(&room("a"), Range::After(Seq(2400)), 2)
        .await
        .unwrap();
    let content = |at: usize| match &page.events[at].event.body {
        Body::Message { content, .. } => content.as_ref().map(ToString::to_string),
        _ => None,
    };
    assert_eq!(
        (content(0), content(1)),
        (Some("2400 \u{0} ü".to_owned()), None)
    );
}

/// What was sent before is not stored again: whether its event is kept, or was dropped.
fn knows_sends(store: &dyn EventStore, next: u64) {
    let again = |room: &str, number: usize| NewEvent {
        timestamp: now(),
        ..event(room, "ada", Some(&format!("{room}-{number}")), "whatever")
    };
    let batch = [again("a", 7), again("b", 1), event("a", "ada", None, "new")];
    // One room after the other: they may be in different databases.
    let answers: Vec<Placed> = batch
        .iter()
        .flat_map(|event| placed(store, std::slice::from_ref(event)))
        .collect();
    let seqs: Vec<(u64, bool)> = answers.iter().map(|at| (at.seq.0, at.repeat)).collect();
    assert_eq!(seqs, [(8, true), (2, true), (next, false)]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_copy_goes_on_where_the_original_ended_there_and_back() {
    let fixture = Fixture::new().await;
    let copied = run(&fixture.file("a.sqlite"), &fixture.databases().await).await;
    let copied = copied.unwrap();
    assert_eq!((copied.rooms, copied.events), (22, 2503 + 5 + 20));
    assert!(copied.rows > 10, "{copied:?}");
    let served = fixture.served().await.unwrap();
    goes_on(&served).await;
    let entries = served.audit(None, 10).await.unwrap();
    assert_eq!(entries.len(), 3);
    let found = served.node_sanctions(now()).await.unwrap();
    let mut addresses = found[0].addresses.clone();
    addresses.sort_unstable();
    assert_eq!(addresses, [7, u64::MAX]);
    let served = std::sync::Arc::new(served);
    let store = served.clone();
    let sent = tokio::task::spawn_blocking(move || knows_sends(&*store, 2504));
    sent.await.unwrap();
    drop(served);
    let back = run(&fixture.databases().await, &fixture.file("b.sqlite")).await;
    assert_eq!(back.unwrap().events, copied.events + 1);
    let store = SqliteStore::open(&fixture.path("b.sqlite"), &fresh_epoch()).unwrap();
    knows_sends(&store, 2505);
    let number = store.audit(None, 1).await.unwrap()[0].0;
    let entry = store.audit(None, 1).await.unwrap()[0].1.clone();
    store.note(vec![entry]).await.unwrap();
    assert!(store.audit(None, 1).await.unwrap()[0].0 > number);
}

/// A target that fails after so many writes.
struct Failing<'a> {
    to: &'a dyn Transfer,
    writes: AtomicUsize,
}

impl Failing<'_> {
    fn write(&self) -> Result<&dyn Transfer, StoreError> {
        match self
            .writes
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| {
                left.checked_sub(1)
            }) {
            Ok(_) => Ok(self.to),
            Err(_) => Err(StoreError::Unavailable("pulled the plug".into())),
        }
    }
}

#[async_trait]
impl Transfer for Failing<'_> {
    async fn begin(&self, original: &str) -> Result<(), CopyError> {
        self.to.begin(original).await
    }

    async fn finish(&self, epoch: &Epoch) -> Result<(), StoreError> {
        self.write()?.finish(epoch).await
    }

    async fn epochs(&self) -> Result<Vec<Epoch>, StoreError> {
        self.to.epochs().await
    }

    async fn read(
        &self,
        table: &Table,
        after: Option<&[Value]>,
        limit: usize,
    ) -> Result<Vec<Row>, StoreError> {
        self.to.read(table, after, limit).await
    }

    async fn last(&self, table: &Table) -> Result<Option<Row>, StoreError> {
        self.to.last(table).await
    }

    async fn write(&self, table: &Table, rows: Vec<Row>) -> Result<(), StoreError> {
        Self::write(self)?.write(table, rows).await
    }

    fn parts(&self) -> usize {
        self.to.parts()
    }

    async fn rooms(
        &self,
        part: usize,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Vec<RoomState>, StoreError> {
        self.to.rooms(part, after, limit).await
    }

    async fn write_room(&self, room: &RoomState) -> Result<(), StoreError> {
        Self::write(self)?.write_room(room).await
    }

    async fn events(&self, room: &str, after: i64, limit: usize) -> Result<Vec<Row>, StoreError> {
        self.to.events(room, after, limit).await
    }

    async fn last_event(&self, room: &str) -> Result<i64, StoreError> {
        self.to.last_event(room).await
    }

    async fn write_events(&self, room: &RoomState, rows: Vec<Row>) -> Result<(), StoreError> {
        Self::write(self)?.write_events(room, rows).await
    }

    async fn dropped_sends(
        &self,
        part: usize,
        after: Option<&[Value]>,
        limit: usize,
    ) -> Result<Vec<Row>, StoreError> {
        self.to.dropped_sends(part, after, limit).await
    }

    async fn write_dropped_sends(&self, rows: Vec<Row>) -> Result<(), StoreError> {
        Self::write(self)?.write_dropped_sends(rows).await
    }
}

fn is_served(path: &Path) -> bool {
    match SqliteStore::open(path, &fresh_epoch()) {
        Ok(_) => true,
        Err(sqlite::OpenError::Unfinished { .. }) => false,
        Err(other) => panic!("{other}"),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_copy_that_was_interrupted_is_not_served_and_goes_on() {
    let fixture = Fixture::new().await;
    let from = fixture.file("a.sqlite");
    let databases = fixture.databases().await;
    let mut writes = 0;
    // Interrupted at every place: each attempt comes a little further.
    loop {
        let to = Failing {
            to: &databases,
            writes: AtomicUsize::new(writes),
        };
        match run(&from, &to).await {
            Ok(_) => break,
            Err(CopyError::Store(StoreError::Unavailable(_))) => writes += 1,
            Err(other) => panic!("{other}"),
        }
        if writes == 5 {
            let refused = fixture.served().await.err().map(|error| error.to_string());
            assert!(refused.unwrap().contains("unfinished copy"));
        }
    }
    assert!(writes > 10);
    goes_on(&fixture.served().await.unwrap()).await;
    let to = Failing {
        to: &fixture.file("c.sqlite"),
        writes: AtomicUsize::new(9),
    };
    assert!(run(&databases, &to).await.is_err());
    assert!(!is_served(&fixture.path("c.sqlite")));
    run(&databases, &fixture.file("c.sqlite")).await.unwrap();
    assert!(is_served(&fixture.path("c.sqlite")));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_store_with_something_else_in_it_is_no_target_and_a_change_is_found() {
    let fixture = Fixture::new().await;
    let other = SqliteStore::open(&fixture.path("d.sqlite"), &fresh_epoch()).unwrap();
    placed(&other, &[event("z", "ada", None, "x")]);
    drop(other);
    let from = fixture.file("a.sqlite");
    let refused = run(&from, &fixture.file("d.sqlite")).await.unwrap_err();
    assert!(matches!(refused, CopyError::NotEmpty(_)), "{refused}");
    // An unfinished copy of another one.
    let to = Failing {
        to: &fixture.file("e.sqlite"),
        writes: AtomicUsize::new(0),
    };
    assert!(run(&fixture.file("d.sqlite"), &to).await.is_err());
    let refused = run(&from, &fixture.file("e.sqlite")).await.unwrap_err();
    assert!(matches!(refused, CopyError::NotEmpty(_)), "{refused}");
    // Somebody wrote to the copy meanwhile, where it had been already.
    let to = Failing {
        to: &fixture.file("f.sqlite"),
        writes: AtomicUsize::new(12),
    };
    assert!(run(&from, &to).await.is_err());
    let vandal = rusqlite::Connection::open(fixture.path("f.sqlite")).unwrap();
    let change = "UPDATE account SET name = 'Somebody else' WHERE user_id = 'u1'";
    assert_eq!(vandal.execute(change, []).unwrap(), 1);
    let refused = run(&from, &fixture.file("f.sqlite")).await.unwrap_err();
    assert!(
        matches!(&refused, CopyError::Differs(what) if what.contains("account")),
        "{refused}"
    );
    assert!(!is_served(&fixture.path("f.sqlite")));
}

//! The contract suite on SQLite, and what is SQLite's own: files, versions, restarts.

use super::*;
use crate::store::contract::{self, event};
use crate::store::{AccountStore, RoomChange, RoomRecord, RoomStore};
use crate::store::{Body, PAGE_BYTES_MAX, Placed, StoredEvent};
use common::ids::Seq;
use common::room::RoomKind;
use rusqlite::Connection;
use tempfile::TempDir;

fn epoch() -> Epoch {
    "epoch-1".parse().unwrap()
}

fn open(folder: &TempDir) -> Result<SqliteStore, OpenError> {
    SqliteStore::open(&folder.path().join("test.sqlite"), &epoch())
}

async fn placed<const N: usize>(store: &SqliteStore, batch: [NewEvent; N]) -> Vec<Placed> {
    let answers = store.append(&batch).unwrap();
    let placed = |answer| match answer {
        Appended::Placed(placed) => placed,
        Appended::Refused(refusal) => panic!("refused: {refusal}"),
    };
    answers.into_iter().map(placed).collect()
}

fn fresh() -> (SqliteStore, TempDir) {
    let folder = TempDir::new().unwrap();
    (open(&folder).unwrap(), folder)
}

contract::test_event_store!(fresh());
contract::test_shared_store!(fresh());

#[tokio::test]
async fn a_restart_keeps_events_places_epoch_and_repeats() {
    let folder = TempDir::new().unwrap();
    let sent = event("a", "ada", Some("x"), "one");
    let store = open(&folder).unwrap();
    store.append(std::slice::from_ref(&sent)).unwrap();
    drop(store);
    let store = SqliteStore::open(
        &folder.path().join("test.sqlite"),
        &"other".parse().unwrap(),
    );
    let store = store.unwrap();
    let placed = placed(&store, [sent, event("a", "ada", None, "two")]).await;
    assert_eq!((placed[0].seq, placed[0].repeat), (Seq(1), true));
    assert_eq!((placed[1].seq, placed[1].repeat), (Seq(2), false));
    assert_eq!(placed[1].epoch, epoch());
}

#[tokio::test]
async fn a_failed_batch_stores_nothing_and_the_next_one_has_no_gap() {
    let folder = TempDir::new().unwrap();
    let store = open(&folder).unwrap();
    store.append(&[event("a", "ada", None, "one")]).unwrap();
    // Something else breaks the table under the writer's feet, and mends it again.
    let vandal = Connection::open(folder.path().join("test.sqlite")).unwrap();
    vandal
        .execute_batch(
            "CREATE TRIGGER refuse BEFORE INSERT ON event WHEN new.content = 'bad'
             BEGIN SELECT RAISE(ABORT, 'no'); END",
        )
        .unwrap();
    let batch = [
        event("a", "ada", None, "two"),
        event("a", "ada", None, "bad"),
    ];
    assert!(matches!(
        store.append(&batch),
        Err(StoreError::Unavailable(_))
    ));
    let room = "a".parse().unwrap();
    assert_eq!(store.head(&room).await.unwrap().head, Seq(1));
    let placed = placed(&store, [event("a", "ada", None, "three")]).await;
    assert_eq!(placed[0].seq, Seq(2));
}

#[test]
fn a_file_that_is_not_ours_is_left_alone() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("test.sqlite");
    let foreign = Connection::open(&path).unwrap();
    foreign.execute_batch("CREATE TABLE theirs (x)").unwrap();
    drop(foreign);
    assert!(matches!(open(&folder), Err(OpenError::Foreign { .. })));
    std::fs::write(
        &path,
        "this is not a database at all, but quite long enough",
    )
    .unwrap();
    assert!(matches!(open(&folder), Err(OpenError::Sqlite { .. })));
    assert_eq!(std::fs::read_to_string(&path).unwrap().len(), 52);
}

#[tokio::test]
async fn an_older_file_is_migrated_and_its_guests_keep_their_names() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("test.sqlite");
    let old = Connection::open(&path).unwrap();
    old.execute_batch(include_str!("migrations/1.sql")).unwrap();
    old.pragma_update(None, "application_id", 0x4875_6262)
        .unwrap();
    old.pragma_update(None, "user_version", 1).unwrap();
    old.execute_batch(
        "INSERT INTO meta VALUES ('epoch', 'epoch-1');
         INSERT INTO guest VALUES (zeroblob(32), 'u1', 'PaypaI', 'paypai', 1)",
    )
    .unwrap();
    drop(old);
    let store = open(&folder).unwrap();
    for (name, held) in [("paypai", true), ("Paypal", true), ("Paypol", false)] {
        let holder = store.holder(&name.parse().unwrap()).await.unwrap();
        assert_eq!(holder.is_some(), held, "{name}");
    }
    let user = store.guest([0; 32], Timestamp(2)).await.unwrap();
    assert_eq!(user.unwrap().name.as_str(), "PaypaI");
}

#[tokio::test]
async fn a_name_that_another_process_takes_is_held_once_its_notice_is_read() {
    let folder = TempDir::new().unwrap();
    let (server, other) = (open(&folder).unwrap(), open(&folder).unwrap());
    let account = contract::account("u1", "Ada", 1);
    other.create(account).await.unwrap();
    assert_eq!(server.invalidations(0).await.unwrap().len(), 1);
    let holder = server.holder(&"ada".parse().unwrap()).await.unwrap();
    assert_eq!(holder.unwrap().as_str(), "u1");
}

#[test]
fn a_newer_file_is_refused() {
    let folder = TempDir::new().unwrap();
    drop(open(&folder).unwrap());
    let file = Connection::open(folder.path().join("test.sqlite")).unwrap();
    file.pragma_update(None, "user_version", 99).unwrap();
    drop(file);
    assert!(matches!(
        open(&folder),
        Err(OpenError::Newer { found: 99, .. })
    ));
}

#[tokio::test]
async fn a_room_that_has_been_written_to_is_nobodys_to_make() {
    let folder = TempDir::new().unwrap();
    let store = open(&folder).unwrap();
    store.append(&[event("a", "ada", None, "one")]).unwrap();
    let user = event("a", "ada", None, "one").author;
    let make = |name: &str| {
        let record = RoomRecord::new(name.parse().unwrap(), RoomKind::Public, Timestamp(1));
        store.make(record, user.clone())
    };
    assert!(!make("a").await.unwrap());
    assert!(make("b").await.unwrap());
}

#[tokio::test]
async fn what_another_process_sets_of_a_room_holds_once_its_notice_is_read() {
    let folder = TempDir::new().unwrap();
    let (server, other) = (open(&folder).unwrap(), open(&folder).unwrap());
    let room: RoomName = "a".parse().unwrap();
    let change = RoomChange {
        locked: Some(true),
        ..RoomChange::default()
    };
    assert!(
        other
            .change_room(&room, change, Timestamp(1))
            .await
            .unwrap()
    );
    assert_eq!(server.invalidations(0).await.unwrap().len(), 1);
    let rules = server.rules(&room, Timestamp(1)).await.unwrap();
    assert!(rules.unwrap().record.locked);
}

#[tokio::test]
async fn hidden_rooms_are_not_among_the_public_ones() {
    let folder = TempDir::new().unwrap();
    let store = open(&folder).unwrap();
    let hidden = RoomName::hidden(1);
    let names = ["a", hidden.as_str(), "$broadcast"];
    let events = names.map(|name| event(name, "ada", None, "one"));
    store.append(&events).unwrap();
    let list = |rows: Vec<RoomRow>| rows.into_iter().map(|row| row.room).collect::<Vec<_>>();
    assert_eq!(list(store.rooms(None, 9).await.unwrap()).len(), 2);
    let public = list(store.public_rooms(9).await.unwrap());
    assert_eq!(public, ["a".parse().unwrap()]);
    let own = store.rows(vec![hidden.clone(), "b".parse().unwrap()]).await;
    assert_eq!(list(own.unwrap()), [hidden]);
}

#[tokio::test]
async fn a_page_of_messages_is_bounded_together_with_its_edits() {
    let folder = TempDir::new().unwrap();
    let store = open(&folder).unwrap();
    let content = "x".repeat(16 * 1024);
    let messages: Vec<_> = (0..200).map(|_| event("a", "ada", None, "x")).collect();
    store.append(&messages).unwrap();
    let edits = (1..=200).map(|target| NewEvent {
        body: Body::Edit {
            target: Seq(target),
            content: Some(content.parse().unwrap()),
            data: None,
        },
        ..event("a", "ada", None, "x")
    });
    store.append(&edits.collect::<Vec<_>>()).unwrap();
    let room = "a".parse().unwrap();
    for (range, nearest) in [
        (Range::Newest, 200),
        (Range::Before(Seq(101)), 100),
        (Range::After(Seq(100)), 101),
    ] {
        let page = store.messages(&room, range, 200).await.unwrap();
        let bytes = |events: &[StoredEvent]| -> usize {
            events.iter().map(|event| event.event.body.bytes()).sum()
        };
        assert!(bytes(&page.changes) <= PAGE_BYTES_MAX, "{range:?}");
        assert_eq!(page.messages.len(), page.changes.len(), "{range:?}");
        assert!(page.messages.len() > 50 && page.more, "{range:?}");
        let messages = page.messages.iter().map(|message| message.seq);
        let targets = page
            .changes
            .iter()
            .filter_map(|edit| edit.event.body.target());
        assert!(messages.eq(targets), "{range:?}");
        assert!(
            page.messages.iter().any(|m| m.seq.0 == nearest),
            "{range:?}"
        );
    }
}

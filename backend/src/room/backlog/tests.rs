//! What readers far behind are given, by example.

use super::*;
use crate::store::contract::event;
use crate::store::memory::MemoryStore;
use crate::store::sqlite::SqliteStore;
use crate::store::{PAGE_BYTES_MAX, Retention, StoredEvent};

struct Fixture {
    store: MemoryStore,
    room: RoomName,
    backlog: Backlog,
}

async fn fixture(events: usize) -> Fixture {
    let store = MemoryStore::new("e".parse().unwrap());
    let batch: Vec<_> = (1..=events)
        .map(|n| event("a", "ada", None, &n.to_string()))
        .collect();
    store.append(&batch).unwrap();
    Fixture {
        store,
        room: "a".parse().unwrap(),
        backlog: Backlog::default(),
    }
}

impl Fixture {
    async fn read(&self, cursor: u64, head: u64) -> Option<(usize, u64)> {
        let read = self
            .backlog
            .read(&self.store, &self.room, Seq(cursor), Seq(head))
            .await;
        match read.unwrap() {
            CatchUp::Gone => None,
            CatchUp::Frames { frames, cursor } => Some((frames.len(), cursor.0)),
        }
    }
}

#[tokio::test]
async fn a_reader_is_given_page_after_page_up_to_the_head() {
    let fixture = fixture(300).await;
    for (cursor, head, expected) in [
        (0, 300, Some((128, 128))),
        (128, 300, Some((128, 256))),
        (256, 300, Some((44, 300))),
        (100, 300, Some((28, 128))),
        (256, 290, Some((44, 300))),
        (10, 20, Some((118, 128))),
    ] {
        assert_eq!(
            fixture.read(cursor, head).await,
            expected,
            "from {cursor} to {head}"
        );
    }
}

#[tokio::test]
async fn a_page_that_ended_at_an_older_head_goes_further_later() {
    let fixture = fixture(100).await;
    assert_eq!(fixture.read(0, 50).await, Some((50, 50)));
    assert_eq!(fixture.read(20, 100).await, Some((30, 50)));
    assert_eq!(fixture.read(50, 100).await, Some((50, 100)));
}

#[tokio::test]
async fn a_page_is_read_once_for_all_who_want_it() {
    let fixture = fixture(100).await;
    assert_eq!(fixture.read(0, 100).await, Some((100, 100)));
    // The store could not answer any more: what is given comes from the kept page.
    let keep = Retention {
        before: None,
        events_max: Some(1),
    };
    fixture
        .store
        .prune(&fixture.room, keep, Default::default())
        .await
        .unwrap();
    assert_eq!(fixture.read(0, 100).await, Some((100, 100)));
    fixture.backlog.clear();
    assert_eq!(fixture.read(0, 100).await, None);
    assert_eq!(fixture.read(99, 100).await, Some((1, 100)));
}

#[tokio::test]
async fn pages_of_large_events_are_shorter_and_none_is_left_out() {
    let folder = tempfile::TempDir::new().unwrap();
    let path = folder.path().join("test.sqlite");
    let store = SqliteStore::open(&path, &"e".parse().unwrap()).unwrap();
    let large = "x".repeat(common::limits::CONTENT_BYTES_MAX);
    let batch: Vec<_> = (0..300).map(|_| event("a", "ada", None, &large)).collect();
    store.append(&batch).unwrap();
    let (room, head) = ("a".parse().unwrap(), Seq(300));
    let backlog = Backlog::default();
    // The second reader is served from what the first has left, the third from a page between.
    for from in [0, 0, 100] {
        let (mut cursor, mut frames) = (Seq(from), 0);
        while cursor < head {
            let read = backlog.read(&store, &room, cursor, head).await.unwrap();
            let CatchUp::Frames {
                frames: some,
                cursor: next,
            } = read
            else {
                panic!("gone behind {cursor:?}")
            };
            let bytes: usize = some.iter().map(Frame::len).sum();
            assert!(bytes <= READ_BYTES_MAX && next > cursor);
            (cursor, frames) = (next, frames + some.len());
        }
        assert_eq!(frames, 300 - usize::try_from(from).unwrap(), "from {from}");
    }
    let pages = backlog.pages.lock();
    let held = |page: &Arc<Page>| {
        let loaded = page.loaded.get().unwrap();
        loaded
            .frames
            .iter()
            .map(|(_, frame)| frame.len())
            .sum::<usize>()
    };
    let most = pages.iter().map(held).max().unwrap();
    assert!(
        (READ_BYTES_MAX..2 * PAGE_BYTES_MAX).contains(&most),
        "{most}"
    );
}

#[tokio::test]
async fn a_reader_who_has_all_is_given_nothing() {
    let fixture = fixture(128).await;
    for at in [128, 129] {
        assert_eq!(fixture.read(at, 128).await, Some((0, at)));
    }
}

#[test]
fn frames_are_what_the_log_says() {
    let stored = StoredEvent {
        seq: Seq(7),
        event: event("a", "ada", None, "hello"),
    };
    let frame = encode::encode(stored.event, stored.seq);
    let text = std::str::from_utf8(crate::wire::split_text(&frame).unwrap().0).unwrap();
    assert!(
        text.contains("\"seq\":7") && text.contains("hello"),
        "{text}"
    );
}

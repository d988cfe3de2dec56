//! The contract suite: what every engine must do, whatever it is made of. Each check gets a fresh
//! store.

use super::{
    Appended, Body, Claim, EventStore, Guest, GuestStore, Marker, MarkerStore, NewEvent, Placed,
    Range, Refusal, Retention, StoredEvent,
};
use common::ids::Seq;
use common::reply::User;
use common::text::RoomName;
use common::time::Timestamp;
use std::sync::Arc;

/// An event whose text is `content`.
pub(crate) fn event(room: &str, user: &str, id: Option<&str>, content: &str) -> NewEvent {
    NewEvent {
        room: room.parse().unwrap(),
        author: User {
            id: format!("u-{user}").parse().unwrap(),
            name: user.parse().unwrap(),
        },
        id: id.map(|id| id.parse().unwrap()),
        body: Body::Message {
            content: Some(content.parse().unwrap()),
            data: None,
        },
        timestamp: Timestamp(1_700_000_000_123),
    }
}

async fn append(store: &impl EventStore, batch: impl IntoIterator<Item = NewEvent>) -> Vec<Placed> {
    let answers = attempt(store, batch).await;
    answers.into_iter().map(|answer| answer.unwrap()).collect()
}

async fn attempt(
    store: &impl EventStore,
    batch: impl IntoIterator<Item = NewEvent>,
) -> Vec<Result<Placed, Refusal>> {
    let batch: Arc<[NewEvent]> = batch.into_iter().collect();
    let count = batch.len();
    let answers = store.append(batch).await.unwrap();
    assert_eq!(answers.len(), count, "one answer for each event");
    let result = |answer| match answer {
        Appended::Placed(placed) => Ok(placed),
        Appended::Refused(refusal) => Err(refusal),
    };
    answers.into_iter().map(result).collect()
}

/// An event in room "a" with this body.
fn change(user: &str, body: Body) -> NewEvent {
    NewEvent {
        body,
        ..event("a", user, None, "x")
    }
}

fn edit(user: &str, target: u64, content: &str) -> NewEvent {
    let content = Some(content.parse().unwrap());
    change(
        user,
        Body::Edit {
            target: Seq(target),
            content,
            data: None,
        },
    )
}

fn delete(user: &str, target: u64) -> NewEvent {
    change(
        user,
        Body::Delete {
            target: Seq(target),
        },
    )
}

fn react(user: &str, target: u64, emoji: &str, on: bool) -> NewEvent {
    change(
        user,
        Body::React {
            target: Seq(target),
            emoji: emoji.parse().unwrap(),
            on,
        },
    )
}

fn seqs(placed: &[Placed]) -> Vec<u64> {
    placed.iter().map(|at| at.seq.0).collect()
}

fn room(name: &str) -> RoomName {
    name.parse().unwrap()
}

/// Places are gap-free per room, in the order of the batch, across batches.
pub(crate) async fn places_are_gap_free_per_room(store: &impl EventStore) {
    let first = append(
        store,
        [
            event("a", "ada", None, "1"),
            event("b", "ada", None, "1"),
            event("a", "bob", None, "2"),
        ],
    )
    .await;
    assert_eq!(seqs(&first), [1, 1, 2]);
    let second = append(
        store,
        [event("a", "ada", None, "3"), event("b", "bob", None, "2")],
    )
    .await;
    assert_eq!(seqs(&second), [3, 2]);
    assert!(second.iter().all(|at| !at.repeat));
    assert_eq!(
        (&second[0].epoch, &second[1].epoch),
        (&first[0].epoch, &first[1].epoch)
    );
    assert_eq!(store.head(&room("a")).await.unwrap().head, Seq(3));
    assert_eq!(store.head(&room("b")).await.unwrap().head, Seq(2));
}

/// A repeat adds nothing and is told the first one's place, within a batch and across batches.
pub(crate) async fn a_repeat_is_answered_with_the_first_ones_place(store: &impl EventStore) {
    let once = event("a", "ada", Some("x1"), "hello");
    let placed = append(
        store,
        [once.clone(), once.clone(), event("a", "ada", None, "next")],
    )
    .await;
    assert_eq!(seqs(&placed), [1, 1, 2]);
    assert_eq!(
        placed.iter().map(|at| at.repeat).collect::<Vec<_>>(),
        [false, true, false]
    );
    let mut late = event("elsewhere", "ada", Some("x1"), "hello");
    late.timestamp = Timestamp(1_800_000_000_000);
    let again = append(store, [late]).await;
    assert_eq!((again[0].seq, again[0].repeat), (Seq(1), true));
    assert_eq!(again[0].room, once.room);
    assert_eq!(again[0].timestamp, once.timestamp);
    assert_eq!(
        store.head(&room("elsewhere")).await.unwrap().head,
        Seq::ZERO
    );
    let other = append(store, [event("a", "bob", Some("x1"), "mine")]).await;
    assert_eq!(
        (other[0].seq, other[0].repeat),
        (Seq(3), false),
        "ids belong to their user"
    );
}

/// What is read is what was written, in order, with the right edges.
pub(crate) async fn pages_are_whole_and_in_order(store: &impl EventStore) {
    let mut written: Vec<_> = (1..=10)
        .map(|n| event("a", "ada", None, &n.to_string()))
        .collect();
    written[4].body = Body::Message {
        content: None,
        data: Some("{\"x\": [1, \"é\"]}".parse().unwrap()),
    };
    written[5].id = Some("id-6".parse().unwrap());
    append(store, written.clone()).await;
    append(store, [event("b", "ada", None, "other room")]).await;
    for (range, limit, expected, more) in [
        (Range::Newest, 3, 8..11, true),
        (Range::Newest, 10, 1..11, false),
        (Range::Newest, 50, 1..11, false),
        (Range::Before(Seq(8)), 3, 5..8, true),
        (Range::Before(Seq(4)), 3, 1..4, false),
        (Range::Before(Seq(u64::MAX)), 2, 9..11, true),
        (Range::After(Seq(0)), 4, 1..5, true),
        (Range::After(Seq(7)), 4, 8..11, false),
        (Range::After(Seq(10)), 4, 0..0, false),
        (Range::Before(Seq(1)), 4, 0..0, false),
        (Range::After(Seq(u64::MAX)), 4, 0..0, false),
    ] {
        let page = store.read(&room("a"), range, limit).await.unwrap();
        assert_eq!(page.more, more, "{range:?}");
        assert_eq!(page.at.head, Seq(10));
        assert!(
            page.events.iter().map(|e| e.seq.0).eq(expected),
            "{range:?}"
        );
        for stored in page.events {
            let index = usize::try_from(stored.seq.0).unwrap() - 1;
            assert_eq!(stored.event, written[index]);
        }
    }
}

/// A room nobody has written to is empty and leaves no trace.
pub(crate) async fn an_unwritten_room_is_empty_and_occupies_nothing(store: &impl EventStore) {
    let head = store.head(&room("silent")).await.unwrap();
    assert_eq!(head.head, Seq::ZERO);
    let page = store
        .read(&room("silent"), Range::Newest, 10)
        .await
        .unwrap();
    assert_eq!((page.events.len(), page.more, page.at), (0, false, head));
    assert_eq!(store.rooms(10).await.unwrap(), []);
}

/// Rooms are listed by their latest event, without the built-in one.
pub(crate) async fn rooms_are_listed_latest_first(store: &impl EventStore) {
    let at = |name: &str, ms| NewEvent {
        timestamp: Timestamp(ms),
        ..event(name, "ada", None, "x")
    };
    append(
        store,
        [
            at("old", 1),
            at("new", 3),
            at("$broadcast", 9),
            at("middle", 2),
        ],
    )
    .await;
    append(store, [at("old", 4)]).await;
    let rooms = store.rooms(10).await.unwrap();
    let names: Vec<_> = rooms.iter().map(|row| row.room.as_str()).collect();
    assert_eq!(names, ["old", "new", "middle"]);
    assert_eq!((rooms[0].head, rooms[0].last_at), (Seq(2), Timestamp(4)));
    assert_eq!(store.rooms(1).await.unwrap().len(), 1);
}

/// What people write is data, whatever it looks like.
pub(crate) async fn text_is_stored_as_it_is(store: &impl EventStore) {
    let texts = [
        "'; DROP TABLE event; --",
        "\0 nul",
        "\u{1f600}\n\ttabs",
        "%_\"\\",
        "NULL",
    ];
    for (n, text) in texts.into_iter().enumerate() {
        let name = format!("room '{n}'; --");
        append(store, [event(&name, "ada", Some(&format!("i{n}")), text)]).await;
        let page = store.read(&room(&name), Range::Newest, 1).await.unwrap();
        assert_eq!(content(&page.events[0]), Some(text));
    }
}

fn content(stored: &StoredEvent) -> Option<&str> {
    match &stored.event.body {
        Body::Message { content, .. } | Body::Edit { content, .. } => {
            content.as_ref().map(common::text::Content::as_str)
        }
        _ => None,
    }
}

/// Authors change their own messages, anybody reacts, and a page of messages has it all.
pub(crate) async fn changes_are_taken_from_those_who_may_and_come_with_their_page(
    store: &impl EventStore,
) {
    append(
        store,
        [
            event("a", "ada", None, "one"),
            event("a", "bob", None, "two"),
        ],
    )
    .await;
    append(store, [event("b", "ada", None, "elsewhere")]).await;
    for (change, expected) in [
        (edit("ada", 1, "ONE"), Ok(3)),
        (edit("bob", 1, "mine"), Err(Refusal::NotYours)),
        (delete("bob", 1), Err(Refusal::NotYours)),
        (edit("ada", 9, "x"), Err(Refusal::NoSuchMessage)),
        (edit("ada", 3, "x"), Err(Refusal::NoSuchMessage)),
        (edit("ada", u64::MAX, "x"), Err(Refusal::NoSuchMessage)),
        (react("bob", 1, "+1", true), Ok(4)),
        (react("bob", 1, "+1", false), Ok(5)),
        (react("ada", 2, "+1", true), Ok(6)),
        (delete("bob", 2), Ok(7)),
        (delete("bob", 2), Err(Refusal::NoSuchMessage)),
        (react("ada", 2, "+1", true), Err(Refusal::NoSuchMessage)),
    ] {
        let answer = attempt(store, [change.clone()]).await.remove(0);
        assert_eq!(answer.map(|placed| placed.seq.0), expected, "{change:?}");
    }
    let many: Vec<_> = (0..21)
        .map(|n| react("bob", 1, &format!("e{n}"), true))
        .collect();
    let answers = attempt(store, many).await;
    let refused = answers
        .iter()
        .filter(|a| **a == Err(Refusal::TooManyReactions))
        .count();
    assert_eq!(refused, 2, "'+1' was there before");

    let page = store.messages(&room("a"), Range::Newest, 10).await.unwrap();
    assert!(page.messages.iter().map(|m| m.seq.0).eq([1, 2]));
    let changes: Vec<_> = page.changes.iter().map(|c| c.seq.0).collect();
    assert_eq!(changes[..5], [3, 4, 5, 6, 7]);
    let page = store
        .messages(&room("a"), Range::Before(Seq(2)), 10)
        .await
        .unwrap();
    assert!(
        page.changes
            .iter()
            .all(|c| c.event.body.target() == Some(Seq(1)))
    );
    let events = store
        .read(&room("a"), Range::After(Seq::ZERO), 5)
        .await
        .unwrap();
    assert!(
        events.events.iter().map(|e| e.seq.0).eq(1..6),
        "the log itself has everything"
    );
    assert_eq!(store.head(&room("b")).await.unwrap().head, Seq(1));
}

/// After a deletion nothing of what was said can be read anywhere.
pub(crate) async fn a_deletion_erases_what_the_message_and_its_edits_said(store: &impl EventStore) {
    append(
        store,
        [
            event("a", "ada", None, "secret"),
            event("a", "ada", None, "kept"),
        ],
    )
    .await;
    append(
        store,
        [edit("ada", 1, "secret too"), edit("ada", 2, "kept too")],
    )
    .await;
    let deleted = append(store, [delete("ada", 1)]).await.remove(0);
    let erased: Vec<_> = deleted
        .erased
        .iter()
        .map(|e| (e.seq.0, content(e)))
        .collect();
    assert_eq!(erased, [(1, None), (3, None)]);
    let log = store
        .read(&room("a"), Range::After(Seq::ZERO), 10)
        .await
        .unwrap();
    let said: Vec<_> = log.events.iter().map(content).collect();
    assert_eq!(said, [None, Some("kept"), None, Some("kept too"), None]);
}

/// Retention drops from the oldest end, raises the floor, and never gives a place out twice.
pub(crate) async fn retention_drops_the_oldest_and_says_so(store: &impl EventStore) {
    let at = |n: u64| NewEvent {
        timestamp: Timestamp(n),
        ..event("a", "ada", None, "x")
    };
    append(store, (1..=10).map(at)).await;
    let now = Timestamp(1_700_000_000_000);
    for (before, events_max, floor) in [
        (None, None, 0),
        (None, Some(20), 0),
        (Some(4), None, 3),
        (Some(2), Some(9), 3),
        (None, Some(5), 5),
        (Some(100), Some(0), 9),
    ] {
        let keep = Retention {
            before: before.map(Timestamp),
            events_max,
        };
        store.prune(&room("a"), keep, now).await.unwrap();
        let at = store.head(&room("a")).await.unwrap();
        assert_eq!((at.floor, at.head), (Seq(floor), Seq(10)), "{keep:?}");
        let rest = store
            .read(&room("a"), Range::After(Seq::ZERO), 20)
            .await
            .unwrap();
        assert!(
            rest.events.iter().map(|e| e.seq.0).eq(floor + 1..11),
            "{keep:?}"
        );
    }
    assert_eq!(append(store, [at(11)]).await[0].seq, Seq(11));
}

/// A message that retention dropped is not stored again when its client sends it again.
pub(crate) async fn what_retention_dropped_is_still_known_as_sent(store: &impl EventStore) {
    let sent = event("a", "ada", Some("x"), "one");
    append(store, [sent.clone(), event("a", "ada", None, "two")]).await;
    let keep = Retention {
        before: None,
        events_max: Some(1),
    };
    store.prune(&room("a"), keep, sent.timestamp).await.unwrap();
    let again = append(store, [sent.clone()]).await;
    assert_eq!((again[0].seq, again[0].repeat), (Seq(1), true));
    assert_eq!(store.head(&room("a")).await.unwrap().head, Seq(2));
}

/// Markers only move forward.
pub(crate) async fn markers_move_forward_only(store: &impl MarkerStore) {
    let mark = |user: &str, name: &str, seq| Marker {
        user: user.parse().unwrap(),
        room: room(name),
        seq: Seq(seq),
    };
    store
        .mark(vec![
            mark("u1", "a", 5),
            mark("u1", "b", 2),
            mark("u2", "a", 1),
        ])
        .await
        .unwrap();
    store
        .mark(vec![mark("u1", "a", 3), mark("u1", "b", 4)])
        .await
        .unwrap();
    for (user, name, expected) in [
        ("u1", "a", Some(5)),
        ("u1", "b", Some(4)),
        ("u2", "a", Some(1)),
        ("u3", "a", None),
    ] {
        let found = store
            .marker(&user.parse().unwrap(), &room(name))
            .await
            .unwrap();
        assert_eq!(found, expected.map(Seq), "{user} in {name}");
    }
}

fn guest(secret: u8, id: &str, name: &str, seen_at: u64) -> Guest {
    Guest {
        secret_hash: [secret; 32],
        user: User {
            id: id.parse().unwrap(),
            name: name.parse().unwrap(),
        },
        seen_at: Timestamp(seen_at),
    }
}

/// A name has one holder, who is found by the secret's hash and lasts until forgotten or stale.
pub(crate) async fn a_name_has_one_holder(store: &impl GuestStore) {
    const HOUR: u64 = 3_600_000;
    let ada = guest(1, "u1", "Ada", HOUR);
    let claim = |guest: Guest, stale| store.claim(guest, Timestamp(stale));
    assert_eq!(claim(ada.clone(), 0).await.unwrap(), Claim::Granted);
    assert_eq!(
        claim(guest(2, "u2", "ADA", HOUR), 0).await.unwrap(),
        Claim::Taken
    );
    assert_eq!(
        store.holder(&"ada".parse().unwrap()).await.unwrap(),
        Some(ada.user.id.clone())
    );
    assert_eq!(store.guest([9; 32], Timestamp(HOUR)).await.unwrap(), None);
    // A visit keeps the name: what would have been stale by the claim is not by the visit.
    assert_eq!(
        store.guest([1; 32], Timestamp(9 * HOUR)).await.unwrap(),
        Some(ada.user.clone())
    );
    assert_eq!(
        claim(guest(2, "u2", "ada", 9 * HOUR), 5 * HOUR)
            .await
            .unwrap(),
        Claim::Taken
    );
    assert_eq!(
        claim(guest(2, "u2", "ada", 99 * HOUR), 50 * HOUR)
            .await
            .unwrap(),
        Claim::Granted
    );
    assert_eq!(
        store.guest([1; 32], Timestamp(99 * HOUR)).await.unwrap(),
        None
    );
    store.forget([2; 32]).await.unwrap();
    assert_eq!(store.holder(&"ada".parse().unwrap()).await.unwrap(), None);
    store.forget([2; 32]).await.unwrap();
}

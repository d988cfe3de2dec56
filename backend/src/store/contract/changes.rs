//! The contract for edits, deletions, reactions and retention.

use super::{append, attempt, content, event, room};
use crate::store::{Body, EventStore, NewEvent, Range, Refusal, Retention};
use common::ids::Seq;
use common::time::Timestamp;

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
            any: false,
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

/// Users who may delete messages of others do so, and the log says who it was.
pub(crate) async fn a_moderator_takes_back_what_somebody_else_has_said(store: &impl EventStore) {
    append(store, [event("a", "ada", None, "rude")]).await;
    let refused = attempt(store, [delete("eve", 1)]).await;
    assert_eq!(refused, [Err(Refusal::NotYours)]);
    let moderate = Body::Delete {
        target: Seq(1),
        any: true,
    };
    let placed = append(store, [change("eve", moderate)]).await;
    assert_eq!(placed[0].erased.len(), 1);
    let page = store.read(&room("a"), Range::Newest, 10).await.unwrap();
    let [message, deletion] = page.events.as_slice() else {
        panic!("not a message and its deletion: {page:?}");
    };
    assert!(!message.event.body.says_something());
    assert_eq!(deletion.event.author.name.as_str(), "eve");
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
        (react("bob", 1, "+1", false), Ok(5)),
        (react("eve", 1, "+1", false), Err(Refusal::NoSuchReaction)),
        (react("ada", 2, "+1", true), Ok(6)),
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
    assert_eq!(refused, 1, "'+1' is not there any more");

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
        while store.prune(&room("a"), keep, now).await.unwrap() {}
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

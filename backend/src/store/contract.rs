//! The contract suite: what every engine must do. Each check gets a fresh store. The two macros list
//! all checks, so that an engine cannot leave one out.

mod accounts;
mod changes;
mod people;
mod rooms;

pub(crate) use accounts::*;
pub(crate) use changes::*;
pub(crate) use people::*;
pub(crate) use rooms::*;

use super::{Appended, Body, EventStore, NewEvent, Placed, Range, Refusal, StoredEvent};
use common::ids::Seq;
use common::text::RoomName;
use common::time::Timestamp;
use common::user::User;

/// Makes a test of each named check. `$fresh` gives a store and whatever must live as long as it does.
macro_rules! test_each {
    ($fresh:expr; $($name:ident),* $(,)?) => {$(
        #[tokio::test]
        async fn $name() {
            let (store, _kept) = $fresh;
            $crate::store::contract::$name(&store).await;
        }
    )*};
}

/// Tests an engine that keeps event logs.
macro_rules! test_event_store {
    ($fresh:expr) => {
        $crate::store::contract::test_each! {
            $fresh;
            places_are_gap_free_per_room,
            a_repeat_is_answered_with_the_first_ones_place,
            pages_are_whole_and_in_order,
            an_unwritten_room_is_empty_and_occupies_nothing,
            rooms_are_listed_latest_first,
            rooms_are_visited_by_name,
            rooms_whose_names_look_alike_are_found,
            text_is_stored_as_it_is,
            changes_are_taken_from_those_who_may_and_come_with_their_page,
            a_deletion_erases_what_the_message_and_its_edits_said,
            a_moderator_takes_back_what_somebody_else_has_said,
            retention_drops_the_oldest_and_says_so,
            what_retention_dropped_is_still_known_as_sent,
            time_does_not_go_back_in_a_room,
        }
    };
}

/// Tests an engine that also keeps what nodes share: people, rooms, sanctions, markers, the audit log.
macro_rules! test_shared_store {
    ($fresh:expr) => {
        $crate::store::contract::test_each! {
            $fresh;
            a_name_has_one_holder,
            markers_move_forward_only,
            the_first_account_becomes_admin_where_it_may,
            a_name_is_held_once_among_guests_accounts_and_keys,
            a_sign_in_is_found_by_its_tokens_and_rotated_once,
            what_ends_sign_ins_is_noticed,
            an_account_has_so_many_sign_ins_and_old_ones_go,
            a_key_opens_until_it_is_revoked,
            the_audit_log_is_read_backwards_and_forgets,
            a_room_is_made_once_and_changed,
            members_come_and_go,
            two_people_have_one_direct_conversation,
            sanctions_hold_until_they_end,
            an_invitation_opens_the_door_so_often,
            people_are_found_by_their_id,
        }
    };
}

pub(crate) use {test_each, test_event_store, test_shared_store};

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
    let batch: Vec<NewEvent> = batch.into_iter().collect();
    let count = batch.len();
    let answers = store.append(&batch).unwrap();
    assert_eq!(answers.len(), count, "one answer for each event");
    let result = |answer| match answer {
        Appended::Placed(placed) => Ok(placed),
        Appended::Refused(refusal) => Err(refusal),
    };
    answers.into_iter().map(result).collect()
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
    let heads = store.heads(["a", "b", "silent"].map(room).into()).await;
    let heads = heads.unwrap();
    assert_eq!((heads.len(), heads[&room("a")].head), (2, Seq(3)));
    assert_eq!(heads[&room("b")], store.head(&room("b")).await.unwrap());
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
    let mut late = once.clone();
    late.timestamp = Timestamp(1_800_000_000_000);
    let again = append(store, [late]).await;
    assert_eq!((again[0].seq, again[0].repeat), (Seq(1), true));
    assert_eq!(again[0].timestamp, once.timestamp);
    let elsewhere = attempt(store, [event("elsewhere", "ada", Some("x1"), "hello")]).await;
    assert_eq!(elsewhere, [Err(Refusal::IdReused)]);
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

/// Clocks of nodes differ, and are set back; the times of a room's events never go back.
pub(crate) async fn time_does_not_go_back_in_a_room(store: &impl EventStore) {
    let at = |room: &str, ms| NewEvent {
        timestamp: Timestamp(ms),
        ..event(room, "ada", None, "x")
    };
    let placed = append(store, [at("a", 5), at("a", 3), at("b", 4)]).await;
    let later = append(store, [at("a", 4), at("a", 7), at("b", 1)]).await;
    let told: Vec<u64> = [placed, later]
        .concat()
        .iter()
        .map(|p| p.timestamp.0)
        .collect();
    assert_eq!(told, [5, 5, 4, 5, 7, 4]);
    let page = store.read(&room("a"), Range::Newest, 9).await.unwrap();
    let stored = page.events.iter().map(|stored| stored.event.timestamp.0);
    assert!(stored.eq([5, 5, 5, 7]));
    assert_eq!(
        store.public_rooms(9).await.unwrap()[0].last_at,
        Timestamp(7)
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
    assert_eq!(store.public_rooms(10).await.unwrap(), []);
    assert_eq!(store.rooms(None, 10).await.unwrap(), []);
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
    let rooms = store.public_rooms(10).await.unwrap();
    let names: Vec<_> = rooms.iter().map(|row| row.room.as_str()).collect();
    assert_eq!(names, ["old", "new", "middle"]);
    assert_eq!((rooms[0].head, rooms[0].last_at), (Seq(2), Timestamp(4)));
    assert_eq!(store.public_rooms(1).await.unwrap().len(), 1);
}

/// Every room is visited once, page by page.
pub(crate) async fn rooms_are_visited_by_name(store: &impl EventStore) {
    let hidden = RoomName::hidden(1).to_string();
    let written = ["b", "$broadcast", "c", "a", hidden.as_str(), "d"];
    append(store, written.map(|name| event(name, "ada", None, "x"))).await;
    let mut visited: Vec<RoomName> = Vec::new();
    loop {
        let page = store.rooms(visited.last(), 2).await.unwrap();
        if page.is_empty() {
            break;
        }
        visited.extend(page.into_iter().map(|row| row.room));
    }
    let names: Vec<_> = visited.iter().map(RoomName::as_str).collect();
    assert_eq!(names, [hidden.as_str(), "a", "b", "c", "d"]);
}

pub(crate) async fn rooms_whose_names_look_alike_are_found(store: &impl EventStore) {
    let hidden = RoomName::hidden(1).to_string();
    for (second, name) in ["general", "General", "genera1", "other", hidden.as_str()]
        .into_iter()
        .enumerate()
    {
        let mut event = event(name, "ada", None, "x");
        event.timestamp = Timestamp(second as u64);
        append(store, [event]).await;
    }
    for (name, limit, expected) in [
        ("GENERAL", 9, &["genera1", "general", "General"][..]),
        ("genera1", 9, &["genera1", "general", "General"]),
        ("OTHER", 9, &["other"]),
        ("none", 9, &[]),
        (&hidden, 9, &[]),
    ] {
        let found = store.similar(&room(name), limit).await.unwrap();
        let mut found: Vec<_> = found.iter().map(RoomName::as_str).collect();
        let mut expected = expected.to_vec();
        found.sort_unstable();
        expected.sort_unstable();
        assert_eq!(found, expected, "{name}");
    }
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

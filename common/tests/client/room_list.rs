//! The list of rooms is the server's, whatever is missed on the way.

use crate::harness::{Harness, p};
use common::api::RoomSummary;
use common::client::{Change, Command, Config, Effect, Input, Status};
use common::error::{ErrorCode, ErrorFrame};
use common::frame::{ClientFrame, ServerFrame};
use common::ids::RequestId;
use common::reply::{Ack, RoomsUpdate};
use common::room::RoomsChanged;
use common::time::Timestamp;

fn watching() -> Harness {
    let config = Config {
        watch_rooms: true,
        ..Config::default()
    };
    let mut harness = Harness::with(common::client::Client::new(config, 1));
    harness.apply(Input::Start);
    harness.welcome();
    harness.join_all(0);
    harness
}

/// The ids of the requests for the list that were sent; everything else is passed over.
fn asked(harness: &mut Harness) -> Vec<RequestId> {
    let sent = harness.take().into_iter();
    let watch = sent.filter_map(|frame| match frame {
        ClientFrame::WatchRooms(watch) => watch.id,
        _ => None,
    });
    watch.collect()
}

fn room(name: &str, last_at: Option<u64>) -> RoomSummary {
    RoomSummary {
        last_at: last_at.map(Timestamp),
        ..RoomSummary::default_for(p(name), 0)
    }
}

fn update(
    harness: &mut Harness,
    version: u64,
    complete: bool,
    rooms: &[RoomSummary],
    gone: &[&str],
) {
    harness.effects.clear();
    harness.receive(ServerFrame::Rooms(Box::new(RoomsUpdate {
        version,
        complete,
        rooms: rooms.to_vec(),
        gone: gone.iter().map(|name| p(name)).collect(),
    })));
}

fn names(harness: &Harness) -> Vec<String> {
    let rooms = harness.client.room_list().unwrap_or_default();
    rooms.iter().map(|one| one.room.to_string()).collect()
}

fn has_changed(harness: &Harness) -> bool {
    harness.effects.contains(&Effect::Changed(Change::RoomList))
}

#[test]
fn the_list_is_asked_for_once_and_follows_what_the_server_tells() {
    let mut harness = watching();
    let [id] = &asked(&mut harness)[..] else {
        panic!("not asked once")
    };
    assert_eq!(harness.client.room_list(), None);
    update(
        &mut harness,
        7,
        true,
        &[room("a", Some(2)), room("b", None)],
        &[],
    );
    harness.receive(ServerFrame::Ack(Box::new(Ack::done(id.clone()))));
    assert!(has_changed(&harness));
    assert_eq!(names(&harness), ["a", "b"]);
    update(
        &mut harness,
        8,
        false,
        &[room("b", Some(3)), room("c", Some(1))],
        &[],
    );
    assert!(has_changed(&harness));
    assert_eq!(names(&harness), ["b", "a", "c"]);
    update(&mut harness, 9, false, &[], &["a"]);
    assert_eq!(names(&harness), ["b", "c"]);
    assert_eq!(asked(&mut harness), []);
}

#[test]
fn a_missed_update_has_the_list_asked_for_anew() {
    let mut harness = watching();
    asked(&mut harness);
    update(&mut harness, 3, false, &[room("early", None)], &[]);
    assert_eq!(
        harness.client.room_list(),
        None,
        "there is no list to change yet"
    );
    update(&mut harness, 7, true, &[room("a", None)], &[]);
    update(&mut harness, 6, false, &[room("old", None)], &[]);
    assert_eq!(names(&harness), ["a"], "that is in the list");
    update(&mut harness, 9, false, &[room("b", None)], &[]);
    assert_eq!(names(&harness), ["a"]);
    assert_eq!(asked(&mut harness).len(), 1);
    update(
        &mut harness,
        9,
        true,
        &[room("a", None), room("b", None)],
        &[],
    );
    assert_eq!(names(&harness), ["a", "b"]);
    // The same list once more is nothing new.
    update(
        &mut harness,
        9,
        true,
        &[room("a", None), room("b", None)],
        &[],
    );
    assert!(!has_changed(&harness));
}

#[test]
fn what_the_user_may_see_has_changed_or_the_connection_is_new() {
    let mut harness = watching();
    asked(&mut harness);
    update(&mut harness, 1, true, &[room("a", None)], &[]);
    let changed = RoomsChanged {
        room: p("$3fz8k2m9q1x7w"),
        by: None,
    };
    harness.receive(ServerFrame::RoomsChanged(changed));
    assert_eq!(asked(&mut harness).len(), 1);
    harness.apply(Input::Command(Command::ReloadRooms));
    assert_eq!(asked(&mut harness).len(), 1);
    harness.closed(1006);
    harness.pass(500);
    harness.welcome();
    assert_eq!(asked(&mut harness).len(), 1);
    assert_eq!(names(&harness), ["a"], "until the server has told it again");
}

#[test]
fn a_refusal_is_repeated_later_if_it_may_be() {
    let mut harness = watching();
    let id = asked(&mut harness).remove(0);
    let busy = ErrorFrame::new(ErrorCode::RateLimited, "too often").answering(Some(id));
    harness.receive(ServerFrame::Error(busy));
    assert_eq!(asked(&mut harness), []);
    harness.pass_heard(5_000);
    let again = asked(&mut harness);
    assert_eq!(again.len(), 1);
    let no = ErrorFrame::new(ErrorCode::Forbidden, "no").answering(again.first().cloned());
    harness.receive(ServerFrame::Error(no));
    harness.pass_heard(60_000);
    assert_eq!(asked(&mut harness), []);
    assert_ne!(harness.status(), Status::Offline);
}

#[test]
fn a_client_that_does_not_keep_the_list_does_not_ask_for_it() {
    let mut harness = Harness::live(&[]);
    harness.apply(Input::Command(Command::ReloadRooms));
    assert_eq!(asked(&mut harness), []);
    assert_eq!(harness.client.room_list(), None);
}

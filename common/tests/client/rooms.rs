//! Getting into rooms, staying in them, and leaving.

use crate::bench::{Bench, p};
use common::client::{Change, Command, Effect, Input, RoomState, Status};
use common::ids::Seq;
use common::reply::Left;
use common::room::{LeftReason, RoomSettings, RoomsChanged};
use common::{ClientFrame, ErrorCode, ErrorFrame, ServerFrame};

fn state(bench: &Bench, room: &str) -> RoomState {
    bench.client.room(&p(room)).unwrap().state().clone()
}

#[test]
fn a_room_is_joined_with_its_newest_events_and_resumed_from_where_it_was() {
    let mut bench = Bench::live(&[]);
    bench.open("a");
    let join = bench.sent_join();
    assert_eq!(
        (join.last, join.since, join.epoch.clone()),
        (Some(50), None, None)
    );
    bench.answer(&join, 10, 8, true);
    bench.hear("a", 9);
    bench.hear("a", 10);
    bench.hear("a", 11);
    bench.closed(1006);
    assert_eq!(bench.seqs("a"), [9, 10, 11], "what is shown stays");
    assert_eq!(state(&bench, "a"), RoomState::Joining);
    bench.pass(500);
    bench.welcome();
    let joins = bench.join_all(11);
    let join = joins.iter().find(|join| !join.room.is_broadcast()).unwrap();
    assert_eq!(join.since, Some(Seq(11)));
    assert_eq!(join.epoch, Some(p("e1")));
    assert_eq!(join.last, Some(50), "in case `since` cannot be honoured");
    assert_eq!(bench.status(), Status::Live);
}

#[test]
fn opening_an_open_room_does_nothing() {
    let mut bench = Bench::live(&["a"]);
    bench.open("a");
    assert_eq!(bench.effects, []);
    assert_eq!(bench.take(), []);
}

#[test]
fn a_closed_room_is_left_and_forgotten() {
    let mut bench = Bench::live(&["a", "b"]);
    bench.close("a");
    assert_eq!(bench.effects, [Effect::Changed(Change::Rooms)]);
    let sent = bench.take();
    assert!(matches!(sent.as_slice(), [ClientFrame::Leave(leave)] if leave.room == p("a")));
    assert!(bench.client.room(&p("a")).is_none());
    let rooms: Vec<_> = bench
        .client
        .rooms()
        .map(|room| room.name().clone())
        .collect();
    assert_eq!(rooms, [p("b")]);
    bench.receive(ServerFrame::Left(Left {
        room: p("a"),
        reason: None,
    }));
    bench.hear("a", 1);
    assert_eq!(bench.take(), []);
}

#[test]
fn a_room_closed_while_it_is_being_joined_is_left_after_the_answer() {
    let mut bench = Bench::live(&[]);
    bench.open("a");
    let join = bench.sent_join();
    bench.close("a");
    assert_eq!(bench.take(), []);
    bench.open("a");
    bench.close("a");
    assert_eq!(
        bench.take(),
        [],
        "one join is unanswered; there is no second"
    );
    bench.answer(&join, 0, 0, true);
    assert!(matches!(bench.take().as_slice(), [ClientFrame::Leave(_)]));
    bench.open("a");
    bench.sent_join();
}

#[test]
fn events_of_the_cursor_before_belong_to_nobody() {
    let mut bench = Bench::live(&["a"]);
    bench.close("a");
    bench.open("a");
    let (leave, join) = match bench.take().as_slice() {
        [ClientFrame::Leave(leave), ClientFrame::Join(join)] => (leave.clone(), join.clone()),
        other => panic!("{other:?}"),
    };
    bench.hear("a", 1);
    bench.receive(ServerFrame::Left(Left {
        room: leave.room,
        reason: None,
    }));
    assert_eq!(bench.seqs("a"), [0; 0]);
    bench.answer(&join, 1, 0, true);
    bench.hear("a", 1);
    assert_eq!(bench.seqs("a"), [1]);
    assert_eq!(bench.take(), []);
}

#[test]
fn a_refused_room_shows_why_and_is_tried_again_when_asked_or_reconnected() {
    let mut bench = Bench::live(&[]);
    bench.open("a");
    let join = bench.sent_join();
    bench.refuse(&join.id.unwrap(), ErrorCode::TooManyRooms);
    assert!(
        matches!(state(&bench, "a"), RoomState::Refused(e) if e.code == ErrorCode::TooManyRooms)
    );
    bench.pass(20_000);
    assert_eq!(bench.take(), []);
    bench.open("a");
    let join = bench.sent_join();
    bench.refuse(&join.id.unwrap(), ErrorCode::TooManyRooms);
    bench.closed(1006);
    bench.pass(500);
    bench.welcome();
    bench.join_all(0);
    assert_eq!(state(&bench, "a"), RoomState::Live);
}

#[test]
fn a_join_that_is_refused_for_the_moment_is_repeated_after_a_while() {
    let mut bench = Bench::live(&[]);
    bench.open("a");
    let join = bench.sent_join();
    let error = ErrorFrame::new(ErrorCode::Overloaded, "busy").answering(join.id);
    bench.receive(ServerFrame::Error(error));
    assert_eq!(state(&bench, "a"), RoomState::Joining);
    bench.pass(999);
    assert_eq!(bench.take(), []);
    bench.pass(1);
    let join = bench.sent_join();
    bench.answer(&join, 0, 0, true);
    assert_eq!(bench.status(), Status::Live);
}

#[test]
fn a_client_that_is_put_out_asks_to_come_in_again_but_not_without_pause() {
    let mut bench = Bench::live(&["a"]);
    bench.receive(ServerFrame::Left(Left {
        room: p("a"),
        reason: None,
    }));
    assert_eq!(bench.status(), Status::Connecting);
    let join = bench.sent_join();
    bench.answer(&join, 0, 0, true);
    assert_eq!(bench.status(), Status::Live);
    bench.receive(ServerFrame::Left(Left {
        room: p("a"),
        reason: None,
    }));
    assert_eq!(bench.take(), []);
    bench.pass(10_000);
    let join = bench.sent_join();
    bench.refuse(&join.id.unwrap(), ErrorCode::ReservedRoom);
    assert!(matches!(state(&bench, "a"), RoomState::Refused(_)));
}

#[test]
fn two_sides_that_disagree_about_being_in_are_brought_to_agree() {
    let mut bench = Bench::live(&[]);
    bench.open("a");
    let join = bench.sent_join();
    bench.refuse(&join.id.unwrap(), ErrorCode::AlreadyJoined);
    assert!(matches!(bench.take().as_slice(), [ClientFrame::Leave(_)]));
    bench.pass(1000);
    let join = bench.sent_join();
    bench.answer(&join, 0, 0, true);
    assert_eq!(bench.status(), Status::Live);
}

#[test]
fn announcements_are_followed_without_being_opened_and_resumed_after_a_cut() {
    let mut bench = Bench::new();
    bench.apply(Input::Start);
    bench.welcome();
    let join = bench.sent_join();
    assert!(join.room.is_broadcast());
    assert_eq!(join.last, Some(5));
    bench.announce(7);
    assert_eq!(
        bench.seqs("$broadcast"),
        [0; 0],
        "it follows once more after the answer"
    );
    bench.answer(&join, 7, 6, true);
    bench.announce(7);
    bench.announce(7);
    assert_eq!(bench.seqs("$broadcast"), [7]);
    bench.closed(1006);
    bench.pass(500);
    bench.welcome();
    assert_eq!(bench.sent_join().since, Some(Seq(7)));
}

#[test]
fn only_the_newest_announcements_are_held() {
    let mut bench = Bench::live(&[]);
    (1..=30).for_each(|seq| bench.announce(seq));
    assert_eq!(bench.seqs("$broadcast"), (11..=30).collect::<Vec<_>>());
}

#[test]
fn the_built_in_room_cannot_be_opened_or_closed() {
    let mut bench = Bench::live(&[]);
    bench.open("$broadcast");
    bench.close("$broadcast");
    assert_eq!(bench.take(), []);
    assert_eq!(bench.client.rooms().count(), 0);
}

#[test]
fn what_others_say_is_unread_until_it_is_seen() {
    let mut bench = Bench::live(&[]);
    bench.open("a");
    let join = bench.sent_join();
    bench.answer(&join, 2, 0, true);
    bench.hear("a", 1);
    bench.hear("a", 2);
    let unread = |bench: &Bench| bench.client.room(&p("a")).unwrap().unread();
    assert_eq!(unread(&bench), 0, "that was there before");
    bench.hear("a", 3);
    bench.echo("a", 4, &p("elsewhere"));
    bench.hear("a", 5);
    assert_eq!(unread(&bench), 2, "one's own are not counted");
    bench.effects.clear();
    for expected in [vec![Effect::Changed(Change::Room(p("a")))], vec![]] {
        bench.apply(Input::Command(Command::MarkSeen { room: p("a") }));
        assert_eq!(std::mem::take(&mut bench.effects), expected);
    }
    assert_eq!(unread(&bench), 0);
}

#[test]
fn a_client_that_is_put_out_with_a_reason_stays_out_until_the_user_goes_back_in() {
    let mut bench = Bench::live(&["a", "b"]);
    bench.receive(ServerFrame::Left(Left {
        room: p("a"),
        reason: Some(LeftReason::Kicked),
    }));
    assert!(matches!(state(&bench, "a"), RoomState::Refused(e) if e.code == ErrorCode::NotJoined));
    assert_eq!(bench.status(), Status::Live);
    bench.pass(20_000);
    let joins = |sent: Vec<ClientFrame>| -> Vec<String> {
        let rooms = sent.into_iter().filter_map(|frame| match frame {
            ClientFrame::Join(join) if !join.room.is_broadcast() => Some(join.room.to_string()),
            _ => None,
        });
        rooms.collect()
    };
    assert_eq!(joins(bench.take()), [""; 0]);
    bench.closed(1006);
    bench.pass(500);
    bench.welcome();
    assert_eq!(joins(bench.take()), ["b"], "nor on the next connection");
    bench.open("a");
    assert_eq!(joins(bench.take()), ["a"]);
}

#[test]
fn what_holds_in_a_room_is_known_until_it_is_joined_anew() {
    let mut bench = Bench::live(&["a"]);
    let holds = |bench: &Bench| {
        let room = bench.client.room(&p("a")).unwrap();
        room.settings().cloned()
    };
    assert_eq!(holds(&bench), None);
    let settings = RoomSettings {
        locked: true,
        ..RoomSettings::plain(p("a"))
    };
    bench.receive(ServerFrame::Settings(Box::new(settings.clone())));
    assert_eq!(bench.effects, [Effect::Changed(Change::Room(p("a")))]);
    assert_eq!(holds(&bench), Some(settings));
    bench.closed(1006);
    bench.pass(500);
    bench.welcome();
    bench.join_all(0);
    assert_eq!(holds(&bench), None);
}

#[test]
fn news_of_the_list_of_rooms_are_passed_on() {
    let mut bench = Bench::live(&[]);
    bench.receive(ServerFrame::RoomsChanged(RoomsChanged {
        room: p("a"),
        by: None,
    }));
    assert_eq!(bench.effects, [Effect::Changed(Change::RoomList)]);
}

//! Getting into rooms, staying in them, and leaving.

use crate::harness::{Harness, p};
use common::client::{Change, Command, Effect, Input, RoomPart, RoomStatus, Status};
use common::ids::Seq;
use common::reply::Left;
use common::room::{LeftReason, RoomSettings, RoomsChanged};
use common::{ClientFrame, ErrorCode, ErrorFrame, ServerFrame};

fn state(harness: &Harness, room: &str) -> RoomStatus {
    harness.client.room(&p(room)).unwrap().state().clone()
}

#[test]
fn a_room_is_joined_with_its_newest_events_and_resumed_from_where_it_was() {
    let mut harness = Harness::live(&[]);
    harness.open("a");
    let join = harness.sent_join();
    assert_eq!(
        (join.last, join.since, join.epoch.clone()),
        (Some(50), None, None)
    );
    harness.answer(&join, 10, 8, true);
    harness.hear("a", 9);
    harness.hear("a", 10);
    harness.hear("a", 11);
    harness.closed(1006);
    assert_eq!(harness.seqs("a"), [9, 10, 11], "what is shown stays");
    assert_eq!(state(&harness, "a"), RoomStatus::Joining);
    harness.pass(500);
    harness.welcome();
    let joins = harness.join_all(11);
    let join = joins.iter().find(|join| !join.room.is_broadcast()).unwrap();
    assert_eq!(join.since, Some(Seq(11)));
    assert_eq!(join.epoch, Some(p("e1")));
    assert_eq!(join.last, Some(50), "in case `since` cannot be honoured");
    assert_eq!(harness.status(), Status::Live);
}

#[test]
fn opening_an_open_room_does_nothing() {
    let mut harness = Harness::live(&["a"]);
    harness.open("a");
    assert_eq!(harness.effects, []);
    assert_eq!(harness.take(), []);
}

#[test]
fn a_closed_room_is_left_and_forgotten() {
    let mut harness = Harness::live(&["a", "b"]);
    harness.close("a");
    assert_eq!(harness.effects, [Effect::Changed(Change::Rooms)]);
    let sent = harness.take();
    assert!(matches!(sent.as_slice(), [ClientFrame::Leave(leave)] if leave.room == p("a")));
    assert!(harness.client.room(&p("a")).is_none());
    let rooms: Vec<_> = harness
        .client
        .rooms()
        .map(|room| room.name().clone())
        .collect();
    assert_eq!(rooms, [p("b")]);
    harness.receive(ServerFrame::Left(Left {
        room: p("a"),
        reason: None,
    }));
    harness.hear("a", 1);
    assert_eq!(harness.take(), []);
}

#[test]
fn a_room_closed_while_it_is_being_joined_is_left_after_the_answer() {
    let mut harness = Harness::live(&[]);
    harness.open("a");
    let join = harness.sent_join();
    harness.close("a");
    assert_eq!(harness.take(), []);
    harness.open("a");
    harness.close("a");
    assert_eq!(
        harness.take(),
        [],
        "one join is unanswered; there is no second"
    );
    harness.answer(&join, 0, 0, true);
    assert!(matches!(harness.take().as_slice(), [ClientFrame::Leave(_)]));
    harness.open("a");
    harness.sent_join();
}

#[test]
fn events_of_the_cursor_before_belong_to_nobody() {
    let mut harness = Harness::live(&["a"]);
    harness.close("a");
    harness.open("a");
    let (leave, join) = match harness.take().as_slice() {
        [ClientFrame::Leave(leave), ClientFrame::Join(join)] => (leave.clone(), join.clone()),
        other => panic!("{other:?}"),
    };
    harness.hear("a", 1);
    harness.receive(ServerFrame::Left(Left {
        room: leave.room,
        reason: None,
    }));
    assert_eq!(harness.seqs("a"), [0; 0]);
    harness.answer(&join, 1, 0, true);
    harness.hear("a", 1);
    assert_eq!(harness.seqs("a"), [1]);
    assert_eq!(harness.take(), []);
}

#[test]
fn a_refused_room_shows_why_and_is_tried_again_when_asked_or_reconnected() {
    let mut harness = Harness::live(&[]);
    harness.open("a");
    let join = harness.sent_join();
    harness.refuse(&join.id.unwrap(), ErrorCode::TooManyRooms);
    assert!(
        matches!(state(&harness, "a"), RoomStatus::Refused(e) if e.code == ErrorCode::TooManyRooms)
    );
    harness.pass(20_000);
    assert_eq!(harness.take(), []);
    harness.open("a");
    let join = harness.sent_join();
    harness.refuse(&join.id.unwrap(), ErrorCode::TooManyRooms);
    harness.closed(1006);
    harness.pass(500);
    harness.welcome();
    harness.join_all(0);
    assert_eq!(state(&harness, "a"), RoomStatus::Live);
}

#[test]
fn a_join_that_is_refused_for_the_moment_is_repeated_after_a_while() {
    let mut harness = Harness::live(&[]);
    harness.open("a");
    let join = harness.sent_join();
    let error = ErrorFrame::new(ErrorCode::Overloaded, "busy").answering(join.id);
    harness.receive(ServerFrame::Error(error));
    assert_eq!(state(&harness, "a"), RoomStatus::Joining);
    harness.pass(999);
    assert_eq!(harness.take(), []);
    harness.pass(1);
    let join = harness.sent_join();
    harness.answer(&join, 0, 0, true);
    assert_eq!(harness.status(), Status::Live);
}

#[test]
fn a_client_that_is_put_out_asks_to_come_in_again_but_not_without_pause() {
    let mut harness = Harness::live(&["a"]);
    harness.receive(ServerFrame::Left(Left {
        room: p("a"),
        reason: None,
    }));
    assert_eq!(harness.status(), Status::Connecting);
    let join = harness.sent_join();
    harness.answer(&join, 0, 0, true);
    assert_eq!(harness.status(), Status::Live);
    harness.receive(ServerFrame::Left(Left {
        room: p("a"),
        reason: None,
    }));
    assert_eq!(harness.take(), []);
    harness.pass(10_000);
    let join = harness.sent_join();
    harness.refuse(&join.id.unwrap(), ErrorCode::ReservedRoom);
    assert!(matches!(state(&harness, "a"), RoomStatus::Refused(_)));
}

#[test]
fn two_sides_that_disagree_about_being_in_are_brought_to_agree() {
    let mut harness = Harness::live(&[]);
    harness.open("a");
    let join = harness.sent_join();
    harness.refuse(&join.id.unwrap(), ErrorCode::AlreadyJoined);
    assert!(matches!(harness.take().as_slice(), [ClientFrame::Leave(_)]));
    harness.pass(1000);
    let join = harness.sent_join();
    harness.answer(&join, 0, 0, true);
    assert_eq!(harness.status(), Status::Live);
}

#[test]
fn announcements_are_followed_without_being_opened_and_resumed_after_a_cut() {
    let mut harness = Harness::new();
    harness.apply(Input::Start);
    harness.welcome();
    let join = harness.sent_join();
    assert!(join.room.is_broadcast());
    assert_eq!(join.last, Some(5));
    harness.announce(7);
    assert_eq!(
        harness.seqs("$broadcast"),
        [0; 0],
        "it follows once more after the answer"
    );
    harness.answer(&join, 7, 6, true);
    harness.announce(7);
    harness.announce(7);
    assert_eq!(harness.seqs("$broadcast"), [7]);
    harness.closed(1006);
    harness.pass(500);
    harness.welcome();
    assert_eq!(harness.sent_join().since, Some(Seq(7)));
}

#[test]
fn only_the_newest_announcements_are_held() {
    let mut harness = Harness::live(&[]);
    (1..=30).for_each(|seq| harness.announce(seq));
    assert_eq!(harness.seqs("$broadcast"), (11..=30).collect::<Vec<_>>());
}

#[test]
fn the_built_in_room_cannot_be_opened_or_closed() {
    let mut harness = Harness::live(&[]);
    harness.open("$broadcast");
    harness.close("$broadcast");
    assert_eq!(harness.take(), []);
    assert_eq!(harness.client.rooms().count(), 0);
}

#[test]
fn what_others_say_is_unread_until_it_is_seen() {
    let mut harness = Harness::live(&[]);
    harness.open("a");
    let join = harness.sent_join();
    harness.answer(&join, 2, 0, true);
    harness.hear("a", 1);
    harness.hear("a", 2);
    let unread = |harness: &Harness| harness.client.room(&p("a")).unwrap().unread();
    assert_eq!(unread(&harness), 0, "that was there before");
    harness.hear("a", 3);
    harness.echo("a", 4, &p("elsewhere"));
    harness.hear("a", 5);
    assert_eq!(unread(&harness), 2, "one's own are not counted");
    harness.effects.clear();
    for expected in [
        vec![Effect::Changed(Change::Room {
            room: p("a"),
            part: RoomPart::ReadMarker,
        })],
        vec![],
    ] {
        harness.apply(Input::Command(Command::MarkSeen { room: p("a") }));
        assert_eq!(std::mem::take(&mut harness.effects), expected);
    }
    assert_eq!(unread(&harness), 0);
}

#[test]
fn a_client_that_is_put_out_with_a_reason_stays_out_until_the_user_goes_back_in() {
    let mut harness = Harness::live(&["a", "b"]);
    harness.receive(ServerFrame::Left(Left {
        room: p("a"),
        reason: Some(LeftReason::Kicked),
    }));
    assert!(
        matches!(state(&harness, "a"), RoomStatus::Refused(e) if e.code == ErrorCode::NotJoined)
    );
    assert_eq!(harness.status(), Status::Live);
    harness.pass(20_000);
    let joins = |sent: Vec<ClientFrame>| -> Vec<String> {
        let rooms = sent.into_iter().filter_map(|frame| match frame {
            ClientFrame::Join(join) if !join.room.is_broadcast() => Some(join.room.to_string()),
            _ => None,
        });
        rooms.collect()
    };
    assert_eq!(joins(harness.take()), [""; 0]);
    harness.closed(1006);
    harness.pass(500);
    harness.welcome();
    assert_eq!(joins(harness.take()), ["b"], "nor on the next connection");
    harness.open("a");
    assert_eq!(joins(harness.take()), ["a"]);
}

#[test]
fn what_holds_in_a_room_is_known_until_it_is_joined_anew() {
    let mut harness = Harness::live(&["a"]);
    let holds = |harness: &Harness| {
        let room = harness.client.room(&p("a")).unwrap();
        room.settings().cloned()
    };
    assert_eq!(holds(&harness), None);
    let settings = RoomSettings {
        locked: true,
        ..RoomSettings::default_for(p("a"))
    };
    harness.receive(ServerFrame::Settings(Box::new(settings.clone())));
    assert_eq!(
        harness.effects,
        [Effect::Changed(Change::Room {
            room: p("a"),
            part: RoomPart::Settings,
        })]
    );
    assert_eq!(holds(&harness), Some(settings));
    harness.closed(1006);
    harness.pass(500);
    harness.welcome();
    harness.join_all(0);
    assert_eq!(holds(&harness), None);
}

#[test]
fn news_of_the_list_of_rooms_are_passed_on() {
    let mut harness = Harness::live(&[]);
    harness.receive(ServerFrame::RoomsChanged(RoomsChanged {
        room: p("a"),
        by: None,
    }));
    assert_eq!(harness.effects, [Effect::Changed(Change::RoomList)]);
}

//! Following a room's log: every event once and in order, from the place that was asked for.

use crate::harness::{By, Harness, p};
use common::client::{Command, Effect, Input, JoinFrom, RoomEvent, RoomStatus};
use common::command::Join;
use common::error::{ErrorCode, ErrorFrame};
use common::frame::{ClientFrame, ServerFrame};
use common::ids::Seq;
use common::reply::Left;

/// What a follower of `a` was told since the last time, in short.
fn followed(harness: &mut Harness) -> Vec<String> {
    let effects = std::mem::take(&mut harness.effects);
    let told = effects.into_iter().filter_map(|effect| match effect {
        Effect::Event { room, seq, event } if room == p("a") => Some(match event {
            RoomEvent::Message(message) => {
                assert_eq!(message.seq, seq);
                format!("message {seq}")
            }
            RoomEvent::Edit(edit) => format!("edit {seq} of {}", edit.target),
            other => format!("{other:?} {seq}"),
        }),
        Effect::CursorSet { room, epoch, after } if room == p("a") => {
            Some(format!("cursor {epoch} {after}"))
        }
        _ => None,
    });
    told.collect()
}

fn open_from(harness: &mut Harness, from: JoinFrom) {
    let room = p("a");
    harness.apply(Input::Command(Command::OpenRoomFrom { room, from }));
}

fn after(seq: u64) -> JoinFrom {
    JoinFrom::After {
        epoch: p("e1"),
        seq: Seq(seq),
    }
}

/// What a join asks for.
fn asked(join: &Join) -> (Option<u64>, Option<u64>, Option<String>) {
    let epoch = join.epoch.as_ref().map(ToString::to_string);
    (join.last, join.since.map(|seq| seq.0), epoch)
}

#[test]
fn each_place_to_begin_is_asked_for_as_the_protocol_says_it() {
    let epoch = || Some("e1".to_owned());
    for (from, expected) in [
        (JoinFrom::Newest(0), (Some(0), None, None)),
        (JoinFrom::Newest(7), (Some(7), None, None)),
        (JoinFrom::Start, (Some(50), Some(0), None)),
        (after(3), (Some(50), Some(3), epoch())),
    ] {
        let mut harness = Harness::live(&[]);
        open_from(&mut harness, from);
        assert_eq!(asked(&harness.sent_join()), expected);
    }
}

#[test]
fn every_event_is_told_once_and_what_comes_again_is_not() {
    let mut harness = Harness::live(&[]);
    open_from(&mut harness, JoinFrom::Start);
    let join = harness.sent_join();
    harness.answer(&join, 2, 0, true);
    assert_eq!(followed(&mut harness), ["cursor e1 0"]);
    harness.hear("a", 1);
    harness.hear("a", 2);
    harness.hear("a", 2);
    harness.edited(3, 1, "better", By::Other);
    assert_eq!(
        followed(&mut harness),
        ["message 1", "message 2", "edit 3 of 1"]
    );
    harness.hear("a", 5);
    assert_eq!(followed(&mut harness), [""; 0], "4 is missing");
}

#[test]
fn a_follower_goes_on_where_an_earlier_one_stopped() {
    let mut harness = Harness::live(&[]);
    open_from(&mut harness, after(3));
    let join = harness.sent_join();
    harness.answer(&join, 5, 3, true);
    harness.hear("a", 4);
    harness.hear("a", 5);
    assert_eq!(followed(&mut harness), ["message 4", "message 5"]);
    harness.closed(1006);
    harness.pass(500);
    harness.welcome();
    let joins = harness.join_all(5);
    let again = joins.iter().find(|join| join.room == p("a")).unwrap();
    assert_eq!(asked(again).1, Some(5));
}

#[test]
fn a_log_that_cannot_be_followed_is_said_to_begin_elsewhere() {
    let mut harness = Harness::live(&[]);
    open_from(&mut harness, after(3));
    let join = harness.sent_join();
    harness.answer(&join, 90, 80, false);
    harness.hear("a", 81);
    assert_eq!(followed(&mut harness), ["cursor e1 80", "message 81"]);
}

#[test]
fn a_room_that_is_only_joined_to_send_is_left_and_joined_from_the_place_asked_for() {
    let mut harness = Harness::live(&["a"]);
    harness.say("a", "one");
    harness.close("a");
    harness.take();
    open_from(&mut harness, after(3));
    let sent = harness.take();
    assert!(
        matches!(&sent[..], [ClientFrame::Leave(leave), ClientFrame::Join(join)]
            if leave.room == p("a") && join.since == Some(Seq(3))),
        "{sent:?}"
    );
    harness.receive(ServerFrame::Left(Left {
        room: p("a"),
        reason: None,
    }));
    assert_eq!(harness.take(), [], "the join is on its way");
}

/// The room was opened, closed with something unsent, and opened from behind 3, all before the first
/// join was answered.
fn reopened_while_joining() -> (Harness, Join) {
    let mut harness = Harness::live(&[]);
    harness.open("a");
    let first = harness.sent_join();
    harness.say("a", "one");
    harness.close("a");
    open_from(&mut harness, after(3));
    (harness, first)
}

#[test]
fn a_place_asked_for_while_a_join_is_unanswered_is_taken_after_its_answer() {
    let (mut harness, first) = reopened_while_joining();
    assert_eq!(harness.take(), []);
    harness.answer(&first, 9, 9, true);
    let sent = harness.take();
    assert!(
        matches!(&sent[..], [ClientFrame::Leave(_), ClientFrame::Join(join)] if join.since == Some(Seq(3))),
        "{sent:?}"
    );
    let ClientFrame::Join(second) = &sent[1] else {
        unreachable!()
    };
    harness.hear("a", 10);
    assert_eq!(followed(&mut harness), [""; 0]);
    harness.answer(second, 10, 3, true);
    harness.hear("a", 4);
    assert_eq!(followed(&mut harness), ["message 4"]);
}

#[test]
fn a_refusal_of_the_earlier_join_keeps_the_place() {
    let (mut harness, first) = reopened_while_joining();
    let error = ErrorFrame::new(ErrorCode::Overloaded, "busy").answering(first.id.clone());
    harness.receive(ServerFrame::Error(error));
    harness.pass(5_000);
    assert_eq!(asked(&harness.sent_join()).1, Some(3));
    let room = harness.client.room(&p("a")).unwrap();
    assert_eq!(*room.state(), RoomStatus::Joining);
}

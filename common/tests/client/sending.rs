//! A send on its way into the timeline: shown at once, once, in order.

use crate::harness::{Harness, message, p};
use common::client::{Command, Effect, Input};
use common::event::MessagePosted;
use common::ids::Seq;
use common::reply::{Ack, HistoryPage};
use common::{ClientFrame, ErrorCode, ErrorFrame, ServerFrame};

/// Says something and takes the frame that carries it.
fn sent(harness: &mut Harness, content: &str) -> common::ids::RequestId {
    harness.say("a", content);
    let (id, text) = harness.sent_message();
    assert_eq!(text, content);
    id
}

#[test]
fn a_send_is_shown_at_once_and_replaced_when_acked_first() {
    let mut harness = Harness::live(&["a"]);
    let id = sent(&mut harness, "hi");
    assert_eq!(harness.pending("a"), ["hi:f"]);
    harness.ack(&id, 1);
    assert_eq!(
        harness.pending("a"),
        ["hi:s"],
        "it does not vanish before its event is here"
    );
    harness.echo("a", 1, &id);
    assert_eq!(harness.pending("a"), [""; 0]);
    assert_eq!(harness.seqs("a"), [1]);
}

#[test]
fn a_send_is_replaced_when_its_event_comes_first() {
    let mut harness = Harness::live(&["a"]);
    let id = sent(&mut harness, "hi");
    harness.echo("a", 1, &id);
    assert_eq!(harness.pending("a"), [""; 0]);
    assert_eq!(harness.seqs("a"), [1]);
    harness.ack(&id, 1);
    assert_eq!(harness.pending("a"), [""; 0]);
    sent(&mut harness, "the lane goes on");
}

#[test]
fn an_ack_for_a_place_that_is_in_view_already_ends_the_send() {
    let mut harness = Harness::live(&["a"]);
    let id = sent(&mut harness, "hi");
    harness.hear("a", 1);
    harness.hear("a", 2);
    harness.ack(&id, 2);
    assert_eq!(harness.pending("a"), [""; 0]);
}

#[test]
fn somebody_elses_message_with_the_same_id_is_not_ones_own() {
    let mut harness = Harness::live(&["a"]);
    let id = sent(&mut harness, "hi");
    let forged = MessagePosted {
        id: Some(id.clone()),
        ..message("a", 1, "other")
    };
    harness.receive(ServerFrame::Message(forged));
    assert_eq!(harness.pending("a"), ["hi:f"]);
}

#[test]
fn sends_of_a_room_go_one_after_the_other() {
    let mut harness = Harness::live(&["a", "b"]);
    let one = sent(&mut harness, "one");
    harness.say("a", "two");
    harness.say("a", "three");
    assert_eq!(harness.take(), []);
    harness.say("b", "elsewhere");
    assert_eq!(
        harness.sent_message().1,
        "elsewhere",
        "rooms do not wait for each other"
    );
    assert_eq!(harness.pending("a"), ["one:f", "two:w", "three:w"]);
    harness.ack(&one, 1);
    let (two, text) = harness.sent_message();
    assert_eq!(text, "two");
    harness.echo("a", 1, &one);
    harness.echo("a", 2, &two);
    assert_eq!(harness.sent_message().1, "three");
    assert_eq!(harness.pending("a"), ["three:f"]);
}

#[test]
fn a_refusal_for_the_moment_holds_the_queue_up_and_nothing_overtakes() {
    let mut harness = Harness::live(&["a"]);
    let one = sent(&mut harness, "one");
    harness.say("a", "two");
    harness.refuse(&one, ErrorCode::StoreUnavailable);
    assert_eq!(harness.pending("a"), ["one:w", "two:w"]);
    harness.pass(999);
    assert_eq!(harness.take(), []);
    harness.pass(1);
    assert_eq!(harness.sent_message(), (one.clone(), "one".to_owned()));
    harness.refuse(&one, ErrorCode::StoreUnavailable);
    harness.refuse(&one, ErrorCode::StoreUnavailable);
    harness.pass(1000);
    assert_eq!(harness.sent_message(), (one.clone(), "one".to_owned()));
    harness.ack(&one, 1);
    assert_eq!(harness.sent_message().1, "two");
}

#[test]
fn a_refusal_for_good_is_shown_and_the_queue_goes_on() {
    let mut harness = Harness::live(&["a"]);
    let one = sent(&mut harness, "one");
    harness.say("a", "two");
    harness.refuse(&one, ErrorCode::MessageTooLarge);
    assert_eq!(harness.pending("a"), ["one:r", "two:f"]);
    assert_eq!(harness.sent_message().1, "two");
}

#[test]
fn a_refused_send_that_is_retried_goes_behind_what_waits() {
    let mut harness = Harness::live(&["a"]);
    let one = sent(&mut harness, "one");
    harness.say("a", "two");
    harness.say("a", "three");
    harness.refuse(&one, ErrorCode::MessageTooLarge);
    harness.apply(Input::Command(Command::Retry { id: one.clone() }));
    assert_eq!(harness.pending("a"), ["two:f", "three:w", "one:w"]);
    for text in ["two", "three", "one"] {
        let (id, sent) = harness.sent_message();
        assert_eq!(sent, text);
        assert_eq!(id == one, text == "one", "the same id in every attempt");
        harness.ack(&id, 1);
    }
}

#[test]
fn a_refused_send_can_be_discarded_and_one_in_flight_cannot() {
    let mut harness = Harness::live(&["a"]);
    let one = sent(&mut harness, "one");
    harness.apply(Input::Command(Command::Discard { id: one.clone() }));
    assert_eq!(harness.pending("a"), ["one:f"]);
    harness.refuse(&one, ErrorCode::MessageTooLarge);
    harness.take();
    harness.apply(Input::Command(Command::Discard { id: one.clone() }));
    assert_eq!(harness.pending("a"), [""; 0]);
    assert!(harness.effects.contains(&Effect::OutboxRemove(one)));
}

#[test]
fn what_a_cut_left_unanswered_is_sent_again_with_its_id() {
    let mut harness = Harness::live(&["a"]);
    let one = sent(&mut harness, "one");
    harness.say("a", "two");
    harness.closed(1006);
    assert_eq!(harness.pending("a"), ["one:w", "two:w"]);
    harness.pass(500);
    harness.welcome();
    harness.join_all(0);
    let (again, text) = harness.sent_message();
    assert_eq!((&again, text.as_str()), (&one, "one"));
    harness.ack(&one, 1);
    harness.echo("a", 1, &one);
    assert_eq!(harness.seqs("a"), [1]);
    assert_eq!(harness.pending("a"), ["two:f"]);
}

#[test]
fn nothing_is_sent_before_the_room_is_joined() {
    let mut harness = Harness::live(&["a"]);
    harness.say("a", "one");
    harness.closed(1006);
    harness.pass(500);
    harness.take();
    harness.welcome();
    let frames = harness.take();
    assert!(
        frames
            .iter()
            .all(|frame| matches!(frame, ClientFrame::Join(_))),
        "{frames:?}"
    );
}

#[test]
fn an_event_in_the_replay_is_as_good_as_the_ack_that_was_lost() {
    let mut harness = Harness::live(&["a"]);
    let one = sent(&mut harness, "one");
    harness.say("a", "two");
    harness.reconnect(1);
    harness.take();
    harness.echo("a", 1, &one);
    assert_eq!(harness.sent_message().1, "two");
    assert_eq!(harness.seqs("a"), [1]);
    harness.ack(&one, 1);
    assert_eq!(harness.pending("a"), ["two:f"]);
}

#[test]
fn a_refusal_of_a_repeat_that_was_stored_the_first_time_lets_nothing_overtake() {
    let mut harness = Harness::live(&["a"]);
    let one = sent(&mut harness, "one");
    harness.say("a", "two");
    harness.say("a", "three");
    harness.reconnect(1);
    harness.take();
    harness.echo("a", 1, &one);
    assert_eq!(harness.sent_message().1, "two");
    harness.refuse(&one, ErrorCode::Overloaded);
    harness.pass(1000);
    assert_eq!(harness.take(), []);
    assert_eq!(harness.pending("a"), ["two:f", "three:w"]);
}

#[test]
fn a_send_into_a_room_we_were_put_out_of_goes_again_after_the_rejoin() {
    let mut harness = Harness::live(&["a"]);
    let one = sent(&mut harness, "one");
    harness.refuse(&one, ErrorCode::NotJoined);
    let join = harness.sent_join();
    harness.answer(&join, 0, 0, true);
    harness.pass(250);
    assert_eq!(harness.sent_message(), (one, "one".to_owned()));
}

#[test]
fn a_send_into_a_room_that_refuses_us_is_refused_with_its_words() {
    let mut harness = Harness::live(&[]);
    harness.open("a");
    harness.say("a", "one");
    let join = harness.sent_join();
    let error = ErrorFrame::new(ErrorCode::TooManyRooms, "too many").answering(join.id);
    harness.receive(ServerFrame::Error(error));
    assert_eq!(harness.pending("a"), ["one:r"]);
    let room = harness.client.room(&p("a")).unwrap();
    let id = room.pending().next().unwrap().id().clone();
    harness.take();
    harness.apply(Input::Command(Command::Retry { id }));
    let join = harness.sent_join();
    harness.answer(&join, 0, 0, true);
    assert_eq!(harness.sent_message().1, "one");
}

#[test]
fn broadcasts_have_a_queue_of_their_own() {
    let mut harness = Harness::live(&["a"]);
    sent(&mut harness, "in the room");
    let content = Some(p("to all"));
    harness.apply(Input::Command(Command::Broadcast {
        content,
        data: None,
    }));
    let (id, text) = harness.sent_message();
    assert_eq!(text, "to all");
    assert_eq!(harness.client.announcements().pending().len(), 1);
    harness.ack(&id, 1);
    assert_eq!(harness.client.announcements().pending().len(), 1);
    harness.announce(1);
    assert_eq!(harness.client.announcements().pending().len(), 0);
    assert_eq!(harness.seqs("$broadcast"), [1]);
}

#[test]
fn a_send_that_turns_up_in_a_page_of_history_is_not_shown_twice() {
    let mut harness = Harness::live(&[]);
    harness.open("a");
    let join = harness.sent_join();
    harness.answer(&join, 9, 9, true);
    let one = sent(&mut harness, "one");
    harness.apply(Input::Command(Command::LoadOlder { room: p("a") }));
    let [ClientFrame::History(asked)] = &harness.take()[..] else {
        panic!("no history")
    };
    let own = MessagePosted {
        id: Some(one.clone()),
        ..message("a", 9, "me")
    };
    let (room, epoch) = (p("a"), p("e1"));
    let page = HistoryPage {
        room,
        epoch,
        head: Seq(9),
        messages: vec![own],
        more: true,
    };
    let ack = Ack {
        page: Some(page),
        ..Ack::done(asked.id.clone().unwrap())
    };
    harness.receive(ServerFrame::Ack(Box::new(ack)));
    assert_eq!((harness.seqs("a"), harness.pending("a")), (vec![9], vec![]));
}

#[test]
fn a_send_of_nothing_is_no_send() {
    let mut harness = Harness::live(&["a"]);
    let command = Command::Send {
        room: p("a"),
        content: None,
        data: None,
    };
    harness.apply(Input::Command(command));
    assert_eq!(harness.take(), []);
    assert_eq!(harness.pending("a"), [""; 0]);
}

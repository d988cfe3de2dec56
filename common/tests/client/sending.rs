//! A send on its way into the timeline: shown at once, once, in order.

use crate::bench::{Bench, message, p};
use common::client::{Command, Effect, Input};
use common::event::MessagePosted;
use common::ids::Seq;
use common::reply::{Ack, HistoryPage};
use common::{ClientFrame, ErrorCode, ErrorFrame, ServerFrame};

/// Says something and takes the frame that carries it.
fn sent(bench: &mut Bench, content: &str) -> common::ids::RequestId {
    bench.say("a", content);
    let (id, text) = bench.sent_message();
    assert_eq!(text, content);
    id
}

#[test]
fn a_send_is_shown_at_once_and_replaced_when_acked_first() {
    let mut bench = Bench::live(&["a"]);
    let id = sent(&mut bench, "hi");
    assert_eq!(bench.pending("a"), ["hi:f"]);
    bench.ack(&id, 1);
    assert_eq!(
        bench.pending("a"),
        ["hi:s"],
        "it does not vanish before its event is here"
    );
    bench.echo("a", 1, &id);
    assert_eq!(bench.pending("a"), [""; 0]);
    assert_eq!(bench.seqs("a"), [1]);
}

#[test]
fn a_send_is_replaced_when_its_event_comes_first() {
    let mut bench = Bench::live(&["a"]);
    let id = sent(&mut bench, "hi");
    bench.echo("a", 1, &id);
    assert_eq!(bench.pending("a"), [""; 0]);
    assert_eq!(bench.seqs("a"), [1]);
    bench.ack(&id, 1);
    assert_eq!(bench.pending("a"), [""; 0]);
    sent(&mut bench, "the lane goes on");
}

#[test]
fn an_ack_for_a_place_that_is_in_view_already_ends_the_send() {
    let mut bench = Bench::live(&["a"]);
    let id = sent(&mut bench, "hi");
    bench.hear("a", 1);
    bench.hear("a", 2);
    bench.ack(&id, 2);
    assert_eq!(bench.pending("a"), [""; 0]);
}

#[test]
fn somebody_elses_message_with_the_same_id_is_not_ones_own() {
    let mut bench = Bench::live(&["a"]);
    let id = sent(&mut bench, "hi");
    let forged = MessagePosted {
        id: Some(id.clone()),
        ..message("a", 1, "other")
    };
    bench.receive(ServerFrame::Message(forged));
    assert_eq!(bench.pending("a"), ["hi:f"]);
}

#[test]
fn sends_of_a_room_go_one_after_the_other() {
    let mut bench = Bench::live(&["a", "b"]);
    let one = sent(&mut bench, "one");
    bench.say("a", "two");
    bench.say("a", "three");
    assert_eq!(bench.take(), []);
    bench.say("b", "elsewhere");
    assert_eq!(
        bench.sent_message().1,
        "elsewhere",
        "rooms do not wait for each other"
    );
    assert_eq!(bench.pending("a"), ["one:f", "two:w", "three:w"]);
    bench.ack(&one, 1);
    let (two, text) = bench.sent_message();
    assert_eq!(text, "two");
    bench.echo("a", 1, &one);
    bench.echo("a", 2, &two);
    assert_eq!(bench.sent_message().1, "three");
    assert_eq!(bench.pending("a"), ["three:f"]);
}

#[test]
fn a_refusal_for_the_moment_holds_the_lane_up_and_nothing_overtakes() {
    let mut bench = Bench::live(&["a"]);
    let one = sent(&mut bench, "one");
    bench.say("a", "two");
    bench.refuse(&one, ErrorCode::StoreUnavailable);
    assert_eq!(bench.pending("a"), ["one:w", "two:w"]);
    bench.pass(999);
    assert_eq!(bench.take(), []);
    bench.pass(1);
    assert_eq!(bench.sent_message(), (one.clone(), "one".to_owned()));
    bench.refuse(&one, ErrorCode::StoreUnavailable);
    bench.refuse(&one, ErrorCode::StoreUnavailable);
    bench.pass(1000);
    assert_eq!(bench.sent_message(), (one.clone(), "one".to_owned()));
    bench.ack(&one, 1);
    assert_eq!(bench.sent_message().1, "two");
}

#[test]
fn a_refusal_for_good_is_shown_and_the_lane_goes_on() {
    let mut bench = Bench::live(&["a"]);
    let one = sent(&mut bench, "one");
    bench.say("a", "two");
    bench.refuse(&one, ErrorCode::MessageTooLarge);
    assert_eq!(bench.pending("a"), ["one:r", "two:f"]);
    assert_eq!(bench.sent_message().1, "two");
}

#[test]
fn a_refused_send_that_is_retried_goes_behind_what_waits() {
    let mut bench = Bench::live(&["a"]);
    let one = sent(&mut bench, "one");
    bench.say("a", "two");
    bench.say("a", "three");
    bench.refuse(&one, ErrorCode::MessageTooLarge);
    bench.apply(Input::Command(Command::Retry { id: one.clone() }));
    assert_eq!(bench.pending("a"), ["two:f", "three:w", "one:w"]);
    for text in ["two", "three", "one"] {
        let (id, sent) = bench.sent_message();
        assert_eq!(sent, text);
        assert_eq!(id == one, text == "one", "the same id in every attempt");
        bench.ack(&id, 1);
    }
}

#[test]
fn a_refused_send_can_be_discarded_and_one_in_flight_cannot() {
    let mut bench = Bench::live(&["a"]);
    let one = sent(&mut bench, "one");
    bench.apply(Input::Command(Command::Discard { id: one.clone() }));
    assert_eq!(bench.pending("a"), ["one:f"]);
    bench.refuse(&one, ErrorCode::MessageTooLarge);
    bench.take();
    bench.apply(Input::Command(Command::Discard { id: one.clone() }));
    assert_eq!(bench.pending("a"), [""; 0]);
    assert!(bench.effects.contains(&Effect::OutboxRemove(one)));
}

#[test]
fn what_a_cut_left_unanswered_is_sent_again_with_its_id() {
    let mut bench = Bench::live(&["a"]);
    let one = sent(&mut bench, "one");
    bench.say("a", "two");
    bench.closed(1006);
    assert_eq!(bench.pending("a"), ["one:w", "two:w"]);
    bench.pass(500);
    bench.welcome();
    bench.join_all(0);
    let (again, text) = bench.sent_message();
    assert_eq!((&again, text.as_str()), (&one, "one"));
    bench.ack(&one, 1);
    bench.echo("a", 1, &one);
    assert_eq!(bench.seqs("a"), [1]);
    assert_eq!(bench.pending("a"), ["two:f"]);
}

#[test]
fn nothing_is_sent_before_the_room_is_joined() {
    let mut bench = Bench::live(&["a"]);
    bench.say("a", "one");
    bench.closed(1006);
    bench.pass(500);
    bench.take();
    bench.welcome();
    let frames = bench.take();
    assert!(
        frames
            .iter()
            .all(|frame| matches!(frame, ClientFrame::Join(_))),
        "{frames:?}"
    );
}

#[test]
fn an_event_in_the_replay_is_as_good_as_the_ack_that_was_lost() {
    let mut bench = Bench::live(&["a"]);
    let one = sent(&mut bench, "one");
    bench.say("a", "two");
    bench.reconnect(1);
    bench.take();
    bench.echo("a", 1, &one);
    assert_eq!(bench.sent_message().1, "two");
    assert_eq!(bench.seqs("a"), [1]);
    bench.ack(&one, 1);
    assert_eq!(bench.pending("a"), ["two:f"]);
}

#[test]
fn a_refusal_of_a_repeat_that_was_stored_the_first_time_lets_nothing_overtake() {
    let mut bench = Bench::live(&["a"]);
    let one = sent(&mut bench, "one");
    bench.say("a", "two");
    bench.say("a", "three");
    bench.reconnect(1);
    bench.take();
    bench.echo("a", 1, &one);
    assert_eq!(bench.sent_message().1, "two");
    bench.refuse(&one, ErrorCode::Overloaded);
    bench.pass(1000);
    assert_eq!(bench.take(), []);
    assert_eq!(bench.pending("a"), ["two:f", "three:w"]);
}

#[test]
fn a_send_into_a_room_we_were_put_out_of_goes_again_after_the_rejoin() {
    let mut bench = Bench::live(&["a"]);
    let one = sent(&mut bench, "one");
    bench.refuse(&one, ErrorCode::NotJoined);
    let join = bench.sent_join();
    bench.answer(&join, 0, 0, true);
    bench.pass(250);
    assert_eq!(bench.sent_message(), (one, "one".to_owned()));
}

#[test]
fn a_send_into_a_room_that_refuses_us_is_refused_with_its_words() {
    let mut bench = Bench::live(&[]);
    bench.open("a");
    bench.say("a", "one");
    let join = bench.sent_join();
    let error = ErrorFrame::new(ErrorCode::TooManyRooms, "too many").answering(join.id);
    bench.receive(ServerFrame::Error(error));
    assert_eq!(bench.pending("a"), ["one:r"]);
    let room = bench.client.room(&p("a")).unwrap();
    let id = room.pending().next().unwrap().id().clone();
    bench.take();
    bench.apply(Input::Command(Command::Retry { id }));
    let join = bench.sent_join();
    bench.answer(&join, 0, 0, true);
    assert_eq!(bench.sent_message().1, "one");
}

#[test]
fn broadcasts_have_a_lane_of_their_own() {
    let mut bench = Bench::live(&["a"]);
    sent(&mut bench, "in the room");
    let content = Some(p("to all"));
    bench.apply(Input::Command(Command::Broadcast {
        content,
        data: None,
    }));
    let (id, text) = bench.sent_message();
    assert_eq!(text, "to all");
    assert_eq!(bench.client.announcements().pending().len(), 1);
    bench.ack(&id, 1);
    assert_eq!(bench.client.announcements().pending().len(), 1);
    bench.announce(1);
    assert_eq!(bench.client.announcements().pending().len(), 0);
    assert_eq!(bench.seqs("$broadcast"), [1]);
}

#[test]
fn a_send_that_turns_up_in_a_page_of_history_is_not_shown_twice() {
    let mut bench = Bench::live(&[]);
    bench.open("a");
    let join = bench.sent_join();
    bench.answer(&join, 9, 9, true);
    let one = sent(&mut bench, "one");
    bench.apply(Input::Command(Command::LoadOlder { room: p("a") }));
    let [ClientFrame::History(asked)] = &bench.take()[..] else {
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
    bench.receive(ServerFrame::Ack(Box::new(ack)));
    assert_eq!((bench.seqs("a"), bench.pending("a")), (vec![9], vec![]));
}

#[test]
fn a_send_of_nothing_is_no_send() {
    let mut bench = Bench::live(&["a"]);
    let command = Command::Send {
        room: p("a"),
        content: None,
        data: None,
    };
    bench.apply(Input::Command(command));
    assert_eq!(bench.take(), []);
    assert_eq!(bench.pending("a"), [""; 0]);
}

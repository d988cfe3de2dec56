//! Telling a silent connection from a dead one.

use crate::bench::{Bench, welcome};
use common::client::{Attempt, Input, Status};
use common::command::Ping;
use common::reply::Pong;
use common::time::Timestamp;
use common::{ClientFrame, ServerFrame};

const PING: ClientFrame = ClientFrame::Ping(Ping { id: None });

fn pong() -> ServerFrame {
    ServerFrame::Pong(Pong {
        timestamp: Timestamp(0),
    })
}

#[test]
fn silence_is_asked_about_after_a_heartbeat() {
    let mut bench = Bench::live(&[]);
    bench.pass(24_999);
    assert_eq!(bench.take(), []);
    bench.pass(1);
    assert_eq!(bench.take(), [PING]);
    bench.receive(pong());
    bench.pass(24_999);
    assert_eq!(bench.take(), []);
    bench.pass(1);
    assert_eq!(bench.take(), [PING]);
}

#[test]
fn silence_after_the_question_ends_the_connection() {
    let mut bench = Bench::live(&[]);
    bench.pass(34_999);
    assert_eq!(bench.status(), Status::Live);
    bench.pass(1);
    assert!(!bench.has_socket());
    assert!(matches!(bench.status(), Status::Retrying { .. }));
}

#[test]
fn any_frame_shows_that_the_server_is_there_even_one_that_cannot_be_read() {
    let mut bench = Bench::live(&["a"]);
    for seq in 1..20 {
        bench.pass(20_000);
        bench.hear("a", seq);
        bench.pass(20_000);
        bench.apply(Input::Unreadable {
            attempt: bench.attempt(),
            event: None,
        });
    }
    assert_eq!(bench.take(), []);
    assert_eq!(bench.connects().len(), 1);
}

#[test]
fn a_nudge_makes_sure_within_a_short_time() {
    let mut bench = Bench::live(&[]);
    bench.apply(Input::Nudge);
    bench.apply(Input::Nudge);
    assert_eq!(bench.take(), [PING]);
    bench.pass(3_999);
    assert!(bench.has_socket());
    bench.pass(1);
    assert!(!bench.has_socket());
}

#[test]
fn a_client_that_slept_asks_before_it_gives_the_connection_up() {
    let mut bench = Bench::live(&[]);
    bench.sleep(3_600_000);
    bench.apply(Input::Tick);
    assert_eq!(bench.take(), [PING]);
    assert!(bench.has_socket());
    bench.receive(pong());
    assert_eq!(bench.status(), Status::Live);
    assert_eq!(bench.connects().len(), 1);
}

#[test]
fn a_client_that_slept_beside_a_dead_connection_is_back_soon() {
    let mut bench = Bench::live(&[]);
    bench.sleep(3_600_000);
    bench.apply(Input::Tick);
    bench.pass(4_500);
    assert_eq!(bench.connects().len(), 2);
}

#[test]
fn a_client_that_slept_while_it_waited_connects_at_once() {
    let mut bench = Bench::new();
    bench.apply(Input::Start);
    bench.closed(1006);
    bench.sleep(3_600_000);
    bench.apply(Input::NetworkLost);
    assert!(bench.has_socket());
}

#[test]
fn an_attempt_that_was_slept_through_is_made_again_at_once() {
    let mut bench = Bench::new();
    bench.apply(Input::Start);
    bench.sleep(3_600_000);
    bench.apply(Input::Tick);
    assert_eq!(bench.attempt(), Attempt(2));
}

#[test]
fn a_request_that_is_never_answered_ends_the_connection_whatever_else_is_heard() {
    let mut bench = Bench::live(&["a"]);
    bench.say("a", "hello?");
    for seq in 1..=29 {
        bench.pass(1000);
        bench.hear("a", seq);
    }
    assert!(bench.has_socket());
    bench.pass(1000);
    assert!(!bench.has_socket());
    assert_eq!(bench.pending("a"), ["hello?:w"]);
}

#[test]
fn sleep_is_no_reason_to_take_a_request_for_lost() {
    let mut bench = Bench::live(&["a"]);
    bench.say("a", "hello?");
    bench.sleep(60_000);
    bench.apply(Input::Tick);
    bench.receive(pong());
    assert!(bench.has_socket());
    bench.pass(29_000);
    assert!(bench.has_socket(), "{:?}", bench.status());
}

#[test]
fn a_second_welcome_changes_nothing() {
    let mut bench = Bench::live(&["a"]);
    bench.receive(welcome());
    assert_eq!(bench.status(), Status::Live);
    assert_eq!(bench.take(), []);
}

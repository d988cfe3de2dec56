//! Telling a silent connection from a dead one.

use crate::harness::{Harness, welcome};
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
    let mut harness = Harness::live(&[]);
    harness.pass(24_999);
    assert_eq!(harness.take(), []);
    harness.pass(1);
    assert_eq!(harness.take(), [PING]);
    harness.receive(pong());
    harness.pass(24_999);
    assert_eq!(harness.take(), []);
    harness.pass(1);
    assert_eq!(harness.take(), [PING]);
}

#[test]
fn silence_after_the_question_ends_the_connection() {
    let mut harness = Harness::live(&[]);
    harness.pass(34_999);
    assert_eq!(harness.status(), Status::Live);
    harness.pass(1);
    assert!(!harness.has_socket());
    assert!(matches!(harness.status(), Status::Retrying { .. }));
}

#[test]
fn any_frame_shows_that_the_server_is_there_even_one_that_cannot_be_read() {
    let mut harness = Harness::live(&["a"]);
    for seq in 1..20 {
        harness.pass(20_000);
        harness.hear("a", seq);
        harness.pass(20_000);
        harness.apply(Input::Unreadable {
            attempt: harness.attempt(),
            event: None,
        });
    }
    assert_eq!(harness.take(), []);
    assert_eq!(harness.connects().len(), 1);
}

#[test]
fn a_connection_check_makes_sure_within_a_short_time() {
    let mut harness = Harness::live(&[]);
    harness.apply(Input::CheckConnection);
    harness.apply(Input::CheckConnection);
    assert_eq!(harness.take(), [PING]);
    harness.pass(3_999);
    assert!(harness.has_socket());
    harness.pass(1);
    assert!(!harness.has_socket());
}

#[test]
fn a_client_that_slept_asks_before_it_gives_the_connection_up() {
    let mut harness = Harness::live(&[]);
    harness.sleep(3_600_000);
    harness.apply(Input::Tick);
    assert_eq!(harness.take(), [PING]);
    assert!(harness.has_socket());
    harness.receive(pong());
    assert_eq!(harness.status(), Status::Live);
    assert_eq!(harness.connects().len(), 1);
}

#[test]
fn a_client_that_slept_beside_a_dead_connection_is_back_soon() {
    let mut harness = Harness::live(&[]);
    harness.sleep(3_600_000);
    harness.apply(Input::Tick);
    harness.pass(4_500);
    assert_eq!(harness.connects().len(), 2);
}

#[test]
fn a_client_that_slept_while_it_waited_connects_at_once() {
    let mut harness = Harness::new();
    harness.apply(Input::Start);
    harness.closed(1006);
    harness.sleep(3_600_000);
    harness.apply(Input::NetworkLost);
    assert!(harness.has_socket());
}

#[test]
fn an_attempt_that_was_slept_through_is_made_again_at_once() {
    let mut harness = Harness::new();
    harness.apply(Input::Start);
    harness.sleep(3_600_000);
    harness.apply(Input::Tick);
    assert_eq!(harness.attempt(), Attempt(2));
}

#[test]
fn a_request_that_is_never_answered_ends_the_connection_whatever_else_is_heard() {
    let mut harness = Harness::live(&["a"]);
    harness.say("a", "hello?");
    for seq in 1..=29 {
        harness.pass(1000);
        harness.hear("a", seq);
    }
    assert!(harness.has_socket());
    harness.pass(1000);
    assert!(!harness.has_socket());
    assert_eq!(harness.pending("a"), ["hello?:w"]);
}

#[test]
fn sleep_is_no_reason_to_take_a_request_for_lost() {
    let mut harness = Harness::live(&["a"]);
    harness.say("a", "hello?");
    harness.sleep(60_000);
    harness.apply(Input::Tick);
    harness.receive(pong());
    assert!(harness.has_socket());
    harness.pass(29_000);
    assert!(harness.has_socket(), "{:?}", harness.status());
}

#[test]
fn a_second_welcome_changes_nothing() {
    let mut harness = Harness::live(&["a"]);
    harness.receive(welcome());
    assert_eq!(harness.status(), Status::Live);
    assert_eq!(harness.take(), []);
}

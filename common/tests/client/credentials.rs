//! A proof of who the user is that runs out: refreshed in time, shown to the server, and waited for
//! where the server would not have the present one.

use crate::harness::{Harness, p};
use common::client::{Effect, Input, Millis, Status};
use common::command::Authenticate;
use common::reply::Expiring;
use common::{ClientFrame, ServerFrame};

const TEN_MINUTES: u64 = 600_000;

fn holds(valid_for_ms: u64) -> Input {
    Input::Refreshed {
        token: None,
        valid_for_ms: Some(valid_for_ms),
    }
}

/// How often the shell was asked for a new proof since the last `take`.
fn asked(harness: &Harness) -> usize {
    let is_refresh = |effect: &&Effect| **effect == Effect::Refresh;
    harness.effects.iter().filter(is_refresh).count()
}

/// A live client in a room, whose sign-in holds for so long.
fn signed_in(valid_for_ms: u64) -> Harness {
    let mut harness = Harness::live(&["a"]);
    harness.apply(holds(valid_for_ms));
    harness.take();
    harness
}

#[test]
fn a_proof_is_replaced_a_minute_before_it_runs_out_and_the_server_is_told() {
    let mut harness = signed_in(TEN_MINUTES);
    harness.pass_heard(539_999);
    assert_eq!(asked(&harness), 0);
    harness.pass(1);
    assert_eq!(asked(&harness), 1);
    harness.take();
    harness.apply(holds(TEN_MINUTES));
    let told = Authenticate::default();
    assert_eq!(harness.take(), [ClientFrame::Authenticate(told)]);
    harness.pass_heard(539_999);
    assert_eq!(asked(&harness), 0, "the next one holds as long");
}

#[test]
fn a_program_shows_the_server_its_new_token() {
    let mut harness = Harness::live(&[]);
    harness.apply(Input::Refreshed {
        token: Some(p("hba_1")),
        valid_for_ms: None,
    });
    let told = Authenticate {
        id: None,
        token: Some(p("hba_1")),
    };
    assert_eq!(harness.take(), [ClientFrame::Authenticate(told)]);
    harness.pass_heard(10 * TEN_MINUTES);
    assert_eq!(asked(&harness), 0, "it does not run out");
}

#[test]
fn a_proof_is_refreshed_when_the_server_says_that_it_expires() {
    let mut harness = Harness::live(&["a"]);
    let expiring = ServerFrame::Expiring(Expiring {
        close_in_ms: 60_000,
    });
    harness.receive(expiring.clone());
    harness.receive(expiring);
    assert_eq!(asked(&harness), 1, "once is enough");
    harness.take();
    harness.apply(holds(TEN_MINUTES));
    let told = Authenticate::default();
    assert_eq!(harness.take(), [ClientFrame::Authenticate(told)]);
    assert_eq!(harness.status(), Status::Live);
}

#[test]
fn a_connection_that_expired_comes_back_as_soon_as_there_is_a_new_proof() {
    let mut harness = signed_in(TEN_MINUTES);
    harness.closed(4006);
    assert_eq!(asked(&harness), 1);
    assert_eq!(harness.status(), Status::Connecting);
    harness.pass(10_000);
    assert!(!harness.has_socket(), "it would be closed again");
    harness.apply(Input::CheckConnection);
    assert!(!harness.has_socket());
    harness.apply(holds(TEN_MINUTES));
    assert!(harness.has_socket());
    harness.welcome();
    harness.join_all(0);
    assert_eq!(harness.status(), Status::Live);
}

#[test]
fn a_proof_that_was_slept_through_is_replaced_before_a_connection_is_made() {
    let mut harness = signed_in(TEN_MINUTES);
    harness.closed(1006);
    harness.take();
    harness.sleep(2 * TEN_MINUTES);
    harness.apply(Input::Tick);
    assert_eq!(asked(&harness), 1);
    assert!(!harness.has_socket());
    harness.apply(holds(TEN_MINUTES));
    assert!(harness.has_socket());
}

#[test]
fn a_proof_that_cannot_be_had_is_asked_for_again_ever_later() {
    let mut harness = signed_in(TEN_MINUTES);
    harness.closed(4006);
    let mut most = 500;
    for _ in 0..8 {
        harness.take();
        harness.apply(Input::NotRefreshed);
        let Status::Retrying { at } = harness.status() else {
            panic!("{:?}", harness.status())
        };
        let wait = at.since(harness.now);
        assert!((1..=most).contains(&wait), "{wait} of {most}");
        most = (most * 2).min(30_000);
        harness.pass(wait);
        assert_eq!(asked(&harness), 1);
        assert_eq!(harness.status(), Status::Connecting);
    }
    harness.apply(Input::NotRefreshed);
    harness.take();
    harness.apply(Input::NetworkBack);
    assert_eq!(asked(&harness), 1, "now is a good time");
}

#[test]
fn a_shell_that_does_not_answer_is_asked_again() {
    let mut harness = signed_in(TEN_MINUTES);
    harness.closed(4006);
    harness.take();
    harness.pass(29_999);
    assert_eq!(asked(&harness), 0);
    harness.pass(501);
    assert_eq!(asked(&harness), 1);
    harness.apply(holds(TEN_MINUTES));
    assert!(harness.has_socket(), "the late answer is as good as any");
}

#[test]
fn a_server_that_takes_no_proof_is_not_asked_without_pause() {
    let mut harness = signed_in(TEN_MINUTES);
    harness.closed(4006);
    harness.connects();
    for _ in 0..20 {
        while !harness.has_socket() {
            harness.pass(100);
            if asked(&harness) > 0 {
                harness.take();
                harness.apply(holds(TEN_MINUTES));
            }
        }
        harness.closed(4006);
    }
    let connects = harness.connects();
    let took = connects.last().unwrap().since(connects[0]);
    assert!(took > 60_000, "{took} ms for {connects:?}");
}

#[test]
fn a_proof_that_holds_for_no_time_is_not_asked_for_without_pause() {
    let mut harness = signed_in(0);
    for _ in 0..10 {
        let before = harness.now;
        harness.take();
        while asked(&harness) == 0 {
            harness.pass(10);
        }
        assert!(harness.now.since(before) >= 500);
        harness.apply(holds(0));
    }
}

#[test]
fn a_sign_in_that_has_ended_stops_the_client_and_keeps_what_is_unsent() {
    let mut harness = signed_in(TEN_MINUTES);
    harness.say("a", "words");
    harness.closed(4006);
    harness.take();
    harness.apply(Input::SignInEnded);
    assert_eq!(harness.status(), Status::Stopped { code: Some(4502) });
    assert_eq!(harness.client.unsent(), 1);
    harness.apply(Input::CheckConnection);
    harness.pass(10 * TEN_MINUTES);
    assert_eq!(asked(&harness), 0);
    assert!(!harness.has_socket());
    assert!(
        !harness
            .effects
            .iter()
            .any(|effect| matches!(effect, Effect::OutboxRemove(_)))
    );
}

#[test]
fn a_client_with_nothing_that_runs_out_is_never_asked() {
    let mut harness = Harness::live(&["a"]);
    harness.pass_heard(10 * TEN_MINUTES);
    harness.closed(1006);
    harness.pass(60_000);
    assert_eq!(asked(&harness), 0);
    assert!(harness.now > Millis(0));
}

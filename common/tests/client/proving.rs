//! A proof of who the user is that runs out: refreshed in time, shown to the server, and waited for
//! where the server would not have the present one.

use crate::bench::{Bench, p};
use common::client::{Effect, Input, Millis, Status};
use common::command::Authenticate;
use common::reply::Expiring;
use common::{ClientFrame, ServerFrame};

const TEN_MINUTES: u64 = 600_000;

fn holds(holds_ms: u64) -> Input {
    Input::Refreshed {
        token: None,
        holds_ms: Some(holds_ms),
    }
}

/// How often the shell was asked for a new proof since the last `take`.
fn asked(bench: &Bench) -> usize {
    let is_refresh = |effect: &&Effect| **effect == Effect::Refresh;
    bench.effects.iter().filter(is_refresh).count()
}

/// A live client in a room, whose sign-in holds for so long.
fn signed_in(holds_ms: u64) -> Bench {
    let mut bench = Bench::live(&["a"]);
    bench.apply(holds(holds_ms));
    bench.take();
    bench
}

#[test]
fn a_proof_is_replaced_a_minute_before_it_runs_out_and_the_server_is_told() {
    let mut bench = signed_in(TEN_MINUTES);
    bench.pass_heard(539_999);
    assert_eq!(asked(&bench), 0);
    bench.pass(1);
    assert_eq!(asked(&bench), 1);
    bench.take();
    bench.apply(holds(TEN_MINUTES));
    let told = Authenticate::default();
    assert_eq!(bench.take(), [ClientFrame::Authenticate(told)]);
    bench.pass_heard(539_999);
    assert_eq!(asked(&bench), 0, "the next one holds as long");
}

#[test]
fn a_program_shows_the_server_its_new_token() {
    let mut bench = Bench::live(&[]);
    bench.apply(Input::Refreshed {
        token: Some(p("hba_1")),
        holds_ms: None,
    });
    let told = Authenticate {
        id: None,
        token: Some(p("hba_1")),
    };
    assert_eq!(bench.take(), [ClientFrame::Authenticate(told)]);
    bench.pass_heard(10 * TEN_MINUTES);
    assert_eq!(asked(&bench), 0, "it does not run out");
}

#[test]
fn a_proof_is_refreshed_when_the_server_says_that_it_expires() {
    let mut bench = Bench::live(&["a"]);
    let expiring = ServerFrame::Expiring(Expiring {
        close_in_ms: 60_000,
    });
    bench.receive(expiring.clone());
    bench.receive(expiring);
    assert_eq!(asked(&bench), 1, "once is enough");
    bench.take();
    bench.apply(holds(TEN_MINUTES));
    let told = Authenticate::default();
    assert_eq!(bench.take(), [ClientFrame::Authenticate(told)]);
    assert_eq!(bench.status(), Status::Live);
}

#[test]
fn a_connection_that_expired_comes_back_as_soon_as_there_is_a_new_proof() {
    let mut bench = signed_in(TEN_MINUTES);
    bench.closed(4006);
    assert_eq!(asked(&bench), 1);
    assert_eq!(bench.status(), Status::Connecting);
    bench.pass(10_000);
    assert!(!bench.has_socket(), "it would be closed again");
    bench.apply(Input::Nudge);
    assert!(!bench.has_socket());
    bench.apply(holds(TEN_MINUTES));
    assert!(bench.has_socket());
    bench.welcome();
    bench.join_all(0);
    assert_eq!(bench.status(), Status::Live);
}

#[test]
fn a_proof_that_was_slept_through_is_replaced_before_a_connection_is_made() {
    let mut bench = signed_in(TEN_MINUTES);
    bench.closed(1006);
    bench.take();
    bench.sleep(2 * TEN_MINUTES);
    bench.apply(Input::Tick);
    assert_eq!(asked(&bench), 1);
    assert!(!bench.has_socket());
    bench.apply(holds(TEN_MINUTES));
    assert!(bench.has_socket());
}

#[test]
fn a_proof_that_cannot_be_had_is_asked_for_again_ever_later() {
    let mut bench = signed_in(TEN_MINUTES);
    bench.closed(4006);
    let mut most = 500;
    for _ in 0..8 {
        bench.take();
        bench.apply(Input::NotRefreshed);
        let Status::Retrying { at } = bench.status() else {
            panic!("{:?}", bench.status())
        };
        let wait = at.since(bench.now);
        assert!((1..=most).contains(&wait), "{wait} of {most}");
        most = (most * 2).min(30_000);
        bench.pass(wait);
        assert_eq!(asked(&bench), 1);
        assert_eq!(bench.status(), Status::Connecting);
    }
    bench.apply(Input::NotRefreshed);
    bench.take();
    bench.apply(Input::NetworkBack);
    assert_eq!(asked(&bench), 1, "now is a good time");
}

#[test]
fn a_shell_that_does_not_answer_is_asked_again() {
    let mut bench = signed_in(TEN_MINUTES);
    bench.closed(4006);
    bench.take();
    bench.pass(29_999);
    assert_eq!(asked(&bench), 0);
    bench.pass(501);
    assert_eq!(asked(&bench), 1);
    bench.apply(holds(TEN_MINUTES));
    assert!(bench.has_socket(), "the late answer is as good as any");
}

#[test]
fn a_server_that_takes_no_proof_is_not_asked_without_pause() {
    let mut bench = signed_in(TEN_MINUTES);
    bench.closed(4006);
    bench.connects();
    for _ in 0..20 {
        while !bench.has_socket() {
            bench.pass(100);
            if asked(&bench) > 0 {
                bench.take();
                bench.apply(holds(TEN_MINUTES));
            }
        }
        bench.closed(4006);
    }
    let connects = bench.connects();
    let took = connects.last().unwrap().since(connects[0]);
    assert!(took > 60_000, "{took} ms for {connects:?}");
}

#[test]
fn a_proof_that_holds_for_no_time_is_not_asked_for_without_pause() {
    let mut bench = signed_in(0);
    for _ in 0..10 {
        let before = bench.now;
        bench.take();
        while asked(&bench) == 0 {
            bench.pass(10);
        }
        assert!(bench.now.since(before) >= 500);
        bench.apply(holds(0));
    }
}

#[test]
fn a_sign_in_that_has_ended_stops_the_client_and_keeps_what_is_unsent() {
    let mut bench = signed_in(TEN_MINUTES);
    bench.say("a", "words");
    bench.closed(4006);
    bench.take();
    bench.apply(Input::SignInEnded);
    assert_eq!(bench.status(), Status::Stopped { code: Some(4502) });
    assert_eq!(bench.client.unsent(), 1);
    bench.apply(Input::Nudge);
    bench.pass(10 * TEN_MINUTES);
    assert_eq!(asked(&bench), 0);
    assert!(!bench.has_socket());
    assert!(
        !bench
            .effects
            .iter()
            .any(|effect| matches!(effect, Effect::OutboxRemove(_)))
    );
}

#[test]
fn a_client_with_nothing_that_runs_out_is_never_asked() {
    let mut bench = Bench::live(&["a"]);
    bench.pass_heard(10 * TEN_MINUTES);
    bench.closed(1006);
    bench.pass(60_000);
    assert_eq!(asked(&bench), 0);
    assert!(bench.now > Millis(0));
}

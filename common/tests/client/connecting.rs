//! From nothing to live, and back to it after every kind of end.

use crate::harness::{Harness, message, p, welcome};
use common::client::{Attempt, Change, Effect, Input, Millis, Status};
use common::command::Ping;
use common::reply::{Goodbye, GoodbyeReason};
use common::{ClientFrame, ErrorCode, ServerFrame};

#[test]
fn nothing_happens_before_the_start() {
    let mut harness = Harness::new();
    for input in [
        Input::Tick,
        Input::CheckConnection,
        Input::NetworkBack,
        Input::NetworkLost,
    ] {
        harness.apply(input);
    }
    harness.pass(100_000);
    assert!(!harness.has_socket());
    assert_eq!(harness.status(), Status::Stopped { code: None });
}

#[test]
fn the_badge_is_live_only_when_every_open_room_is_joined() {
    let mut harness = Harness::new();
    harness.open("a");
    harness.open("b");
    harness.apply(Input::Start);
    assert_eq!(harness.status(), Status::Connecting);
    harness.opened();
    assert_eq!(harness.take(), [], "nothing is sent before the welcome");
    harness.receive(welcome());
    assert_eq!(harness.client.user().map(|user| &user.name), Some(&p("me")));
    let joins = harness.take();
    assert_eq!(joins.len(), 3, "the announcements and two rooms: {joins:?}");
    for frame in joins {
        assert_eq!(harness.status(), Status::Connecting);
        let ClientFrame::Join(join) = frame else {
            panic!("{frame:?} is no join")
        };
        harness.answer(&join, 0, 0, true);
    }
    assert_eq!(harness.status(), Status::Live);
    assert!(
        harness
            .effects
            .contains(&Effect::Changed(Change::Connection))
    );
}

#[test]
fn starting_twice_makes_one_socket() {
    let mut harness = Harness::new();
    harness.apply(Input::Start);
    harness.apply(Input::Start);
    assert_eq!(harness.connects().len(), 1);
}

#[test]
fn a_socket_that_does_not_open_in_time_is_given_up() {
    let mut harness = Harness::new();
    harness.apply(Input::Start);
    harness.pass(14_999);
    assert!(harness.has_socket());
    harness.pass(1);
    assert!(!harness.has_socket());
    assert!(matches!(harness.status(), Status::Retrying { .. }));
    harness.pass(500);
    assert!(harness.has_socket());
}

#[test]
fn a_server_that_does_not_greet_in_time_is_given_up() {
    let mut harness = Harness::new();
    harness.apply(Input::Start);
    harness.opened();
    harness.pass(9_999);
    assert!(harness.has_socket());
    harness.pass(1);
    assert!(!harness.has_socket());
}

#[test]
fn what_an_old_socket_still_says_is_passed_over() {
    let mut harness = Harness::new();
    harness.apply(Input::Start);
    let old = harness.attempt();
    harness.pass(15_500);
    let new = harness.attempt();
    assert!(new > old);
    harness.apply(Input::Opened { attempt: old });
    harness.apply(Input::Received {
        attempt: old,
        frame: welcome(),
    });
    harness.apply(Input::Closed {
        attempt: old,
        code: Some(1009),
    });
    harness.apply(Input::Closed {
        attempt: Attempt(999),
        code: None,
    });
    assert_eq!(harness.status(), Status::Connecting);
    assert_eq!(harness.attempt(), new);
    harness.welcome();
    assert!(harness.client.user().is_some());
    harness.open("a");
    harness.join_all(0);
    let frame = ServerFrame::Message(message("a", 1, "other"));
    harness.apply(Input::Received {
        attempt: old,
        frame,
    });
    assert_eq!(harness.seqs("a"), [0; 0]);
}

/// How long the client waited before each of `count` sockets that fail at once.
fn waits(harness: &mut Harness, count: usize) -> Vec<u64> {
    let mut waits = vec![];
    for _ in 0..count {
        harness.closed(1006);
        let from = harness.now;
        let Status::Retrying { at } = harness.status() else {
            panic!("{:?}", harness.status())
        };
        harness.pass(at.since(from));
        assert_eq!(
            harness.connects().last(),
            Some(&at),
            "the badge told the truth"
        );
        waits.push(at.since(from));
    }
    waits
}

#[test]
fn each_failure_may_double_the_wait_up_to_half_a_minute() {
    let mut harness = Harness::new();
    harness.apply(Input::Start);
    let waits = waits(&mut harness, 12);
    let mut most = 500;
    for wait in &waits {
        assert!((100..=most).contains(wait), "{waits:?}");
        most = (most * 2).min(30_000);
    }
    assert!(waits.iter().max() > Some(&8000), "{waits:?}");
}

#[test]
fn the_failures_are_forgotten_only_after_a_steady_connection() {
    for (steady_ms, forgotten) in [(9_000, false), (11_000, true)] {
        let mut harness = Harness::new();
        harness.apply(Input::Start);
        waits(&mut harness, 10);
        harness.welcome();
        harness.join_all(0);
        harness.pass(steady_ms);
        let most = waits(&mut harness, 3).into_iter().max();
        assert_eq!(
            most < Some(2000),
            forgotten,
            "{most:?} after {steady_ms} ms"
        );
    }
}

fn goodbye(reconnect_after_ms: u64) -> ServerFrame {
    ServerFrame::Goodbye(Goodbye {
        reason: GoodbyeReason::Shutdown,
        reconnect_after_ms,
    })
}

#[test]
fn the_pause_a_goodbye_asks_for_replaces_the_backoff_once() {
    let mut harness = Harness::live(&[]);
    harness.receive(goodbye(7_777));
    assert_eq!(
        harness.status(),
        Status::Live,
        "the connection is still there"
    );
    harness.closed(4000);
    assert_eq!(
        harness.status(),
        Status::Retrying {
            at: harness.now.plus(7_777)
        }
    );
    harness.pass(7_777);
    assert!(waits(&mut harness, 1) < vec![501]);
}

#[test]
fn a_server_that_says_goodbye_and_does_not_close_is_left() {
    let mut harness = Harness::live(&[]);
    harness.receive(goodbye(100));
    harness.pass(5_000);
    assert!(!harness.has_socket());
    harness.pass(100);
    assert!(harness.has_socket());
}

#[test]
fn a_terminal_close_stops_the_client_until_it_is_started_again() {
    let mut harness = Harness::live(&[]);
    harness.closed(1009);
    assert_eq!(harness.status(), Status::Stopped { code: Some(1009) });
    harness.apply(Input::CheckConnection);
    harness.apply(Input::NetworkBack);
    harness.pass(1_000_000);
    assert!(!harness.has_socket());
    harness.apply(Input::Start);
    assert!(harness.has_socket());
    assert_eq!(harness.status(), Status::Connecting);
}

#[test]
fn stopping_closes_the_socket_and_makes_no_other() {
    let mut harness = Harness::live(&["a"]);
    harness.apply(Input::Stop);
    assert!(!harness.has_socket());
    harness.pass(1_000_000);
    assert!(!harness.has_socket());
    assert_eq!(harness.status(), Status::Stopped { code: None });
}

#[test]
fn a_connection_check_connects_a_waiting_client_at_once() {
    let mut harness = Harness::new();
    harness.apply(Input::Start);
    harness.closed(1006);
    assert!(!harness.has_socket());
    harness.apply(Input::CheckConnection);
    assert!(harness.has_socket());
    harness.apply(Input::CheckConnection);
    harness.apply(Input::NetworkBack);
    assert_eq!(
        harness.connects().len(),
        2,
        "a connecting client is left in peace"
    );
}

#[test]
fn a_client_without_a_network_says_so_and_goes_on_trying() {
    let mut harness = Harness::new();
    harness.apply(Input::Start);
    harness.apply(Input::NetworkLost);
    assert_eq!(harness.status(), Status::Offline);
    harness.closed(1006);
    assert_eq!(harness.status(), Status::Offline);
    harness.pass(500);
    assert!(
        harness.has_socket(),
        "the system may be wrong, as it is about a server at home"
    );
    harness.opened();
    assert_eq!(harness.status(), Status::Connecting);
}

#[test]
fn a_network_that_is_back_is_used_at_once() {
    let mut harness = Harness::new();
    harness.apply(Input::Start);
    harness.apply(Input::NetworkLost);
    harness.closed(1006);
    harness.apply(Input::NetworkBack);
    assert!(harness.has_socket());
    assert_eq!(harness.status(), Status::Connecting);
}

#[test]
fn a_live_client_that_loses_the_network_makes_sure() {
    let mut harness = Harness::live(&["a"]);
    harness.apply(Input::NetworkLost);
    assert_eq!(harness.status(), Status::Offline);
    assert_eq!(harness.take(), [ClientFrame::Ping(Ping { id: None })]);
    harness.hear("a", 1);
    assert_eq!(
        harness.status(),
        Status::Live,
        "the server has proved the system wrong"
    );
    harness.apply(Input::NetworkLost);
    harness.pass(4_000);
    assert!(!harness.has_socket());
    assert_eq!(harness.status(), Status::Offline);
}

#[test]
fn a_clock_that_is_set_back_delays_nothing() {
    let mut harness = Harness::new();
    harness.apply(Input::Start);
    harness.now = Millis(harness.now.0 - 900_000);
    harness.closed(1006);
    let Status::Retrying { at } = harness.status() else {
        panic!("{:?}", harness.status())
    };
    assert!(
        at.since(harness.now) <= 500,
        "the badge counts in the shell's time"
    );
    harness.pass(500);
    assert!(harness.has_socket());
}

#[test]
fn a_refused_room_does_not_keep_the_badge_from_being_live() {
    let mut harness = Harness::new();
    harness.open("a");
    harness.apply(Input::Start);
    harness.welcome();
    for frame in harness.take() {
        let ClientFrame::Join(join) = frame else {
            panic!("{frame:?} is no join")
        };
        match join.room.is_broadcast() {
            true => harness.answer(&join, 0, 0, true),
            false => harness.refuse(&join.id.unwrap(), ErrorCode::TooManyRooms),
        }
    }
    assert_eq!(harness.status(), Status::Live);
}

//! From nothing to live, and back to it after every kind of end.

use crate::bench::{Bench, message, p, welcome};
use common::client::{Attempt, Change, Effect, Input, Millis, Status};
use common::command::Ping;
use common::reply::{Goodbye, GoodbyeReason};
use common::{ClientFrame, ErrorCode, ServerFrame};

#[test]
fn nothing_happens_before_the_start() {
    let mut bench = Bench::new();
    for input in [
        Input::Tick,
        Input::Nudge,
        Input::NetworkBack,
        Input::NetworkLost,
    ] {
        bench.apply(input);
    }
    bench.pass(100_000);
    assert!(!bench.has_socket());
    assert_eq!(bench.status(), Status::Stopped { code: None });
}

#[test]
fn the_badge_is_live_only_when_every_open_room_is_joined() {
    let mut bench = Bench::new();
    bench.open("a");
    bench.open("b");
    bench.apply(Input::Start);
    assert_eq!(bench.status(), Status::Connecting);
    bench.opened();
    assert_eq!(bench.take(), [], "nothing is sent before the welcome");
    bench.receive(welcome());
    assert_eq!(bench.client.user().map(|user| &user.name), Some(&p("me")));
    let joins = bench.take();
    assert_eq!(joins.len(), 3, "the announcements and two rooms: {joins:?}");
    for frame in joins {
        assert_eq!(bench.status(), Status::Connecting);
        let ClientFrame::Join(join) = frame else {
            panic!("{frame:?} is no join")
        };
        bench.answer(&join, 0, 0, true);
    }
    assert_eq!(bench.status(), Status::Live);
    assert!(bench.effects.contains(&Effect::Changed(Change::Connection)));
}

#[test]
fn starting_twice_makes_one_socket() {
    let mut bench = Bench::new();
    bench.apply(Input::Start);
    bench.apply(Input::Start);
    assert_eq!(bench.connects().len(), 1);
}

#[test]
fn a_socket_that_does_not_open_in_time_is_given_up() {
    let mut bench = Bench::new();
    bench.apply(Input::Start);
    bench.pass(14_999);
    assert!(bench.has_socket());
    bench.pass(1);
    assert!(!bench.has_socket());
    assert!(matches!(bench.status(), Status::Retrying { .. }));
    bench.pass(500);
    assert!(bench.has_socket());
}

#[test]
fn a_server_that_does_not_greet_in_time_is_given_up() {
    let mut bench = Bench::new();
    bench.apply(Input::Start);
    bench.opened();
    bench.pass(9_999);
    assert!(bench.has_socket());
    bench.pass(1);
    assert!(!bench.has_socket());
}

#[test]
fn what_an_old_socket_still_says_is_passed_over() {
    let mut bench = Bench::new();
    bench.apply(Input::Start);
    let old = bench.attempt();
    bench.pass(15_500);
    let new = bench.attempt();
    assert!(new > old);
    bench.apply(Input::Opened { attempt: old });
    bench.apply(Input::Received {
        attempt: old,
        frame: welcome(),
    });
    bench.apply(Input::Closed {
        attempt: old,
        code: Some(4500),
    });
    bench.apply(Input::Closed {
        attempt: Attempt(999),
        code: None,
    });
    assert_eq!(bench.status(), Status::Connecting);
    assert_eq!(bench.attempt(), new);
    bench.welcome();
    assert!(bench.client.user().is_some());
    bench.open("a");
    bench.join_all(0);
    let frame = ServerFrame::Message(message("a", 1, "other"));
    bench.apply(Input::Received {
        attempt: old,
        frame,
    });
    assert_eq!(bench.seqs("a"), [0; 0]);
}

/// How long the client waited before each of `count` sockets that fail at once.
fn waits(bench: &mut Bench, count: usize) -> Vec<u64> {
    let mut waits = vec![];
    for _ in 0..count {
        bench.closed(1006);
        let from = bench.now;
        let Status::Retrying { at } = bench.status() else {
            panic!("{:?}", bench.status())
        };
        bench.pass(at.since(from));
        assert_eq!(
            bench.connects().last(),
            Some(&at),
            "the badge told the truth"
        );
        waits.push(at.since(from));
    }
    waits
}

#[test]
fn each_failure_may_double_the_wait_up_to_half_a_minute() {
    let mut bench = Bench::new();
    bench.apply(Input::Start);
    let waits = waits(&mut bench, 12);
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
        let mut bench = Bench::new();
        bench.apply(Input::Start);
        waits(&mut bench, 10);
        bench.welcome();
        bench.join_all(0);
        bench.pass(steady_ms);
        let most = waits(&mut bench, 3).into_iter().max();
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
    let mut bench = Bench::live(&[]);
    bench.receive(goodbye(7_777));
    assert_eq!(
        bench.status(),
        Status::Live,
        "the connection is still there"
    );
    bench.closed(4000);
    assert_eq!(
        bench.status(),
        Status::Retrying {
            at: bench.now.plus(7_777)
        }
    );
    bench.pass(7_777);
    assert!(waits(&mut bench, 1) < vec![501]);
}

#[test]
fn a_server_that_says_goodbye_and_does_not_close_is_left() {
    let mut bench = Bench::live(&[]);
    bench.receive(goodbye(100));
    bench.pass(5_000);
    assert!(!bench.has_socket());
    bench.pass(100);
    assert!(bench.has_socket());
}

#[test]
fn a_terminal_close_stops_the_client_until_it_is_started_again() {
    let mut bench = Bench::live(&[]);
    bench.closed(4500);
    assert_eq!(bench.status(), Status::Stopped { code: Some(4500) });
    bench.apply(Input::Nudge);
    bench.apply(Input::NetworkBack);
    bench.pass(1_000_000);
    assert!(!bench.has_socket());
    bench.apply(Input::Start);
    assert!(bench.has_socket());
    assert_eq!(bench.status(), Status::Connecting);
}

#[test]
fn stopping_closes_the_socket_and_makes_no_other() {
    let mut bench = Bench::live(&["a"]);
    bench.apply(Input::Stop);
    assert!(!bench.has_socket());
    bench.pass(1_000_000);
    assert!(!bench.has_socket());
    assert_eq!(bench.status(), Status::Stopped { code: None });
}

#[test]
fn a_nudge_connects_a_waiting_client_at_once() {
    let mut bench = Bench::new();
    bench.apply(Input::Start);
    bench.closed(1006);
    assert!(!bench.has_socket());
    bench.apply(Input::Nudge);
    assert!(bench.has_socket());
    bench.apply(Input::Nudge);
    bench.apply(Input::NetworkBack);
    assert_eq!(
        bench.connects().len(),
        2,
        "a connecting client is left in peace"
    );
}

#[test]
fn a_client_without_a_network_says_so_and_goes_on_trying() {
    let mut bench = Bench::new();
    bench.apply(Input::Start);
    bench.apply(Input::NetworkLost);
    assert_eq!(bench.status(), Status::Offline);
    bench.closed(1006);
    assert_eq!(bench.status(), Status::Offline);
    bench.pass(500);
    assert!(
        bench.has_socket(),
        "the system may be wrong, as it is about a server at home"
    );
    bench.opened();
    assert_eq!(bench.status(), Status::Connecting);
}

#[test]
fn a_network_that_is_back_is_used_at_once() {
    let mut bench = Bench::new();
    bench.apply(Input::Start);
    bench.apply(Input::NetworkLost);
    bench.closed(1006);
    bench.apply(Input::NetworkBack);
    assert!(bench.has_socket());
    assert_eq!(bench.status(), Status::Connecting);
}

#[test]
fn a_live_client_that_loses_the_network_makes_sure() {
    let mut bench = Bench::live(&["a"]);
    bench.apply(Input::NetworkLost);
    assert_eq!(bench.status(), Status::Offline);
    assert_eq!(bench.take(), [ClientFrame::Ping(Ping { id: None })]);
    bench.hear("a", 1);
    assert_eq!(
        bench.status(),
        Status::Live,
        "the server has proved the system wrong"
    );
    bench.apply(Input::NetworkLost);
    bench.pass(4_000);
    assert!(!bench.has_socket());
    assert_eq!(bench.status(), Status::Offline);
}

#[test]
fn a_clock_that_is_set_back_delays_nothing() {
    let mut bench = Bench::new();
    bench.apply(Input::Start);
    bench.now = Millis(bench.now.0 - 900_000);
    bench.closed(1006);
    let Status::Retrying { at } = bench.status() else {
        panic!("{:?}", bench.status())
    };
    assert!(
        at.since(bench.now) <= 500,
        "the badge counts in the shell's time"
    );
    bench.pass(500);
    assert!(bench.has_socket());
}

#[test]
fn a_refused_room_does_not_keep_the_badge_from_being_live() {
    let mut bench = Bench::new();
    bench.open("a");
    bench.apply(Input::Start);
    bench.welcome();
    for frame in bench.take() {
        let ClientFrame::Join(join) = frame else {
            panic!("{frame:?} is no join")
        };
        match join.room.is_broadcast() {
            true => bench.answer(&join, 0, 0, true),
            false => bench.refuse(&join.id.unwrap(), ErrorCode::TooManyRooms),
        }
    }
    assert_eq!(bench.status(), Status::Live);
}

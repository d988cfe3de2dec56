//! How far one has read: told seldom enough, surely, and never backward.

use crate::bench::{Bench, p};
use common::client::{Command, Input};
use common::ids::Seq;
use common::reply::ReadUpTo;
use common::{ClientFrame, ServerFrame};

fn see(bench: &mut Bench, room: &str) {
    bench.apply(Input::Command(Command::MarkSeen { room: p(room) }));
}

/// The markers that were sent.
fn told(bench: &mut Bench) -> Vec<(String, u64)> {
    let told = |frame: ClientFrame| match frame {
        ClientFrame::Read(read) => {
            assert_eq!(read.id, None);
            Some((read.room.to_string(), read.seq.0))
        }
        _ => None,
    };
    bench.take().into_iter().filter_map(told).collect()
}

fn told_in_a(bench: &mut Bench) -> Vec<u64> {
    told(bench).into_iter().map(|(_, seq)| seq).collect()
}

fn unread(bench: &Bench) -> usize {
    bench.client.room(&p("a")).unwrap().unread()
}

/// The server says that the user has read up to here.
fn read(bench: &mut Bench, seq: u64) {
    let (room, seq) = (p("a"), Seq(seq));
    bench.receive(ServerFrame::Read(ReadUpTo { room, seq }));
}

#[test]
fn the_first_marker_goes_at_once_and_the_last_after_a_second() {
    let mut bench = Bench::live(&["a"]);
    bench.hear("a", 1);
    see(&mut bench, "a");
    assert_eq!(told_in_a(&mut bench), [1]);
    for seq in 2..=9 {
        bench.hear("a", seq);
        see(&mut bench, "a");
        bench.pass(50);
    }
    assert_eq!(told_in_a(&mut bench), [0; 0]);
    bench.pass(599);
    assert_eq!(told_in_a(&mut bench), [0; 0]);
    bench.pass(1);
    assert_eq!(told_in_a(&mut bench), [9]);
    bench.pass(5000);
    see(&mut bench, "a");
    assert_eq!(told_in_a(&mut bench), [0; 0], "the server knows");
}

#[test]
fn rooms_and_announcements_have_markers_of_their_own() {
    let mut bench = Bench::live(&["a", "b"]);
    for room in ["a", "b"] {
        bench.hear(room, 1);
    }
    bench.announce(1);
    for room in ["a", "b", "$broadcast"] {
        see(&mut bench, room);
        assert_eq!(told(&mut bench), [(room.to_owned(), 1)]);
    }
}

#[test]
fn a_marker_that_another_tab_has_moved_is_not_told_again_and_not_moved_back() {
    let mut bench = Bench::live(&["a"]);
    (1..=3).for_each(|seq| bench.hear("a", seq));
    read(&mut bench, 3);
    assert_eq!(unread(&bench), 0);
    see(&mut bench, "a");
    assert_eq!(told_in_a(&mut bench), [0; 0]);
    read(&mut bench, 2);
    assert_eq!(unread(&bench), 0);
    bench.hear("a", 4);
    assert_eq!(unread(&bench), 1);
    see(&mut bench, "a");
    assert_eq!(told_in_a(&mut bench), [4]);
}

#[test]
fn what_was_unread_before_a_reload_is_unread_after_it() {
    let mut bench = Bench::live(&[]);
    bench.open("a");
    bench.sent_join();
    let joined = common::reply::Joined {
        room: p("a"),
        epoch: p("e1"),
        head: Seq(4),
        after: Seq(0),
        complete: true,
        read: Some(Seq(2)),
    };
    bench.receive(ServerFrame::Joined(joined));
    (1..=4).for_each(|seq| bench.hear("a", seq));
    assert_eq!(unread(&bench), 2);
    assert_eq!(told_in_a(&mut bench), [0; 0], "nobody has looked yet");
    see(&mut bench, "a");
    assert_eq!(told_in_a(&mut bench), [4]);
}

#[test]
fn a_room_that_was_never_read_counts_from_its_head_and_is_told_when_seen() {
    let mut bench = Bench::live(&[]);
    bench.open("a");
    let join = bench.sent_join();
    bench.answer(&join, 2, 0, true);
    bench.hear("a", 1);
    see(&mut bench, "a");
    assert_eq!(told_in_a(&mut bench), [1]);
    bench.hear("a", 2);
    assert_eq!(unread(&bench), 0, "that was there before");
    bench.pass(1000);
    see(&mut bench, "a");
    assert_eq!(told_in_a(&mut bench), [2]);
}

#[test]
fn a_marker_that_may_have_been_lost_is_told_again_after_a_reconnect() {
    let mut bench = Bench::live(&["a"]);
    (1..=3).for_each(|seq| bench.hear("a", seq));
    see(&mut bench, "a");
    assert_eq!(told_in_a(&mut bench), [3]);
    for (read, again) in [(Some(1), vec![3]), (None, vec![3]), (Some(3), vec![])] {
        bench.cut();
        bench.answer_with("$broadcast", "e1", 0, None);
        bench.answer_with("a", "e1", 3, read);
        assert_eq!(
            told_in_a(&mut bench),
            again,
            "where the server has {read:?}"
        );
        assert_eq!(unread(&bench), 0, "a marker does not move back");
    }
}

#[test]
fn what_is_seen_offline_is_told_when_there_is_a_connection() {
    let mut bench = Bench::live(&["a"]);
    bench.hear("a", 1);
    bench.closed(1006);
    see(&mut bench, "a");
    assert_eq!(told_in_a(&mut bench), [0; 0]);
    bench.pass(500);
    bench.welcome();
    bench.join_all(1);
    assert_eq!(told_in_a(&mut bench), [1]);
}

#[test]
fn another_log_has_a_marker_of_its_own() {
    let mut bench = Bench::live(&["a"]);
    (1..=9).for_each(|seq| bench.hear("a", seq));
    see(&mut bench, "a");
    bench.cut();
    bench.answer_with("$broadcast", "e1", 0, None);
    bench.answer_with("a", "e2", 2, None);
    assert_eq!(told_in_a(&mut bench), [0; 0]);
    bench.hear("a", 3);
    assert_eq!(unread(&bench), 1);
    see(&mut bench, "a");
    assert_eq!(told_in_a(&mut bench), [3]);
}

#[test]
fn a_marker_that_waits_is_told_before_its_room_is_left() {
    let mut bench = Bench::live(&["a"]);
    for seq in [1, 2] {
        bench.hear("a", seq);
        see(&mut bench, "a");
    }
    assert_eq!(told_in_a(&mut bench), [1]);
    bench.close("a");
    match bench.take().as_slice() {
        [ClientFrame::Read(read), ClientFrame::Leave(_)] => assert_eq!(read.seq, Seq(2)),
        other => panic!("{other:?}"),
    }
}

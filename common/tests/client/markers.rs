//! How far one has read: told seldom enough, surely, and never backward.

use crate::harness::{Harness, p};
use common::client::{Command, Input};
use common::ids::Seq;
use common::reply::ReadUpTo;
use common::{ClientFrame, ServerFrame};

fn see(harness: &mut Harness, room: &str) {
    harness.apply(Input::Command(Command::MarkSeen { room: p(room) }));
}

/// The markers that were sent.
fn told(harness: &mut Harness) -> Vec<(String, u64)> {
    let told = |frame: ClientFrame| match frame {
        ClientFrame::Read(read) => {
            assert_eq!(read.id, None);
            Some((read.room.to_string(), read.seq.0))
        }
        _ => None,
    };
    harness.take().into_iter().filter_map(told).collect()
}

fn told_in_a(harness: &mut Harness) -> Vec<u64> {
    told(harness).into_iter().map(|(_, seq)| seq).collect()
}

fn unread(harness: &Harness) -> usize {
    harness.client.room(&p("a")).unwrap().unread()
}

/// The server says that the user has read up to here.
fn read(harness: &mut Harness, seq: u64) {
    let (room, seq) = (p("a"), Seq(seq));
    harness.receive(ServerFrame::Read(ReadUpTo { room, seq }));
}

#[test]
fn the_first_marker_goes_at_once_and_the_last_after_a_second() {
    let mut harness = Harness::live(&["a"]);
    harness.hear("a", 1);
    see(&mut harness, "a");
    assert_eq!(told_in_a(&mut harness), [1]);
    for seq in 2..=9 {
        harness.hear("a", seq);
        see(&mut harness, "a");
        harness.pass(50);
    }
    assert_eq!(told_in_a(&mut harness), [0; 0]);
    harness.pass(599);
    assert_eq!(told_in_a(&mut harness), [0; 0]);
    harness.pass(1);
    assert_eq!(told_in_a(&mut harness), [9]);
    harness.pass(5000);
    see(&mut harness, "a");
    assert_eq!(told_in_a(&mut harness), [0; 0], "the server knows");
}

#[test]
fn rooms_and_announcements_have_markers_of_their_own() {
    let mut harness = Harness::live(&["a", "b"]);
    for room in ["a", "b"] {
        harness.hear(room, 1);
    }
    harness.announce(1);
    for room in ["a", "b", "$broadcast"] {
        see(&mut harness, room);
        assert_eq!(told(&mut harness), [(room.to_owned(), 1)]);
    }
}

#[test]
fn a_marker_that_another_tab_has_moved_is_not_told_again_and_not_moved_back() {
    let mut harness = Harness::live(&["a"]);
    (1..=3).for_each(|seq| harness.hear("a", seq));
    read(&mut harness, 3);
    assert_eq!(unread(&harness), 0);
    see(&mut harness, "a");
    assert_eq!(told_in_a(&mut harness), [0; 0]);
    read(&mut harness, 2);
    assert_eq!(unread(&harness), 0);
    harness.hear("a", 4);
    assert_eq!(unread(&harness), 1);
    see(&mut harness, "a");
    assert_eq!(told_in_a(&mut harness), [4]);
}

#[test]
fn what_was_unread_before_a_reload_is_unread_after_it() {
    let mut harness = Harness::live(&[]);
    harness.open("a");
    harness.sent_join();
    let joined = common::reply::Joined {
        room: p("a"),
        epoch: p("e1"),
        head: Seq(4),
        after: Seq(0),
        complete: true,
        read: Some(Seq(2)),
    };
    harness.receive(ServerFrame::Joined(joined));
    (1..=4).for_each(|seq| harness.hear("a", seq));
    assert_eq!(unread(&harness), 2);
    assert_eq!(told_in_a(&mut harness), [0; 0], "nobody has looked yet");
    see(&mut harness, "a");
    assert_eq!(told_in_a(&mut harness), [4]);
}

#[test]
fn a_room_that_was_never_read_counts_from_its_head_and_is_told_when_seen() {
    let mut harness = Harness::live(&[]);
    harness.open("a");
    let join = harness.sent_join();
    harness.answer(&join, 2, 0, true);
    harness.hear("a", 1);
    see(&mut harness, "a");
    assert_eq!(told_in_a(&mut harness), [1]);
    harness.hear("a", 2);
    assert_eq!(unread(&harness), 0, "that was there before");
    harness.pass(1000);
    see(&mut harness, "a");
    assert_eq!(told_in_a(&mut harness), [2]);
}

#[test]
fn a_marker_that_may_have_been_lost_is_told_again_after_a_reconnect() {
    let mut harness = Harness::live(&["a"]);
    (1..=3).for_each(|seq| harness.hear("a", seq));
    see(&mut harness, "a");
    assert_eq!(told_in_a(&mut harness), [3]);
    for (read, again) in [(Some(1), vec![3]), (None, vec![3]), (Some(3), vec![])] {
        harness.cut();
        harness.answer_with("$broadcast", "e1", 0, None);
        harness.answer_with("a", "e1", 3, read);
        assert_eq!(
            told_in_a(&mut harness),
            again,
            "where the server has {read:?}"
        );
        assert_eq!(unread(&harness), 0, "a marker does not move back");
    }
}

#[test]
fn what_is_seen_offline_is_told_when_there_is_a_connection() {
    let mut harness = Harness::live(&["a"]);
    harness.hear("a", 1);
    harness.closed(1006);
    see(&mut harness, "a");
    assert_eq!(told_in_a(&mut harness), [0; 0]);
    harness.pass(500);
    harness.welcome();
    harness.join_all(1);
    assert_eq!(told_in_a(&mut harness), [1]);
}

#[test]
fn another_log_has_a_marker_of_its_own() {
    let mut harness = Harness::live(&["a"]);
    (1..=9).for_each(|seq| harness.hear("a", seq));
    see(&mut harness, "a");
    harness.cut();
    harness.answer_with("$broadcast", "e1", 0, None);
    harness.answer_with("a", "e2", 2, None);
    assert_eq!(told_in_a(&mut harness), [0; 0]);
    harness.hear("a", 3);
    assert_eq!(unread(&harness), 1);
    see(&mut harness, "a");
    assert_eq!(told_in_a(&mut harness), [3]);
}

#[test]
fn a_marker_that_waits_is_told_before_its_room_is_left() {
    let mut harness = Harness::live(&["a"]);
    for seq in [1, 2] {
        harness.hear("a", seq);
        see(&mut harness, "a");
    }
    assert_eq!(told_in_a(&mut harness), [1]);
    harness.close("a");
    match harness.take().as_slice() {
        [ClientFrame::Read(read), ClientFrame::Leave(_)] => assert_eq!(read.seq, Seq(2)),
        other => panic!("{other:?}"),
    }
}

//! Events folded into views: no gap, no repeat, old ones on request.

use crate::harness::{By, Harness, message, p};
use common::client::{Client, Command, Config, Input, Status};
use common::codec::encode_server;
use common::command::{Join, ReadHistory};
use common::ids::Seq;
use common::reply::{Ack, HistoryPage, Joined};
use common::{ClientFrame, ErrorCode, ServerFrame};

/// In a room with a log of 100 events, of which the newest ten are in view.
fn with_ten_of_a_hundred() -> Harness {
    let mut harness = Harness::live(&[]);
    harness.open("a");
    let join = harness.sent_join();
    harness.answer(&join, 100, 90, true);
    (91..=100).for_each(|seq| harness.hear("a", seq));
    harness
}

/// Cuts the connection and brings the client back to where it has sent its join for the room.
fn rejoining(harness: &mut Harness) -> Join {
    harness.closed(1006);
    harness.pass(500);
    harness.welcome();
    let joins = harness.take().into_iter().filter_map(|frame| match frame {
        ClientFrame::Join(join) => Some(join),
        _ => None,
    });
    let (feed, rooms): (Vec<_>, Vec<_>) = joins.partition(|join| join.room.is_broadcast());
    harness.answer(&feed[0], 0, 0, true);
    rooms.into_iter().next().unwrap()
}

#[test]
fn a_replay_that_overlaps_shows_nothing_twice() {
    let mut harness = with_ten_of_a_hundred();
    let join = rejoining(&mut harness);
    harness.answer(&join, 103, 98, true);
    (99..=103).for_each(|seq| harness.hear("a", seq));
    assert_eq!(harness.seqs("a"), (91..=103).collect::<Vec<_>>());
}

#[test]
fn a_resume_that_cannot_be_whole_reloads_the_view() {
    let mut harness = with_ten_of_a_hundred();
    let join = rejoining(&mut harness);
    harness.answer(&join, 500, 498, false);
    assert_eq!(harness.seqs("a"), [0; 0]);
    harness.hear("a", 499);
    harness.hear("a", 500);
    assert_eq!(harness.seqs("a"), [499, 500]);
    assert!(harness.client.room(&p("a")).unwrap().has_older());
    assert_eq!(harness.status(), Status::Live);
}

#[test]
fn a_log_that_begins_anew_replaces_the_old_one() {
    let mut harness = with_ten_of_a_hundred();
    let join = rejoining(&mut harness);
    harness.receive(ServerFrame::Joined(Joined {
        room: join.room,
        epoch: p("e2"),
        head: Seq(2),
        after: Seq(0),
        complete: false,
        read: None,
    }));
    harness.hear("a", 1);
    harness.hear("a", 2);
    assert_eq!(harness.seqs("a"), [1, 2]);
    assert!(!harness.client.room(&p("a")).unwrap().has_older());
}

/// The leave and the join of a repair.
fn sent_repair(harness: &mut Harness) -> Join {
    match harness.take().as_slice() {
        [ClientFrame::Leave(_), ClientFrame::Join(join)] => join.clone(),
        other => panic!("no repair: {other:?}"),
    }
}

#[test]
fn a_gap_is_repaired_by_a_replay_of_the_log() {
    let mut harness = with_ten_of_a_hundred();
    harness.hear("a", 103);
    assert_eq!(
        harness.seqs("a").last(),
        Some(&100),
        "nothing is shown across the gap"
    );
    let join = sent_repair(&mut harness);
    assert_eq!(join.since, Some(Seq(100)));
    harness.hear("a", 104);
    assert_eq!(harness.take(), []);
    harness.answer(&join, 104, 100, true);
    (101..=104).for_each(|seq| harness.hear("a", seq));
    assert_eq!(harness.seqs("a"), (91..=104).collect::<Vec<_>>());
    assert_eq!(harness.status(), Status::Live);
}

#[test]
fn a_gap_that_the_replay_leaves_too_is_accepted() {
    let mut harness = with_ten_of_a_hundred();
    harness.hear("a", 103);
    let join = sent_repair(&mut harness);
    harness.answer(&join, 106, 100, true);
    for seq in [103, 104, 106] {
        harness.hear("a", seq);
    }
    assert_eq!(harness.take(), []);
    assert_eq!(harness.seqs("a")[10..], [103, 104, 106]);
}

#[test]
fn a_server_that_always_leaves_gaps_is_not_asked_without_pause() {
    let mut harness = with_ten_of_a_hundred();
    harness.hear("a", 103);
    let join = sent_repair(&mut harness);
    harness.answer(&join, 100, 100, true);
    harness.hear("a", 103);
    assert!(matches!(harness.take().as_slice(), [ClientFrame::Leave(_)]));
    harness.pass(9_999);
    assert_eq!(harness.take(), []);
    harness.pass(1);
    assert_eq!(harness.sent_join().since, Some(Seq(100)));
}

#[test]
fn a_gap_in_the_announcements_is_repaired_without_leaving() {
    let mut harness = Harness::live(&[]);
    harness.announce(1);
    harness.announce(3);
    let join = harness.sent_join();
    assert_eq!(join.since, Some(Seq(1)));
    harness.answer(&join, 3, 1, true);
    harness.announce(2);
    harness.announce(3);
    assert_eq!(harness.seqs("$broadcast"), [1, 2, 3]);
}

#[test]
fn an_event_of_an_unknown_kind_is_no_gap() {
    let mut harness = with_ten_of_a_hundred();
    let attempt = harness.attempt();
    let text = r#"{"type":"reacted","room":"a","seq":101,"emoji":"+1"}"#;
    harness.apply(Input::from_text(attempt, text));
    let text = encode_server(&ServerFrame::Message(message("a", 102, "other")));
    harness.apply(Input::from_text(attempt, &text));
    assert_eq!(harness.seqs("a")[9..], [100, 102]);
    assert_eq!(harness.take(), []);
}

fn load_older(harness: &mut Harness) {
    harness.apply(Input::Command(Command::LoadOlder { room: p("a") }));
}

fn sent_history(harness: &mut Harness) -> ReadHistory {
    match harness.take().as_slice() {
        [ClientFrame::History(history)] => history.clone(),
        other => panic!("not one request for history: {other:?}"),
    }
}

fn page(harness: &mut Harness, asked: &ReadHistory, seqs: std::ops::Range<u64>, more: bool) {
    let page = HistoryPage {
        room: p("a"),
        epoch: p("e1"),
        head: Seq(100),
        messages: seqs.map(|seq| message("a", seq, "other")).collect(),
        more,
    };
    let ack = Ack {
        page: Some(page),
        ..Ack::done(asked.id.clone().unwrap())
    };
    harness.receive(ServerFrame::Ack(Box::new(ack)));
}

#[test]
fn older_messages_are_loaded_page_by_page_up_to_the_first() {
    let mut harness = with_ten_of_a_hundred();
    for (pages, more) in [(41..91, true), (1..41, false)] {
        assert!(harness.client.room(&p("a")).unwrap().has_older());
        load_older(&mut harness);
        load_older(&mut harness);
        let asked = sent_history(&mut harness);
        assert_eq!(asked.before, Some(Seq(pages.end)));
        assert!(harness.client.room(&p("a")).unwrap().is_loading_older());
        page(&mut harness, &asked, pages, more);
        assert!(!harness.client.room(&p("a")).unwrap().is_loading_older());
    }
    assert_eq!(harness.seqs("a"), (1..=100).collect::<Vec<_>>());
    assert!(!harness.client.room(&p("a")).unwrap().has_older());
    load_older(&mut harness);
    assert_eq!(harness.take(), []);
}

#[test]
fn a_cut_while_older_messages_are_loading_only_delays_them() {
    let mut harness = with_ten_of_a_hundred();
    load_older(&mut harness);
    sent_history(&mut harness);
    let join = rejoining(&mut harness);
    assert!(harness.client.room(&p("a")).unwrap().is_loading_older());
    harness.answer(&join, 100, 100, true);
    let asked = sent_history(&mut harness);
    page(&mut harness, &asked, 41..91, true);
    assert_eq!(harness.seqs("a"), (41..=100).collect::<Vec<_>>());
}

#[test]
fn a_page_for_a_view_that_was_reloaded_meanwhile_is_not_shown() {
    let mut harness = with_ten_of_a_hundred();
    load_older(&mut harness);
    let asked = sent_history(&mut harness);
    harness.hear("a", 103);
    let join = sent_repair(&mut harness);
    harness.answer(&join, 200, 198, false);
    page(&mut harness, &asked, 41..91, true);
    harness.hear("a", 199);
    assert_eq!(harness.seqs("a"), [199]);
    assert!(!harness.client.room(&p("a")).unwrap().is_loading_older());
}

#[test]
fn a_page_that_is_refused_can_be_asked_for_again() {
    let mut harness = with_ten_of_a_hundred();
    load_older(&mut harness);
    let asked = sent_history(&mut harness);
    harness.refuse(&asked.id.unwrap(), ErrorCode::StoreUnavailable);
    assert!(!harness.client.room(&p("a")).unwrap().is_loading_older());
    load_older(&mut harness);
    sent_history(&mut harness);
}

#[test]
fn nothing_is_pushed_out_of_a_view_that_an_older_page_must_fit_on_to() {
    let config = Config {
        messages_max: 3,
        ..Config::default()
    };
    let mut harness = Harness::with(Client::new(config, 1));
    harness.open("a");
    harness.apply(Input::Start);
    harness.welcome();
    harness.join_all(10);
    (11..=14).for_each(|seq| harness.hear("a", seq));
    assert_eq!(harness.seqs("a"), [12, 13, 14]);
    load_older(&mut harness);
    let asked = sent_history(&mut harness);
    harness.hear("a", 15);
    page(&mut harness, &asked, 10..12, true);
    assert_eq!(harness.seqs("a"), [10, 11, 12, 13, 14, 15]);
    harness.hear("a", 16);
    let as_many_as_were_loaded = [11, 12, 13, 14, 15, 16];
    assert_eq!(harness.seqs("a"), as_many_as_were_loaded);
}

#[test]
fn nothing_is_left_of_an_edit_when_its_message_is_deleted() {
    let mut harness = Harness::live(&["a"]);
    harness.hear("a", 1);
    harness.edited(2, 1, "better", By::Other);
    harness.deleted(3, 1, By::Other);
    let view = harness.client.room(&p("a")).unwrap();
    let message = view.messages().next().unwrap();
    // Who comes later is not told that there was an edit: its words are erased, too.
    assert_eq!((message.deleted, message.edited_at), (true, None));
}

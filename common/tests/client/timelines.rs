//! Events folded into views: no gap, no repeat, old ones on request.

use crate::bench::{Bench, By, message, p};
use common::client::{Client, Command, Config, Input, Status};
use common::codec::encode_server;
use common::command::{Join, ReadHistory};
use common::ids::Seq;
use common::reply::{Ack, HistoryPage, Joined};
use common::{ClientFrame, ErrorCode, ServerFrame};

/// In a room with a log of 100 events, of which the newest ten are in view.
fn with_ten_of_a_hundred() -> Bench {
    let mut bench = Bench::live(&[]);
    bench.open("a");
    let join = bench.sent_join();
    bench.answer(&join, 100, 90, true);
    (91..=100).for_each(|seq| bench.hear("a", seq));
    bench
}

/// Cuts the connection and brings the client back to where it has sent its join for the room.
fn rejoining(bench: &mut Bench) -> Join {
    bench.closed(1006);
    bench.pass(500);
    bench.welcome();
    let joins = bench.take().into_iter().filter_map(|frame| match frame {
        ClientFrame::Join(join) => Some(join),
        _ => None,
    });
    let (feed, rooms): (Vec<_>, Vec<_>) = joins.partition(|join| join.room.is_broadcast());
    bench.answer(&feed[0], 0, 0, true);
    rooms.into_iter().next().unwrap()
}

#[test]
fn a_replay_that_overlaps_shows_nothing_twice() {
    let mut bench = with_ten_of_a_hundred();
    let join = rejoining(&mut bench);
    bench.answer(&join, 103, 98, true);
    (99..=103).for_each(|seq| bench.hear("a", seq));
    assert_eq!(bench.seqs("a"), (91..=103).collect::<Vec<_>>());
}

#[test]
fn a_resume_that_cannot_be_whole_reloads_the_view() {
    let mut bench = with_ten_of_a_hundred();
    let join = rejoining(&mut bench);
    bench.answer(&join, 500, 498, false);
    assert_eq!(bench.seqs("a"), [0; 0]);
    bench.hear("a", 499);
    bench.hear("a", 500);
    assert_eq!(bench.seqs("a"), [499, 500]);
    assert!(bench.client.room(&p("a")).unwrap().has_older());
    assert_eq!(bench.status(), Status::Live);
}

#[test]
fn a_log_that_begins_anew_replaces_the_old_one() {
    let mut bench = with_ten_of_a_hundred();
    let join = rejoining(&mut bench);
    bench.receive(ServerFrame::Joined(Joined {
        room: join.room,
        epoch: p("e2"),
        head: Seq(2),
        after: Seq(0),
        complete: false,
        read: None,
    }));
    bench.hear("a", 1);
    bench.hear("a", 2);
    assert_eq!(bench.seqs("a"), [1, 2]);
    assert!(!bench.client.room(&p("a")).unwrap().has_older());
}

/// The leave and the join of a repair.
fn sent_repair(bench: &mut Bench) -> Join {
    match bench.take().as_slice() {
        [ClientFrame::Leave(_), ClientFrame::Join(join)] => join.clone(),
        other => panic!("no repair: {other:?}"),
    }
}

#[test]
fn a_gap_is_repaired_by_a_replay_of_the_log() {
    let mut bench = with_ten_of_a_hundred();
    bench.hear("a", 103);
    assert_eq!(
        bench.seqs("a").last(),
        Some(&100),
        "nothing is shown across the gap"
    );
    let join = sent_repair(&mut bench);
    assert_eq!(join.since, Some(Seq(100)));
    bench.hear("a", 104);
    assert_eq!(bench.take(), []);
    bench.answer(&join, 104, 100, true);
    (101..=104).for_each(|seq| bench.hear("a", seq));
    assert_eq!(bench.seqs("a"), (91..=104).collect::<Vec<_>>());
    assert_eq!(bench.status(), Status::Live);
}

#[test]
fn a_gap_that_the_replay_leaves_too_is_accepted() {
    let mut bench = with_ten_of_a_hundred();
    bench.hear("a", 103);
    let join = sent_repair(&mut bench);
    bench.answer(&join, 106, 100, true);
    for seq in [103, 104, 106] {
        bench.hear("a", seq);
    }
    assert_eq!(bench.take(), []);
    assert_eq!(bench.seqs("a")[10..], [103, 104, 106]);
}

#[test]
fn a_server_that_always_leaves_gaps_is_not_asked_without_pause() {
    let mut bench = with_ten_of_a_hundred();
    bench.hear("a", 103);
    let join = sent_repair(&mut bench);
    bench.answer(&join, 100, 100, true);
    bench.hear("a", 103);
    assert!(matches!(bench.take().as_slice(), [ClientFrame::Leave(_)]));
    bench.pass(9_999);
    assert_eq!(bench.take(), []);
    bench.pass(1);
    assert_eq!(bench.sent_join().since, Some(Seq(100)));
}

#[test]
fn a_gap_in_the_announcements_is_repaired_without_leaving() {
    let mut bench = Bench::live(&[]);
    bench.announce(1);
    bench.announce(3);
    let join = bench.sent_join();
    assert_eq!(join.since, Some(Seq(1)));
    bench.answer(&join, 3, 1, true);
    bench.announce(2);
    bench.announce(3);
    assert_eq!(bench.seqs("$broadcast"), [1, 2, 3]);
}

#[test]
fn an_event_of_an_unknown_kind_is_no_gap() {
    let mut bench = with_ten_of_a_hundred();
    let attempt = bench.attempt();
    let text = r#"{"type":"reacted","room":"a","seq":101,"emoji":"+1"}"#;
    bench.apply(Input::from_text(attempt, text));
    let text = encode_server(&ServerFrame::Message(message("a", 102, "other")));
    bench.apply(Input::from_text(attempt, &text));
    assert_eq!(bench.seqs("a")[9..], [100, 102]);
    assert_eq!(bench.take(), []);
}

fn load_older(bench: &mut Bench) {
    bench.apply(Input::Command(Command::LoadOlder { room: p("a") }));
}

fn sent_history(bench: &mut Bench) -> ReadHistory {
    match bench.take().as_slice() {
        [ClientFrame::History(history)] => history.clone(),
        other => panic!("not one request for history: {other:?}"),
    }
}

fn page(bench: &mut Bench, asked: &ReadHistory, seqs: std::ops::Range<u64>, more: bool) {
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
    bench.receive(ServerFrame::Ack(Box::new(ack)));
}

#[test]
fn older_messages_are_loaded_page_by_page_up_to_the_first() {
    let mut bench = with_ten_of_a_hundred();
    for (pages, more) in [(41..91, true), (1..41, false)] {
        assert!(bench.client.room(&p("a")).unwrap().has_older());
        load_older(&mut bench);
        load_older(&mut bench);
        let asked = sent_history(&mut bench);
        assert_eq!(asked.before, Some(Seq(pages.end)));
        assert!(bench.client.room(&p("a")).unwrap().is_loading_older());
        page(&mut bench, &asked, pages, more);
        assert!(!bench.client.room(&p("a")).unwrap().is_loading_older());
    }
    assert_eq!(bench.seqs("a"), (1..=100).collect::<Vec<_>>());
    assert!(!bench.client.room(&p("a")).unwrap().has_older());
    load_older(&mut bench);
    assert_eq!(bench.take(), []);
}

#[test]
fn a_cut_while_older_messages_are_loading_only_delays_them() {
    let mut bench = with_ten_of_a_hundred();
    load_older(&mut bench);
    sent_history(&mut bench);
    let join = rejoining(&mut bench);
    assert!(bench.client.room(&p("a")).unwrap().is_loading_older());
    bench.answer(&join, 100, 100, true);
    let asked = sent_history(&mut bench);
    page(&mut bench, &asked, 41..91, true);
    assert_eq!(bench.seqs("a"), (41..=100).collect::<Vec<_>>());
}

#[test]
fn a_page_for_a_view_that_was_reloaded_meanwhile_is_not_shown() {
    let mut bench = with_ten_of_a_hundred();
    load_older(&mut bench);
    let asked = sent_history(&mut bench);
    bench.hear("a", 103);
    let join = sent_repair(&mut bench);
    bench.answer(&join, 200, 198, false);
    page(&mut bench, &asked, 41..91, true);
    bench.hear("a", 199);
    assert_eq!(bench.seqs("a"), [199]);
    assert!(!bench.client.room(&p("a")).unwrap().is_loading_older());
}

#[test]
fn a_page_that_is_refused_can_be_asked_for_again() {
    let mut bench = with_ten_of_a_hundred();
    load_older(&mut bench);
    let asked = sent_history(&mut bench);
    bench.refuse(&asked.id.unwrap(), ErrorCode::StoreUnavailable);
    assert!(!bench.client.room(&p("a")).unwrap().is_loading_older());
    load_older(&mut bench);
    sent_history(&mut bench);
}

#[test]
fn nothing_is_pushed_out_of_a_view_that_an_older_page_must_fit_on_to() {
    let config = Config {
        messages_max: 3,
        ..Config::default()
    };
    let mut bench = Bench::with(Client::new(config, 1));
    bench.open("a");
    bench.apply(Input::Start);
    bench.welcome();
    bench.join_all(10);
    (11..=14).for_each(|seq| bench.hear("a", seq));
    assert_eq!(bench.seqs("a"), [12, 13, 14]);
    load_older(&mut bench);
    let asked = sent_history(&mut bench);
    bench.hear("a", 15);
    page(&mut bench, &asked, 10..12, true);
    assert_eq!(bench.seqs("a"), [10, 11, 12, 13, 14, 15]);
    bench.hear("a", 16);
    let as_many_as_were_loaded = [11, 12, 13, 14, 15, 16];
    assert_eq!(bench.seqs("a"), as_many_as_were_loaded);
}

#[test]
fn nothing_is_left_of_an_edit_when_its_message_is_deleted() {
    let mut bench = Bench::live(&["a"]);
    bench.hear("a", 1);
    bench.edited(2, 1, "better", By::Other);
    bench.deleted(3, 1, By::Other);
    let view = bench.client.room(&p("a")).unwrap();
    let message = view.messages().next().unwrap();
    // Who comes later is not told that there was an edit: its words are erased, too.
    assert_eq!((message.deleted, message.edited_at), (true, None));
}

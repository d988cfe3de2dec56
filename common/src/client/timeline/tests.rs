//! Folding, by example.

use super::*;
use crate::event::{MessageEdited, MessageReacted};
use crate::time::Timestamp;

const BOUNDS: Bounds = Bounds {
    live: 5,
    scrolled: 8,
};

fn message(seq: u64) -> MessagePosted {
    MessagePosted {
        room: "general".parse().unwrap(),
        seq: Seq(seq),
        from: "Ada".parse().unwrap(),
        user: "ada".parse().unwrap(),
        id: None,
        content: Some("Hello!".parse().unwrap()),
        data: None,
        timestamp: Timestamp(seq),
        deleted: false,
        edited_at: None,
        reactions: vec![],
    }
}

fn answer(epoch: &str, head: u64, after: u64, complete: bool) -> Joined {
    Joined {
        room: "general".parse().unwrap(),
        epoch: epoch.parse().unwrap(),
        head: Seq(head),
        after: Seq(after),
        complete,
        read: None,
    }
}

fn page(epoch: &str, seqs: impl IntoIterator<Item = u64>, more: bool) -> HistoryPage {
    HistoryPage {
        room: "general".parse().unwrap(),
        epoch: epoch.parse().unwrap(),
        head: Seq(100),
        messages: seqs.into_iter().map(message).collect(),
        more,
    }
}

/// A timeline that joined behind `after` and has seen `count` events.
fn timeline(after: u64, count: u64) -> Timeline {
    let mut timeline = Timeline::new(BOUNDS);
    timeline.joined(&answer("e", after, after, true), false);
    for seq in after + 1..=after + count {
        assert_eq!(
            timeline.fold(Seq(seq), RoomEvent::Message(message(seq).into())),
            FoldOutcome::New
        );
    }
    timeline
}

/// Asks for a page and gets it.
fn load(timeline: &mut Timeline, page: HistoryPage, before: Seq) -> bool {
    timeline.expect_older();
    timeline.prepend(page, before)
}

fn edit(seq: u64, target: u64) -> RoomEvent {
    RoomEvent::Edit(MessageEdited {
        room: "general".parse().unwrap(),
        seq: Seq(seq),
        target: Seq(target),
        from: "Ada".parse().unwrap(),
        user: "ada".parse().unwrap(),
        id: None,
        content: Some("Better so".parse().unwrap()),
        data: None,
        timestamp: Timestamp(seq),
    })
}

fn seqs(timeline: &Timeline) -> Vec<u64> {
    timeline
        .messages()
        .iter()
        .map(|message| message.seq.0)
        .collect()
}

#[test]
fn repeats_are_dropped_and_gaps_are_not_taken_in() {
    let mut timeline = timeline(10, 2);
    for (seq, expected) in [
        (12, FoldOutcome::Repeat),
        (1, FoldOutcome::Repeat),
        (14, FoldOutcome::Gap),
        (13, FoldOutcome::New),
        (13, FoldOutcome::Repeat),
        (14, FoldOutcome::New),
    ] {
        assert_eq!(
            timeline.fold(Seq(seq), RoomEvent::Message(message(seq).into())),
            expected,
            "for {seq}"
        );
    }
    assert_eq!(seqs(&timeline), [11, 12, 13, 14]);
}

#[test]
fn an_event_that_shows_nothing_still_takes_its_place() {
    let mut timeline = timeline(0, 1);
    assert_eq!(timeline.fold(Seq(2), RoomEvent::Unknown), FoldOutcome::New);
    assert_eq!(
        timeline.fold(Seq(3), RoomEvent::Message(message(3).into())),
        FoldOutcome::New
    );
    assert_eq!(seqs(&timeline), [1, 3]);
}

#[test]
fn what_is_held_stays_only_if_the_answer_to_the_join_continues_it() {
    for (joined, expected, left) in [
        (
            answer("e", 12, 12, true),
            JoinOutcome::Continued,
            vec![11, 12],
        ),
        (
            answer("e", 90, 12, true),
            JoinOutcome::Continued,
            vec![11, 12],
        ),
        (
            answer("e", 90, 11, true),
            JoinOutcome::Continued,
            vec![11, 12],
        ),
        (answer("e", 90, 13, true), JoinOutcome::Reloaded, vec![]),
        (answer("e", 90, 12, false), JoinOutcome::Reloaded, vec![]),
        (answer("e", 11, 11, true), JoinOutcome::NewLog, vec![]),
        (answer("f", 12, 12, true), JoinOutcome::NewLog, vec![]),
    ] {
        let mut timeline = timeline(10, 2);
        assert_eq!(timeline.joined(&joined, false), expected, "for {joined:?}");
        assert_eq!(seqs(&timeline), left, "for {joined:?}");
    }
}

#[test]
fn a_gap_in_a_replay_that_was_asked_for_is_there_to_stay() {
    let mut timeline = timeline(0, 2);
    assert_eq!(
        timeline.fold(Seq(4), RoomEvent::Message(message(4).into())),
        FoldOutcome::Gap
    );
    timeline.joined(&answer("e", 6, 2, true), true);
    assert_eq!(
        timeline.fold(Seq(4), RoomEvent::Message(message(4).into())),
        FoldOutcome::New
    );
    assert_eq!(
        timeline.fold(Seq(6), RoomEvent::Message(message(6).into())),
        FoldOutcome::New
    );
    assert_eq!(
        timeline.fold(Seq(8), RoomEvent::Message(message(8).into())),
        FoldOutcome::Gap,
        "that is beyond the replay"
    );
}

#[test]
fn live_messages_push_the_oldest_out_and_scrolling_back_makes_room() {
    let mut timeline = timeline(0, 6);
    assert!(!timeline.has_older());
    timeline.trim(false);
    assert_eq!(seqs(&timeline), [2, 3, 4, 5, 6]);
    assert!(timeline.has_older());
    assert!(load(&mut timeline, page("e", [1], false), Seq(2)));
    assert!(!timeline.has_older());
    assert_eq!(
        timeline.fold(Seq(7), RoomEvent::Message(message(7).into())),
        FoldOutcome::New
    );
    timeline.trim(false);
    assert_eq!(
        seqs(&timeline),
        [2, 3, 4, 5, 6, 7],
        "the bound has grown with the reader"
    );
}

#[test]
fn a_page_that_does_not_fit_on_is_not_taken_in() {
    let mut timeline = timeline(10, 2);
    for (page, before) in [
        (page("f", [9, 10], true), 11),
        (page("e", [8, 9], true), 10),
    ] {
        assert!(!load(&mut timeline, page, Seq(before)));
    }
    assert!(load(
        &mut timeline,
        page("e", [10, 9, 9, 11], true),
        Seq(11)
    ));
    assert_eq!(seqs(&timeline), [9, 10, 11, 12]);
}

#[test]
fn a_view_that_is_full_says_that_there_is_nothing_older() {
    let mut timeline = timeline(10, 2);
    assert!(timeline.has_older());
    assert!(load(&mut timeline, page("e", 5..=10, true), Seq(11)));
    assert_eq!(timeline.messages().len(), BOUNDS.scrolled);
    assert!(!timeline.has_older());
}

#[test]
fn what_happens_to_a_message_while_its_page_is_on_its_way_is_not_lost() {
    let mut timeline = timeline(10, 2);
    timeline.expect_older();
    assert_eq!(timeline.fold(Seq(13), edit(13, 10)), FoldOutcome::New);
    let old = HistoryPage {
        head: Seq(12),
        ..page("e", [9, 10], true)
    };
    assert!(timeline.prepend(old, Seq(11)));
    let edited: Vec<u64> = timeline
        .messages()
        .iter()
        .filter(|message| message.edited_at.is_some())
        .map(|message| message.seq.0)
        .collect();
    assert_eq!(edited, [10]);
}

#[test]
fn a_page_is_not_taken_in_when_too_much_has_happened_to_its_messages() {
    let mut timeline = timeline(10, 2);
    timeline.expect_older();
    for seq in 13..=21 {
        assert_eq!(timeline.fold(Seq(seq), edit(seq, 10)), FoldOutcome::New);
    }
    assert!(!timeline.prepend(page("e", [9, 10], true), Seq(11)));
    assert!(load(&mut timeline, page("e", [9, 10], true), Seq(11)));
}

fn react(seq: u64, user: &str, emoji: &str, on: bool) -> MessageReacted {
    MessageReacted {
        room: "general".parse().unwrap(),
        seq: Seq(seq),
        target: Seq(9),
        from: "Ada".parse().unwrap(),
        user: user.parse().unwrap(),
        id: None,
        emoji: emoji.parse().unwrap(),
        on,
        timestamp: Timestamp(seq),
    }
}

#[test]
fn a_page_that_is_ahead_of_the_log_stands_still_until_the_log_has_caught_up() {
    let mut ahead = page("e", [9, 10], true);
    ahead.head = Seq(15);
    let was = react(8, "eve", "+", true);
    ahead.messages[0].react(&was);
    let changes = [
        react(11, "ada", "+", true),
        react(12, "ada", "-", true),
        react(13, "ada", "+", false),
        react(14, "ada", "+", true),
        react(15, "eve", "+", false),
    ];
    let mut behind = timeline(10, 0);
    for change in &changes {
        ahead.messages[0].react(change);
    }
    let shown = ahead.messages[0].clone();
    assert!(load(&mut behind, ahead, Seq(11)));
    for change in changes {
        behind.fold(change.seq, RoomEvent::Reaction(change));
        assert_eq!(behind.messages()[0].as_ref(), &shown);
    }
    let next = react(16, "ada", "-", false);
    behind.fold(Seq(16), RoomEvent::Reaction(next.clone()));
    assert!(!behind.messages()[0].has_reaction(&next.emoji, &next.user));
}

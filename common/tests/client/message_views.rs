//! What is shown of a message while changes of it are on their way: the change, without a flicker.

use crate::changes::with_two;
use crate::harness::{By, Harness, p};
use common::client::{
    Change, Client, Command, Config, Effect, Input, OutboxAction, OutboxEntry, RoomPart,
};
use common::ids::{RequestId, Seq};
use common::reply::Ack;
use common::{ClientFrame, ErrorCode, ErrorFrame};
use std::sync::Arc;

/// Edits the own message and takes the frame that says so.
fn edit(harness: &mut Harness, content: &str) -> RequestId {
    harness.edit("a", 1, content);
    harness.sent_change().0
}

#[test]
fn a_change_shows_at_once_and_stays_when_acked_first() {
    let mut harness = with_two();
    harness.edit("a", 1, "better");
    assert!(harness.effects.contains(&Effect::Changed(Change::Room {
        room: p("a"),
        part: RoomPart::Timeline,
    })));
    let (id, _) = harness.sent_change();
    assert_eq!(harness.shown("a", 1), "better |f");
    harness.ack(&id, 4);
    assert_eq!(harness.shown("a", 1), "better |s");
    harness.hear("a", 3);
    assert_eq!(harness.shown("a", 1), "better |s");
    harness.edited(4, 1, "better", By::Me(&id));
    assert_eq!(harness.shown("a", 1), "better");
    assert_eq!(harness.pending("a"), [""; 0]);
}

#[test]
fn a_change_ends_when_its_event_comes_first() {
    let mut harness = with_two();
    let id = edit(&mut harness, "better");
    harness.edited(3, 1, "better", By::Me(&id));
    assert_eq!(harness.shown("a", 1), "better");
    harness.ack(&id, 3);
    assert_eq!(harness.shown("a", 1), "better");
    edit(&mut harness, "the lane goes on");
}

#[test]
fn changes_of_one_message_show_together_in_their_order() {
    let mut harness = with_two();
    harness.react("a", 1, "+1", true);
    harness.edit("a", 1, "one");
    harness.edit("a", 1, "two");
    assert_eq!(harness.shown("a", 1), "two +1:me |f |w |w");
    let (react, _) = harness.sent_change();
    harness.reacted(3, 1, true, By::Me(&react));
    let (one, _) = harness.sent_change();
    harness.edited(4, 1, "one", By::Me(&one));
    assert_eq!(harness.shown("a", 1), "two +1:me |f");
    harness.delete("a", 1);
    assert_eq!(harness.shown("a", 1), "(deleted) |f |w");
}

#[test]
fn what_others_change_meanwhile_shows_beneath() {
    let mut harness = with_two();
    harness.react("a", 1, "+1", true);
    let (id, _) = harness.sent_change();
    harness.reacted(3, 1, true, By::Other);
    assert_eq!(harness.shown("a", 1), "number 1 +1:other,me |f");
    harness.deleted(4, 1, By::Other);
    assert_eq!(harness.shown("a", 1), "(deleted) |f");
    harness.refuse(&id, ErrorCode::NoSuchMessage);
    assert_eq!(harness.shown("a", 1), "(deleted) |r");
}

/// An `ack` as an older server might send it.
fn ack_without_a_place(harness: &mut Harness, id: &RequestId) {
    let ack = Ack::done(id.clone());
    harness.receive(common::ServerFrame::Ack(Box::new(ack)));
}

#[test]
fn a_change_that_is_acked_without_a_place_shows_until_its_event() {
    let mut harness = with_two();
    let id = edit(&mut harness, "better");
    ack_without_a_place(&mut harness, &id);
    harness.hear("a", 3);
    assert_eq!(harness.shown("a", 1), "better |s");
    harness.edited(4, 1, "better", By::Me(&id));
    assert_eq!(harness.shown("a", 1), "better");
}

#[test]
fn a_change_that_is_acked_without_a_place_ends_when_it_changes_nothing() {
    let mut harness = with_two();
    harness.react("a", 1, "+1", true);
    let (id, _) = harness.sent_change();
    ack_without_a_place(&mut harness, &id);
    assert_eq!(harness.shown("a", 1), "number 1 +1:me |s");
    // Another tab of the user's said the same, and nothing more will come.
    harness.reacted(3, 1, true, By::Me(&p("of-another-tab")));
    assert_eq!(harness.shown("a", 1), "number 1 +1:me");
}

#[test]
fn a_change_that_is_acked_without_a_place_ends_with_the_replay_after_a_cut() {
    let mut harness = with_two();
    let id = edit(&mut harness, "better");
    ack_without_a_place(&mut harness, &id);
    harness.cut();
    harness.join_all(3);
    assert_eq!(harness.shown("a", 1), "better |s");
    harness.hear("a", 3);
    assert_eq!(harness.shown("a", 1), "number 1");
}

#[test]
fn a_change_that_changed_nothing_is_acked_with_the_place_of_what_said_so() {
    let mut harness = with_two();
    harness.react("a", 1, "+1", true);
    let (id, _) = harness.sent_change();
    harness.reacted(3, 1, true, By::Me(&p("of-another-tab")));
    harness.ack(&id, 3);
    assert_eq!(harness.shown("a", 1), "number 1 +1:me");
}

#[test]
fn a_change_shows_through_a_cut() {
    let mut harness = with_two();
    let id = edit(&mut harness, "better");
    harness.closed(1006);
    assert_eq!(harness.shown("a", 1), "better |w");
    harness.pass(500);
    harness.take();
    harness.welcome();
    harness.join_all(3);
    assert_eq!(harness.shown("a", 1), "better |f");
    harness.edited(3, 1, "better", By::Me(&id));
    assert_eq!(harness.shown("a", 1), "better");
}

#[test]
fn what_a_reload_left_of_changes_shows_when_its_message_comes_into_view() {
    let entry = |order: u64, target: u64, refused: Option<ErrorFrame>| OutboxEntry {
        id: p(&format!("id-{order}")),
        room: p("a"),
        order,
        action: OutboxAction::React {
            epoch: p("e1"),
            target: Seq(target),
            emoji: p("+1"),
            on: true,
        },
        refused,
    };
    let refused = ErrorFrame::new(ErrorCode::TooManyReactions, "no");
    let entries = vec![entry(1, 1, Some(refused)), entry(2, 2, None)];
    let mut harness = Harness::with(Client::restored(Config::default(), 9, entries));
    harness.open("a");
    harness.apply(Input::Start);
    harness.welcome();
    for join in harness.take() {
        let ClientFrame::Join(join) = join else {
            panic!("{join:?}")
        };
        harness.answer(&join, 2, 0, true);
    }
    assert_eq!(harness.refused_changes("a"), [1]);
    harness.echo("a", 1, &p("elsewhere"));
    harness.hear("a", 2);
    assert_eq!(harness.refused_changes("a"), [0; 0]);
    assert_eq!(harness.shown("a", 1), "number 1 |r");
    assert_eq!(harness.shown("a", 2), "number 2 +1:me |f");
}

#[test]
fn a_refused_change_is_not_folded_in_and_says_why() {
    let mut harness = with_two();
    let id = edit(&mut harness, "better");
    harness.edit("a", 1, "best");
    harness.refuse(&id, ErrorCode::TooManyChanges);
    assert_eq!(harness.shown("a", 1), "best |r |f");
    let view = harness.client.room(&p("a")).unwrap();
    let shown = view.message_view(Seq(1)).unwrap();
    let refused: Vec<_> = shown
        .refused()
        .map(|(send, why)| (send.id(), why.code))
        .collect();
    assert_eq!(refused, [(&id, ErrorCode::TooManyChanges)]);
    assert_eq!(shown.pending().unwrap().content(), Some(&p("best")));
    assert_eq!(view.refused_changes().count(), 0, "it is with its message");
}

#[test]
fn a_refused_change_of_a_message_that_left_the_view_is_listed_apart() {
    let config = Config {
        messages_max: 2,
        ..Config::default()
    };
    let mut harness = Harness::live_with(config, &["a"]);
    harness.echo("a", 1, &p("elsewhere"));
    let id = edit(&mut harness, "better");
    harness.refuse(&id, ErrorCode::TooManyChanges);
    assert_eq!(harness.refused_changes("a"), [0; 0]);
    harness.hear("a", 2);
    harness.hear("a", 3);
    assert_eq!(harness.refused_changes("a"), [1]);
    harness.apply(Input::Command(Command::Discard { id }));
    assert_eq!(harness.refused_changes("a"), [0; 0]);
}

#[test]
fn a_message_without_changes_is_the_timelines_own() {
    let mut harness = with_two();
    harness.edit("a", 1, "better");
    let view = harness.client.room(&p("a")).unwrap();
    let own: Vec<bool> = view
        .message_views()
        .zip(view.messages())
        .map(|(shown, message)| Arc::ptr_eq(&shown.message, message))
        .collect();
    assert_eq!(own, [false, true]);
    assert_eq!(view.message_views().len(), 2);
    let edited = view.message_view(Seq(1)).unwrap().message;
    assert!(edited.edited_at.is_some(), "it is marked as edited at once");
}

//! Edits, deletions and reactions on their way out: in order, repeated, kept, refused.

use crate::harness::{By, Harness, p};
use common::client::{
    Client, Command, Config, Effect, Input, OutboxAction, OutboxEntry, SendState,
};
use common::ids::{RequestId, Seq};
use common::room::{RoomAction, RoomSettings};
use common::{ClientFrame, ErrorCode, ServerFrame};

/// In a room with an own message at 1 and somebody else's at 2.
pub(crate) fn with_two() -> Harness {
    let mut harness = Harness::live(&["a"]);
    harness.echo("a", 1, &p("elsewhere"));
    harness.hear("a", 2);
    harness.take();
    harness
}

fn command(harness: &mut Harness, command: Command) {
    harness.apply(Input::Command(command));
}

#[test]
fn messages_and_changes_go_one_after_the_other() {
    let mut harness = with_two();
    harness.edit("a", 1, "better");
    harness.react("a", 2, "+1", true);
    harness.say("a", "hello");
    harness.delete("a", 1);
    let mut sent = vec![];
    for seq in [3, 4] {
        let (id, words) = harness.sent_change();
        sent.push(words);
        harness.ack(&id, seq);
    }
    let (id, words) = harness.sent_message();
    harness.ack(&id, 5);
    sent.push(words);
    sent.push(harness.sent_change().1);
    let expected = ["edit 1 better", "react 2 +1 true", "hello", "delete 1"];
    assert_eq!(sent, expected);
}

#[test]
fn what_cannot_be_changed_is_not_asked_for() {
    let mut harness = with_two();
    harness.announce(1);
    harness.receive(ServerFrame::Message(common::event::MessagePosted {
        deleted: true,
        content: None,
        ..crate::harness::message("a", 3, "me")
    }));
    harness.take();
    for (room, target) in [("a", 2), ("a", 3), ("a", 9), ("b", 1), ("$broadcast", 1)] {
        harness.edit(room, target, "x");
        harness.delete(room, target);
        if target != 2 {
            harness.react(room, target, "+1", true);
        }
    }
    let (room, target) = (p("a"), Seq(1));
    let (content, data) = (None, None);
    let nothing = Command::Edit {
        room,
        target,
        content,
        data,
    };
    command(&mut harness, nothing);
    harness.react("a", 1, "+1", false);
    assert_eq!((harness.effects.clone(), harness.take()), (vec![], vec![]));
}

#[test]
fn a_message_that_is_about_to_be_deleted_is_not_changed_any_more() {
    let mut harness = with_two();
    harness.delete("a", 1);
    harness.take();
    harness.edit("a", 1, "x");
    harness.delete("a", 1);
    harness.react("a", 1, "+1", true);
    assert_eq!(harness.effects, []);
}

#[test]
fn a_change_that_a_cut_left_unanswered_is_sent_again_with_its_id() {
    let mut harness = with_two();
    harness.edit("a", 1, "better");
    harness.delete("a", 1);
    let (id, words) = harness.sent_change();
    harness.reconnect(2);
    assert_eq!(harness.sent_change(), (id.clone(), words));
    harness.ack(&id, 3);
    assert_eq!(harness.sent_change().1, "delete 1");
}

#[test]
fn the_event_of_a_change_in_the_replay_is_as_good_as_its_ack() {
    let mut harness = with_two();
    harness.react("a", 2, "+1", true);
    harness.edit("a", 1, "better");
    let (id, _) = harness.sent_change();
    harness.reconnect(3);
    harness.take();
    harness.reacted(3, 2, true, By::Me(&id));
    assert!(harness.effects.contains(&Effect::OutboxRemove(id.clone())));
    assert_eq!(harness.sent_change().1, "edit 1 better");
    harness.ack(&id, 3);
    assert_eq!(harness.take(), []);
}

#[test]
fn a_change_that_is_refused_can_be_retried_or_discarded() {
    let mut harness = with_two();
    harness.edit("a", 1, "better");
    let (id, words) = harness.sent_change();
    harness.refuse(&id, ErrorCode::TooManyChanges);
    assert!(
        matches!(&harness.effects[..], [Effect::OutboxPut(entry), _] if entry.refused.is_some())
    );
    command(&mut harness, Command::Retry { id: id.clone() });
    assert_eq!(harness.sent_change(), (id.clone(), words));
    harness.refuse(&id, ErrorCode::TooManyChanges);
    harness.take();
    command(&mut harness, Command::Discard { id: id.clone() });
    assert!(harness.effects.contains(&Effect::OutboxRemove(id)));
    assert_eq!(harness.shown("a", 1), "number 1");
}

#[test]
fn a_change_that_is_refused_for_the_moment_holds_the_queue_up() {
    let mut harness = with_two();
    harness.edit("a", 1, "better");
    harness.delete("a", 1);
    let (id, words) = harness.sent_change();
    harness.refuse(&id, ErrorCode::StoreUnavailable);
    harness.pass(999);
    assert_eq!(harness.take(), []);
    harness.pass(1);
    assert_eq!(harness.sent_change(), (id, words));
}

/// A reaction that waits behind a message: the ids of both.
fn waiting_reaction(harness: &mut Harness) -> (RequestId, RequestId) {
    harness.say("a", "hello");
    let (message, _) = harness.sent_message();
    harness.react("a", 2, "+1", true);
    match harness.effects.as_slice() {
        [Effect::OutboxPut(entry), _] => (message, entry.id.clone()),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_reaction_that_waits_is_taken_back_without_being_sent() {
    let mut harness = with_two();
    let (message, reaction) = waiting_reaction(&mut harness);
    harness.effects.clear();
    harness.react("a", 2, "+1", false);
    assert_eq!(harness.effects[0], Effect::OutboxRemove(reaction));
    assert_eq!(harness.shown("a", 2), "number 2");
    harness.ack(&message, 3);
    assert_eq!(harness.take(), []);
}

#[test]
fn a_reaction_that_may_have_been_sent_is_taken_back_by_another() {
    let mut harness = with_two();
    harness.react("a", 2, "+1", true);
    let (id, words) = harness.sent_change();
    harness.closed(1006);
    for on in [false, true, false] {
        harness.react("a", 2, "+1", on);
    }
    assert_eq!(harness.shown("a", 2), "number 2 |w |w");
    harness.pass(500);
    harness.welcome();
    harness.join_all(2);
    assert_eq!(harness.sent_change(), (id.clone(), words));
    harness.ack(&id, 3);
    assert_eq!(harness.sent_change().1, "react 2 +1 false");
}

#[test]
fn a_change_of_another_log_is_refused_and_never_sent() {
    let mut harness = with_two();
    harness.edit("a", 1, "better");
    let (id, _) = harness.sent_change();
    harness.delete("a", 1);
    harness.cut();
    let joins = harness.take();
    assert_eq!(joins.len(), 2);
    harness.answer_with("$broadcast", "e1", 1, None);
    harness.answer_with("a", "e2", 5, None);
    let sent = |frame: &ClientFrame| !matches!(frame, ClientFrame::Join(_));
    assert!(!harness.take().iter().any(sent));
    assert_eq!(harness.refused_changes("a"), [1, 1]);
    let view = harness.client.room(&p("a")).unwrap();
    let first = view.refused_changes().next().unwrap();
    assert!(
        matches!(first.state(), SendState::Refused(e) if e.code == ErrorCode::NoSuchMessage && !e.retryable)
    );
    // Its seq is another message's now.
    harness.echo("a", 6, &p("elsewhere"));
    command(&mut harness, Command::Retry { id });
    assert_eq!(harness.take(), []);
    assert_eq!(harness.refused_changes("a"), [1, 1]);
    harness.say("a", "the lane goes on");
    harness.sent_message();
}

#[test]
fn a_change_of_what_a_log_has_lost_is_refused() {
    let mut harness = with_two();
    harness.react("a", 2, "+1", true);
    harness.edit("a", 1, "better");
    harness.cut();
    harness.take();
    harness.answer_with("$broadcast", "e1", 1, None);
    harness.answer_with("a", "e1", 1, None);
    assert_eq!(harness.sent_change().1, "edit 1 better");
    assert_eq!(harness.refused_changes("a"), [2]);
}

#[test]
fn what_a_reload_left_of_changes_is_sent_or_refused_by_its_log() {
    let (epoch, target) = (p("e1"), Seq(3));
    let entry = |order: u64, action: OutboxAction| OutboxEntry {
        id: p(&format!("id-{order}")),
        room: p("a"),
        order,
        action,
        refused: None,
    };
    let (content, data) = (Some(p("better")), None);
    let edit = OutboxAction::Edit {
        epoch,
        target,
        content,
        data,
    };
    let (epoch, emoji) = (p("e1"), p("+1"));
    let react = OutboxAction::React {
        epoch,
        target,
        emoji,
        on: true,
    };
    let epoch = p("e0");
    let entries = vec![
        entry(3, OutboxAction::Delete { epoch, target }),
        entry(2, react),
        entry(1, edit),
    ];
    let mut harness = Harness::with(Client::restored(Config::default(), 9, entries));
    harness.apply(Input::Start);
    harness.welcome();
    let [ClientFrame::Join(feed), ClientFrame::Join(join)] = &harness.take()[..] else {
        panic!("no joins")
    };
    harness.answer(feed, 0, 0, true);
    harness.answer(join, 9, 9, true);
    assert!(
        matches!(&harness.effects[..], [.., Effect::OutboxPut(entry)] if entry.refused.is_some()),
        "{:?}",
        harness.effects
    );
    for (seq, expected) in [(10, "edit 3 better"), (11, "react 3 +1 true")] {
        let (id, words) = harness.sent_change();
        assert_eq!(words, expected);
        harness.ack(&id, seq);
    }
    assert!(matches!(&harness.take()[..], [ClientFrame::Leave(_)]));
    harness.open("a");
    assert_eq!(harness.refused_changes("a"), [3]);
}

#[test]
fn who_looks_after_a_room_may_take_back_what_others_said_there() {
    let mut harness = Harness::live(&["a"]);
    harness.hear("a", 1);
    harness.delete("a", 1);
    assert_eq!(harness.take(), [], "somebody else's, for all that is known");
    harness.receive(ServerFrame::Settings(Box::new(RoomSettings {
        may: vec![RoomAction::DeleteOthers],
        ..RoomSettings::default_for(p("a"))
    })));
    harness.edit("a", 1, "other words");
    assert_eq!(harness.take(), [], "nobody puts words into another's mouth");
    harness.delete("a", 1);
    assert!(
        matches!(harness.take().as_slice(), [ClientFrame::Delete(delete)] if delete.target == Seq(1))
    );
}

#[test]
fn each_kind_of_change_is_stored_before_it_is_sent() {
    let mut harness = with_two();
    harness.edit("a", 1, "better");
    harness.react("a", 2, "+1", true);
    harness.delete("a", 1);
    let puts: Vec<&OutboxEntry> = harness
        .effects
        .iter()
        .filter_map(|effect| match effect {
            Effect::OutboxPut(entry) => Some(entry),
            _ => None,
        })
        .collect();
    assert_eq!(puts.len(), 3);
    for entry in puts {
        let (epoch, _) = entry.action.target().unwrap();
        assert_eq!(epoch, &p("e1"));
        let json = serde_json::to_string(entry).unwrap();
        assert_eq!(&serde_json::from_str::<OutboxEntry>(&json).unwrap(), entry);
    }
    assert_eq!(harness.client.unsent(), 3);
}

#[test]
fn a_change_for_which_there_is_no_room_gives_the_command_back() {
    let config = Config {
        outbox_max: 1,
        ..Config::default()
    };
    let mut harness = Harness::live_with(config, &["a"]);
    harness.echo("a", 1, &p("elsewhere"));
    harness.edit("a", 1, "better");
    harness.take();
    let (room, target) = (p("a"), Seq(1));
    let command = Command::Delete { room, target };
    harness.apply(Input::Command(command.clone()));
    assert_eq!(harness.effects, [Effect::CommandRejected(command)]);
}

#[test]
fn what_another_tab_has_settled_is_dropped_without_a_word_to_the_storage() {
    let mut harness = with_two();
    let (message, reaction) = waiting_reaction(&mut harness);
    harness.effects.clear();
    harness.apply(Input::RemovedElsewhere { id: reaction });
    assert!(
        harness
            .effects
            .iter()
            .all(|effect| matches!(effect, Effect::Changed(_)))
    );
    assert_eq!(
        (harness.shown("a", 1), harness.shown("a", 2)),
        ("number 1".into(), "number 2".into())
    );
    harness.apply(Input::RemovedElsewhere {
        id: message.clone(),
    });
    assert_eq!(harness.pending("a"), ["hello:f"], "its answer will come");
    harness.ack(&message, 3);
    harness.echo("a", 3, &message);
    assert_eq!(harness.pending("a"), [""; 0]);
    assert_eq!(harness.take(), []);
}

#[test]
fn what_another_tab_has_settled_is_not_sent_again_after_a_cut_or_a_refusal() {
    for cut in [true, false] {
        let mut harness = with_two();
        harness.say("a", "hello");
        let (id, _) = harness.sent_message();
        harness.apply(Input::RemovedElsewhere { id: id.clone() });
        if cut {
            harness.reconnect(2);
        } else {
            harness.refuse(&id, ErrorCode::StoreUnavailable);
            harness.pass(1000);
        }
        assert_eq!(harness.take(), []);
        assert_eq!(harness.pending("a"), [""; 0]);
        harness.echo("a", 3, &id);
        assert_eq!(harness.seqs("a"), [1, 2, 3]);
    }
}

/// The other tab's removal and this tab's refusal crossed: the storage has the entry again.
#[test]
fn what_was_stored_once_more_before_another_tab_was_heard_is_removed_again() {
    for retried in [false, true] {
        let mut harness = with_two();
        harness.edit("a", 1, "better");
        let (edit, _) = harness.sent_change();
        harness.refuse(&edit, ErrorCode::TooManyChanges);
        if retried {
            harness.apply(Input::Command(Command::Retry { id: edit.clone() }));
        }
        harness.effects.clear();
        harness.apply(Input::RemovedElsewhere { id: edit.clone() });
        assert_eq!(harness.effects.first(), Some(&Effect::OutboxRemove(edit)));
        assert_eq!(
            harness.shown("a", 1),
            if retried { "better |f" } else { "number 1" },
            "what is in flight is waited for"
        );
    }
}

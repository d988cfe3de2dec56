//! Edits, deletions and reactions on their way out: in order, repeated, kept, refused.

use crate::bench::{Bench, By, p};
use common::client::{Action, Client, Command, Config, Effect, Input, OutboxEntry, SendState};
use common::ids::{RequestId, Seq};
use common::room::{RoomAction, RoomSettings};
use common::{ClientFrame, ErrorCode, ServerFrame};

/// In a room with an own message at 1 and somebody else's at 2.
pub(crate) fn with_two() -> Bench {
    let mut bench = Bench::live(&["a"]);
    bench.echo("a", 1, &p("elsewhere"));
    bench.hear("a", 2);
    bench.take();
    bench
}

fn command(bench: &mut Bench, command: Command) {
    bench.apply(Input::Command(command));
}

#[test]
fn messages_and_changes_go_one_after_the_other() {
    let mut bench = with_two();
    bench.edit("a", 1, "better");
    bench.react("a", 2, "+1", true);
    bench.say("a", "hello");
    bench.delete("a", 1);
    let mut sent = vec![];
    for seq in [3, 4] {
        let (id, words) = bench.sent_change();
        sent.push(words);
        bench.ack(&id, seq);
    }
    let (id, words) = bench.sent_message();
    bench.ack(&id, 5);
    sent.push(words);
    sent.push(bench.sent_change().1);
    let expected = ["edit 1 better", "react 2 +1 true", "hello", "delete 1"];
    assert_eq!(sent, expected);
}

#[test]
fn what_cannot_be_changed_is_not_asked_for() {
    let mut bench = with_two();
    bench.announce(1);
    bench.receive(ServerFrame::Message(common::event::MessagePosted {
        deleted: true,
        content: None,
        ..crate::bench::message("a", 3, "me")
    }));
    bench.take();
    for (room, target) in [("a", 2), ("a", 3), ("a", 9), ("b", 1), ("$broadcast", 1)] {
        bench.edit(room, target, "x");
        bench.delete(room, target);
        if target != 2 {
            bench.react(room, target, "+1", true);
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
    command(&mut bench, nothing);
    bench.react("a", 1, "+1", false);
    assert_eq!((bench.effects.clone(), bench.take()), (vec![], vec![]));
}

#[test]
fn a_message_that_is_about_to_be_deleted_is_not_changed_any_more() {
    let mut bench = with_two();
    bench.delete("a", 1);
    bench.take();
    bench.edit("a", 1, "x");
    bench.delete("a", 1);
    bench.react("a", 1, "+1", true);
    assert_eq!(bench.effects, []);
}

#[test]
fn a_change_that_a_cut_left_unanswered_is_sent_again_with_its_id() {
    let mut bench = with_two();
    bench.edit("a", 1, "better");
    bench.delete("a", 1);
    let (id, words) = bench.sent_change();
    bench.reconnect(2);
    assert_eq!(bench.sent_change(), (id.clone(), words));
    bench.ack(&id, 3);
    assert_eq!(bench.sent_change().1, "delete 1");
}

#[test]
fn the_event_of_a_change_in_the_replay_is_as_good_as_its_ack() {
    let mut bench = with_two();
    bench.react("a", 2, "+1", true);
    bench.edit("a", 1, "better");
    let (id, _) = bench.sent_change();
    bench.reconnect(3);
    bench.take();
    bench.reacted(3, 2, true, By::Me(&id));
    assert!(bench.effects.contains(&Effect::OutboxRemove(id.clone())));
    assert_eq!(bench.sent_change().1, "edit 1 better");
    bench.ack(&id, 3);
    assert_eq!(bench.take(), []);
}

#[test]
fn a_change_that_is_refused_can_be_retried_or_discarded() {
    let mut bench = with_two();
    bench.edit("a", 1, "better");
    let (id, words) = bench.sent_change();
    bench.refuse(&id, ErrorCode::TooManyChanges);
    assert!(matches!(&bench.effects[..], [Effect::OutboxPut(entry), _] if entry.refused.is_some()));
    command(&mut bench, Command::Retry { id: id.clone() });
    assert_eq!(bench.sent_change(), (id.clone(), words));
    bench.refuse(&id, ErrorCode::TooManyChanges);
    bench.take();
    command(&mut bench, Command::Discard { id: id.clone() });
    assert!(bench.effects.contains(&Effect::OutboxRemove(id)));
    assert_eq!(bench.shown("a", 1), "number 1");
}

#[test]
fn a_change_that_is_refused_for_the_moment_holds_the_lane_up() {
    let mut bench = with_two();
    bench.edit("a", 1, "better");
    bench.delete("a", 1);
    let (id, words) = bench.sent_change();
    bench.refuse(&id, ErrorCode::StoreUnavailable);
    bench.pass(999);
    assert_eq!(bench.take(), []);
    bench.pass(1);
    assert_eq!(bench.sent_change(), (id, words));
}

/// A reaction that waits behind a message: the ids of both.
fn waiting_reaction(bench: &mut Bench) -> (RequestId, RequestId) {
    bench.say("a", "hello");
    let (message, _) = bench.sent_message();
    bench.react("a", 2, "+1", true);
    match bench.effects.as_slice() {
        [Effect::OutboxPut(entry), _] => (message, entry.id.clone()),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_reaction_that_waits_is_taken_back_without_being_sent() {
    let mut bench = with_two();
    let (message, reaction) = waiting_reaction(&mut bench);
    bench.effects.clear();
    bench.react("a", 2, "+1", false);
    assert_eq!(bench.effects[0], Effect::OutboxRemove(reaction));
    assert_eq!(bench.shown("a", 2), "number 2");
    bench.ack(&message, 3);
    assert_eq!(bench.take(), []);
}

#[test]
fn a_reaction_that_may_have_been_sent_is_taken_back_by_another() {
    let mut bench = with_two();
    bench.react("a", 2, "+1", true);
    let (id, words) = bench.sent_change();
    bench.closed(1006);
    for on in [false, true, false] {
        bench.react("a", 2, "+1", on);
    }
    assert_eq!(bench.shown("a", 2), "number 2 |w |w");
    bench.pass(500);
    bench.welcome();
    bench.join_all(2);
    assert_eq!(bench.sent_change(), (id.clone(), words));
    bench.ack(&id, 3);
    assert_eq!(bench.sent_change().1, "react 2 +1 false");
}

#[test]
fn a_change_of_another_log_is_refused_and_never_sent() {
    let mut bench = with_two();
    bench.edit("a", 1, "better");
    let (id, _) = bench.sent_change();
    bench.delete("a", 1);
    bench.cut();
    let joins = bench.take();
    assert_eq!(joins.len(), 2);
    bench.answer_with("$broadcast", "e1", 1, None);
    bench.answer_with("a", "e2", 5, None);
    let sent = |frame: &ClientFrame| !matches!(frame, ClientFrame::Join(_));
    assert!(!bench.take().iter().any(sent));
    assert_eq!(bench.refused_changes("a"), [1, 1]);
    let view = bench.client.room(&p("a")).unwrap();
    let first = view.refused_changes().next().unwrap();
    assert!(
        matches!(first.state(), SendState::Refused(e) if e.code == ErrorCode::NoSuchMessage && !e.retryable)
    );
    // Its seq is another message's now.
    bench.echo("a", 6, &p("elsewhere"));
    command(&mut bench, Command::Retry { id });
    assert_eq!(bench.take(), []);
    assert_eq!(bench.refused_changes("a"), [1, 1]);
    bench.say("a", "the lane goes on");
    bench.sent_message();
}

#[test]
fn a_change_of_what_a_log_has_lost_is_refused() {
    let mut bench = with_two();
    bench.react("a", 2, "+1", true);
    bench.edit("a", 1, "better");
    bench.cut();
    bench.take();
    bench.answer_with("$broadcast", "e1", 1, None);
    bench.answer_with("a", "e1", 1, None);
    assert_eq!(bench.sent_change().1, "edit 1 better");
    assert_eq!(bench.refused_changes("a"), [2]);
}

#[test]
fn what_a_reload_left_of_changes_is_sent_or_refused_by_its_log() {
    let (epoch, target) = (p("e1"), Seq(3));
    let entry = |order: u64, action: Action| OutboxEntry {
        id: p(&format!("id-{order}")),
        room: p("a"),
        order,
        action,
        refused: None,
    };
    let (content, data) = (Some(p("better")), None);
    let edit = Action::Edit {
        epoch,
        target,
        content,
        data,
    };
    let (epoch, emoji) = (p("e1"), p("+1"));
    let react = Action::React {
        epoch,
        target,
        emoji,
        on: true,
    };
    let epoch = p("e0");
    let entries = vec![
        entry(3, Action::Delete { epoch, target }),
        entry(2, react),
        entry(1, edit),
    ];
    let mut bench = Bench::with(Client::restored(Config::default(), 9, entries));
    bench.apply(Input::Start);
    bench.welcome();
    let [ClientFrame::Join(feed), ClientFrame::Join(join)] = &bench.take()[..] else {
        panic!("no joins")
    };
    bench.answer(feed, 0, 0, true);
    bench.answer(join, 9, 9, true);
    assert!(
        matches!(&bench.effects[..], [.., Effect::OutboxPut(entry)] if entry.refused.is_some()),
        "{:?}",
        bench.effects
    );
    for (seq, expected) in [(10, "edit 3 better"), (11, "react 3 +1 true")] {
        let (id, words) = bench.sent_change();
        assert_eq!(words, expected);
        bench.ack(&id, seq);
    }
    assert!(matches!(&bench.take()[..], [ClientFrame::Leave(_)]));
    bench.open("a");
    assert_eq!(bench.refused_changes("a"), [3]);
}

#[test]
fn who_looks_after_a_room_may_take_back_what_others_said_there() {
    let mut bench = Bench::live(&["a"]);
    bench.hear("a", 1);
    bench.delete("a", 1);
    assert_eq!(bench.take(), [], "somebody else's, for all that is known");
    bench.receive(ServerFrame::Settings(Box::new(RoomSettings {
        may: vec![RoomAction::DeleteOthers],
        ..RoomSettings::plain(p("a"))
    })));
    bench.edit("a", 1, "other words");
    assert_eq!(bench.take(), [], "nobody puts words into another's mouth");
    bench.delete("a", 1);
    assert!(
        matches!(bench.take().as_slice(), [ClientFrame::Delete(delete)] if delete.target == Seq(1))
    );
}

#[test]
fn each_kind_of_change_is_stored_before_it_is_sent() {
    let mut bench = with_two();
    bench.edit("a", 1, "better");
    bench.react("a", 2, "+1", true);
    bench.delete("a", 1);
    let puts: Vec<&OutboxEntry> = bench
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
    assert_eq!(bench.client.unsent(), 3);
}

#[test]
fn a_change_for_which_there_is_no_room_gives_the_command_back() {
    let config = Config {
        outbox_max: 1,
        ..Config::default()
    };
    let mut bench = Bench::live_with(config, &["a"]);
    bench.echo("a", 1, &p("elsewhere"));
    bench.edit("a", 1, "better");
    bench.take();
    let (room, target) = (p("a"), Seq(1));
    let command = Command::Delete { room, target };
    bench.apply(Input::Command(command.clone()));
    assert_eq!(bench.effects, [Effect::NotTaken(command)]);
}

#[test]
fn what_another_tab_has_settled_is_dropped_without_a_word_to_the_storage() {
    let mut bench = with_two();
    let (message, reaction) = waiting_reaction(&mut bench);
    bench.effects.clear();
    bench.apply(Input::Forgotten { id: reaction });
    assert!(
        bench
            .effects
            .iter()
            .all(|effect| matches!(effect, Effect::Changed(_)))
    );
    assert_eq!(
        (bench.shown("a", 1), bench.shown("a", 2)),
        ("number 1".into(), "number 2".into())
    );
    bench.apply(Input::Forgotten {
        id: message.clone(),
    });
    assert_eq!(bench.pending("a"), ["hello:f"], "its answer will come");
    bench.ack(&message, 3);
    bench.echo("a", 3, &message);
    assert_eq!(bench.pending("a"), [""; 0]);
    assert_eq!(bench.take(), []);
}

#[test]
fn what_another_tab_has_settled_is_not_sent_again_after_a_cut_or_a_refusal() {
    for cut in [true, false] {
        let mut bench = with_two();
        bench.say("a", "hello");
        let (id, _) = bench.sent_message();
        bench.apply(Input::Forgotten { id: id.clone() });
        if cut {
            bench.reconnect(2);
        } else {
            bench.refuse(&id, ErrorCode::StoreUnavailable);
            bench.pass(1000);
        }
        assert_eq!(bench.take(), []);
        assert_eq!(bench.pending("a"), [""; 0]);
        bench.echo("a", 3, &id);
        assert_eq!(bench.seqs("a"), [1, 2, 3]);
    }
}

/// The other tab's removal and this tab's refusal crossed: the storage has the entry again.
#[test]
fn what_was_stored_once_more_before_another_tab_was_heard_is_removed_again() {
    for retried in [false, true] {
        let mut bench = with_two();
        bench.edit("a", 1, "better");
        let (edit, _) = bench.sent_change();
        bench.refuse(&edit, ErrorCode::TooManyChanges);
        if retried {
            bench.apply(Input::Command(Command::Retry { id: edit.clone() }));
        }
        bench.effects.clear();
        bench.apply(Input::Forgotten { id: edit.clone() });
        assert_eq!(bench.effects.first(), Some(&Effect::OutboxRemove(edit)));
        assert_eq!(
            bench.shown("a", 1),
            if retried { "better |f" } else { "number 1" },
            "what is in flight is waited for"
        );
    }
}

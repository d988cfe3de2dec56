//! What is unsent outlives the connection, the room's view and the page.

use crate::harness::{Harness, p};
use common::client::{
    Change, Client, Command, Config, Effect, Input, OutboxAction, OutboxEntry, RoomPart, Status,
};
use common::ids::Seq;
use common::{ClientFrame, ErrorCode};

fn entry(room: &str, order: u64, content: &str) -> OutboxEntry {
    OutboxEntry {
        id: p(&format!("id-{order}")),
        room: p(room),
        order,
        action: OutboxAction::Message {
            content: Some(p(content)),
            data: None,
        },
        refused: None,
    }
}

#[test]
fn a_send_is_stored_before_it_is_sent_and_removed_when_the_server_has_it() {
    let mut harness = Harness::live(&["a"]);
    harness.say("a", "one");
    let stored = harness.effects.clone();
    let (id, _) = harness.sent_message();
    let [Effect::OutboxPut(entry), Effect::Changed(change)] = stored.as_slice() else {
        panic!("{stored:?}")
    };
    assert_eq!((&entry.id, entry.room.as_str()), (&id, "a"));
    let (room, part) = (p("a"), RoomPart::Pending);
    assert_eq!(*change, Change::Room { room, part });
    harness.ack(&id, 1);
    let stored = Effect::Stored {
        id: id.clone(),
        seq: Some(Seq(1)),
    };
    assert!(
        harness
            .effects
            .starts_with(&[stored, Effect::OutboxRemove(id.clone())])
    );
    harness.effects.clear();
    harness.echo("a", 1, &id);
    assert!(
        !harness.effects.contains(&Effect::OutboxRemove(id)),
        "once is enough"
    );
}

#[test]
fn an_effect_to_store_comes_before_the_one_to_send() {
    let mut client = Harness::live(&["a"]).client;
    let send = Command::Send {
        room: p("a"),
        content: Some(p("x")),
        data: None,
    };
    let effects = client.apply(Input::Command(send), common::client::Millis(1_000_000));
    let put = effects
        .iter()
        .position(|effect| matches!(effect, Effect::OutboxPut(_)));
    let send = effects
        .iter()
        .position(|effect| matches!(effect, Effect::Send(_)));
    assert!(put.is_some() && put < send, "{effects:?}");
}

#[test]
fn what_was_refused_is_stored_so_and_stored_anew_when_retried() {
    let mut harness = Harness::live(&["a"]);
    harness.say("a", "one");
    let (id, _) = harness.sent_message();
    harness.refuse(&id, ErrorCode::MessageTooLarge);
    assert!(
        matches!(&harness.effects[..], [Effect::OutboxPut(entry), _] if entry.refused.is_some())
    );
    harness.effects.clear();
    harness.apply(Input::Command(Command::Retry { id }));
    assert!(
        matches!(&harness.effects[..], [Effect::OutboxPut(entry), _] if entry.refused.is_none())
    );
}

#[test]
fn what_a_reload_left_unsent_is_sent_in_its_order_without_the_room_being_opened() {
    let entries = vec![entry("a", 8, "two"), entry("a", 3, "one")];
    let mut harness = Harness::with(Client::restored(Config::default(), 9, entries));
    assert_eq!(harness.client.unsent(), 2);
    harness.apply(Input::Start);
    harness.welcome();
    harness.join_all(0);
    assert_eq!(
        harness.client.rooms().count(),
        0,
        "a room joined for this is shown to nobody"
    );
    for (seq, expected) in [(1, "one"), (2, "two")] {
        let (id, text) = harness.sent_message();
        assert_eq!(text, expected);
        harness.ack(&id, seq);
    }
    assert!(
        matches!(&harness.take()[..], [ClientFrame::Leave(_)]),
        "its work is done"
    );
    assert_eq!(harness.client.unsent(), 0);
    assert_eq!(harness.status(), Status::Live);
}

#[test]
fn what_is_restored_is_shown_when_its_room_is_opened() {
    let refused = common::ErrorFrame::new(ErrorCode::MessageTooLarge, "too large");
    let refused = OutboxEntry {
        refused: Some(refused),
        ..entry("a", 1, "no")
    };
    let entries = vec![refused, entry("a", 2, "yes")];
    let mut harness = Harness::with(Client::restored(Config::default(), 9, entries));
    harness.open("a");
    assert_eq!(harness.pending("a"), ["no:r", "yes:w"]);
    assert_eq!(harness.client.unsent(), 1);
    harness.say("a", "later");
    assert_eq!(harness.pending("a"), ["no:r", "yes:w", "later:w"]);
}

#[test]
fn what_is_written_offline_is_sent_when_there_is_a_connection() {
    let mut harness = Harness::new();
    harness.open("a");
    harness.say("a", "one");
    harness.say("a", "two");
    assert_eq!(harness.pending("a"), ["one:w", "two:w"]);
    harness.apply(Input::Start);
    harness.welcome();
    harness.join_all(0);
    let (id, text) = harness.sent_message();
    assert_eq!(text, "one");
    harness.ack(&id, 1);
    assert_eq!(harness.sent_message().1, "two");
}

#[test]
fn a_room_that_is_closed_with_something_unsent_is_left_when_it_is_sent() {
    let mut harness = Harness::live(&["a"]);
    harness.say("a", "one");
    harness.say("a", "two");
    let (one, _) = harness.sent_message();
    harness.close("a");
    assert!(harness.client.room(&p("a")).is_none());
    assert_eq!(harness.take(), []);
    harness.ack(&one, 1);
    let (two, _) = harness.sent_message();
    harness.ack(&two, 2);
    assert!(matches!(&harness.take()[..], [ClientFrame::Leave(_)]));
    harness.open("a");
    assert_eq!(harness.pending("a"), [""; 0]);
}

#[test]
fn an_outbox_that_is_full_gives_the_words_back() {
    let config = Config {
        outbox_max: 2,
        ..Config::default()
    };
    let mut harness = Harness::with(Client::new(config, 1));
    harness.open("a");
    harness.say("a", "one");
    harness.say("a", "two");
    harness.effects.clear();
    harness.say("a", "three");
    let command = Command::Send {
        room: p("a"),
        content: Some(p("three")),
        data: None,
    };
    assert_eq!(harness.effects, [Effect::CommandRejected(command)]);
    assert_eq!(harness.pending("a"), ["one:w", "two:w"]);
    harness.say("b", "elsewhere there is room");
    assert_eq!(harness.client.unsent(), 3);
}

#[test]
fn an_entry_is_stored_as_json_and_read_back() {
    let refused = common::ErrorFrame::new(ErrorCode::Overloaded, "busy");
    let plain = entry("a", 1, "x");
    for entry in [
        OutboxEntry {
            refused: Some(refused),
            ..plain.clone()
        },
        plain,
    ] {
        let json = serde_json::to_string(&entry).unwrap();
        assert_eq!(serde_json::from_str::<OutboxEntry>(&json).unwrap(), entry);
    }
}

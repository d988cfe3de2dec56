//! The timeline over a real client core.

use crate::support::{FakeServer, Stage, forget_all, general, message, settle};
use common::client::Command;
use common::time::Timestamp;
use common::{ClientFrame, ErrorCode, ServerFrame};
use frontend::components::room::member_panel::MemberPanel;
use frontend::components::timeline::Timeline;
use frontend::platform::clock;
use frontend::state::hub::Hub;
use leptos::prelude::*;
use wasm_bindgen_test::wasm_bindgen_test;

const DAY_MS: u64 = 24 * 60 * 60 * 1000;

async fn timeline() -> (Stage, FakeServer) {
    forget_all();
    let (stage, server) =
        Stage::signed_in(|| view! { <Timeline room=general() /> <Speaker /> }.into_any());
    settle().await;
    (stage, server)
}

/// Says something from inside the page, as the composer does.
#[component]
fn Speaker() -> impl IntoView {
    let hub = expect_context::<Hub>();
    let say = move |_| {
        let content = "mine".parse().ok();
        hub.send(Command::Send {
            room: general(),
            content,
            data: None,
        });
    };
    view! { <button class="say" on:click=say></button> }
}

fn posted(server: &FakeServer, seq: u64, from: &str, text: &str, at: Timestamp) {
    server.say(ServerFrame::Message(message(seq, from, text, at)));
}

#[wasm_bindgen_test]
async fn a_room_on_its_way_shows_a_skeleton_and_an_empty_one_invites() {
    let (stage, server) = timeline().await;
    assert_eq!(stage.all(".skeleton").len(), 1);
    server.welcome();
    settle().await;
    assert_eq!(stage.all(".skeleton").len(), 0);
    assert!(
        stage
            .texts(".beginning p")
            .concat()
            .contains("No messages yet")
    );
    assert_eq!(
        stage
            .one(".timeline")
            .get_attribute("data-state")
            .as_deref(),
        Some("live")
    );
}

#[wasm_bindgen_test]
async fn messages_are_grouped_under_their_author_and_their_day() {
    let (stage, server) = timeline().await;
    server.welcome();
    let now = clock::timestamp();
    let earlier = |ms| Timestamp(now.0 - ms);
    posted(&server, 1, "Bob", "long ago", earlier(30 * DAY_MS));
    posted(&server, 2, "Bob", "yesterday", earlier(DAY_MS));
    posted(&server, 3, "Bob", "now", now);
    posted(&server, 4, "Bob", "and on", now);
    posted(&server, 5, "Cleo", "hello", now);
    settle().await;
    let days = stage.texts(".day-line:not(.new-line)");
    assert_eq!(days.len(), 3);
    assert_eq!(days[1..], ["Yesterday", "Today"]);
    let leads: Vec<_> = stage
        .all(".message")
        .iter()
        .map(|e| e.get_attribute("data-lead").unwrap())
        .collect();
    assert_eq!(leads, ["true", "true", "true", "false", "true"]);
    assert_eq!(
        stage.texts(".message-head .author"),
        ["Bob", "Bob", "Bob", "Cleo"]
    );
    let seqs: Vec<_> = stage
        .all(".message")
        .iter()
        .map(|e| e.get_attribute("data-seq").unwrap())
        .collect();
    assert_eq!(seqs, ["1", "2", "3", "4", "5"]);
}

#[wasm_bindgen_test]
async fn an_own_message_shows_at_once_and_becomes_part_of_the_log() {
    let (stage, server) = timeline().await;
    server.welcome();
    stage.click(".say").await;
    assert_eq!(
        stage.texts(".message[data-state=pending] .rich-text"),
        ["mine"]
    );
    assert_eq!(stage.texts(".message-state"), ["Sending"]);
    let sent = server.answer_joins();
    let [ClientFrame::Message(post)] = &sent[..] else {
        panic!("one message was sent, not {sent:?}");
    };
    let mut stored = message(1, "Ada", "mine", clock::timestamp());
    stored.id = post.id.clone();
    server.say(ServerFrame::Message(stored));
    settle().await;
    assert_eq!(stage.all(".message[data-state]").len(), 0);
    assert_eq!(stage.texts(".message[data-seq] .rich-text"), ["mine"]);
}

#[wasm_bindgen_test]
async fn a_refused_message_says_why_and_offers_two_ways_out() {
    let (stage, server) = timeline().await;
    server.welcome();
    stage.click(".say").await;
    let sent = server.answer_joins();
    server.refuse(&sent[0], ErrorCode::MessageTooLarge, "it is too long");
    settle().await;
    let state = stage
        .texts(".message[data-state=refused] .message-state")
        .concat();
    assert!(state.contains("Not sent. It is too long."), "{state}");

    stage.click(".retry").await;
    assert_eq!(stage.all(".message[data-state=pending]").len(), 1);
    let again = server.heard();
    assert_eq!(again.len(), 1, "{again:?}");
    server.refuse(&again[0], ErrorCode::MessageTooLarge, "it is too long");
    settle().await;
    stage.click(".discard").await;
    assert_eq!(stage.all(".message").len(), 0);
}

#[wasm_bindgen_test]
async fn the_reader_comes_first_among_the_people() {
    forget_all();
    let (stage, server) = Stage::signed_in(|| view! { <MemberPanel room=general() /> }.into_any());
    server.welcome();
    server.say_text(
        r#"{"type":"presence","room":"general","count":3,"users":[
            {"id":"u-aaron","name":"Aaron"},{"id":"u-ada","name":"Ada"},{"id":"u-bob","name":"Bob"}]}"#,
    );
    settle().await;
    assert_eq!(stage.texts(".person .name"), ["Ada", "Aaron", "Bob"]);
    assert_eq!(stage.texts(".person .you").len(), 1);
    server.say_text(r#"{"type":"presence","room":"general","count":5000}"#);
    settle().await;
    assert_eq!(stage.all(".person").len(), 0);
    assert_eq!(
        stage.one(".people").get_attribute("data-count").as_deref(),
        Some("5000")
    );
}

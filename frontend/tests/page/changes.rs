//! What a row does while its message is changed, and when the server will not have a change.

use crate::support::{
    FakeServer, Stage, fill, forget_all, general, message, press_enter, settle, value,
};
use common::client::Command;
use common::ids::Seq;
use common::{ClientFrame, ErrorCode, ServerFrame};
use frontend::components::composer::Composer;
use frontend::components::timeline::Timeline;
use frontend::components::timeline::unplaced_changes::UnplacedChanges;
use frontend::platform::clock;
use frontend::state::hub::Hub;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use wasm_bindgen_test::wasm_bindgen_test;
use web_sys::{Element, HtmlElement};

/// A room with a message of Bob's and one of the reader's.
async fn room() -> (Stage, FakeServer) {
    forget_all();
    let (stage, server) = Stage::signed_in(|| {
        view! {
            <Timeline room=general() />
            <UnplacedChanges />
            <Composer room=general() />
            <Deleter />
        }
        .into_any()
    });
    server.welcome();
    let now = clock::timestamp();
    server.say(ServerFrame::Message(message(1, "Bob", "his", now)));
    server.say(ServerFrame::Message(message(2, "Ada", "mine", now)));
    settle().await;
    server.answer_joins();
    (stage, server)
}

/// Deletes the reader's message, as its toolbar does.
#[component]
fn Deleter() -> impl IntoView {
    let hub = expect_context::<Hub>();
    let delete = move |_| {
        hub.send(Command::Delete {
            room: general(),
            target: Seq(2),
        });
    };
    view! { <button class="take-back" on:click=delete></button> }
}

/// The one frame the page has sent, read markers aside.
fn sent(server: &FakeServer) -> ClientFrame {
    let mut frames = server.heard();
    frames.retain(|frame| !matches!(frame, ClientFrame::Read(_)));
    assert_eq!(frames.len(), 1, "{frames:?}");
    frames.remove(0)
}

async fn open_menu(stage: &Stage, seq: u64) {
    stage
        .click(&format!(".message[data-seq='{seq}'] .more"))
        .await;
}

/// Edits the reader's message, and gives the frame that asks for it.
async fn edit(stage: &Stage, server: &FakeServer, words: &str) -> ClientFrame {
    open_menu(stage, 2).await;
    stage.click(".toolbar .edit").await;
    let field = stage.one(".edit-form textarea");
    assert_eq!(value(&field), "mine");
    fill(&field, words).await;
    press_enter(&field, false, false).await;
    sent(server)
}

fn focused() -> Option<Element> {
    web_sys::window()?.document()?.active_element()
}

#[wasm_bindgen_test]
async fn a_pending_edit_shows_in_its_place_and_a_refused_one_keeps_its_words() {
    let (stage, server) = room().await;
    let frame = edit(&stage, &server, "mended").await;
    assert_eq!(stage.texts(".rich-text"), ["his", "mended"]);
    assert_eq!(stage.all(".message[data-changing=true]").len(), 1);
    assert_eq!(stage.texts(".message-state"), ["Saving"]);

    server.refuse(
        &frame,
        ErrorCode::TooManyChanges,
        "it was changed too often",
    );
    settle().await;
    assert_eq!(stage.texts(".rich-text"), ["his", "mine"]);
    assert_eq!(stage.texts(".message .refused-words"), ["mended"]);
    let why = stage.texts(".refused-change .message-state").concat();
    assert!(
        why.contains("Not edited.") && why.contains("It was changed too often."),
        "{why}"
    );

    stage.click(".refused-change .retry").await;
    assert_eq!(stage.texts(".rich-text"), ["his", "mended"]);
    server.refuse(
        &sent(&server),
        ErrorCode::TooManyChanges,
        "it was changed too often",
    );
    settle().await;
    stage.click(".refused-change .discard").await;
    assert_eq!(stage.all(".refused-change").len(), 0);
    assert_eq!(stage.texts(".rich-text"), ["his", "mine"]);
}

#[wasm_bindgen_test]
async fn an_edit_that_changes_nothing_sends_nothing_and_too_long_a_one_is_kept() {
    let (stage, server) = room().await;
    for (words, is_open) in [("mine", false), (&*"x".repeat(16 * 1024 + 1), true)] {
        open_menu(&stage, 2).await;
        stage.click(".toolbar .edit").await;
        let field = stage.one(".edit-form textarea");
        fill(&field, words).await;
        press_enter(&field, false, false).await;
        assert!(server.heard().is_empty());
        assert_eq!(stage.all(".edit-form").len() == 1, is_open);
    }
    assert_eq!(stage.all(".edit-note[data-kind=error]").len(), 1);
    // To begin another edit would lose this one: it is led to instead.
    open_menu(&stage, 1).await;
    assert_eq!(
        stage.all(".toolbar .edit").len(),
        0,
        "Bob's is not hers to edit"
    );
    stage.click(".cancel-edit").await;
    assert_eq!(stage.all(".edit-form").len(), 0);
}

#[wasm_bindgen_test]
async fn a_refused_deletion_of_what_is_gone_goes_without_a_word() {
    let (stage, server) = room().await;
    stage.click(".take-back").await;
    assert_eq!(stage.all(".message[data-seq='2'] .deleted").len(), 1);
    let frame = sent(&server);
    server.refuse(&frame, ErrorCode::NoSuchMessage, "it is gone");
    settle().await;
    // As long as the log has it, there is something to decide.
    assert_eq!(stage.all(".message[data-seq='2'] .refused-change").len(), 1);
    let now = clock::timestamp();
    server.say_text(&format!(
        r#"{{"type":"deleted","room":"general","seq":3,"target":2,"from":"Ada",
            "user":"u-ada","timestamp":"{now}"}}"#
    ));
    settle().await;
    settle().await;
    assert_eq!(stage.all(".message[data-seq='2'] .deleted").len(), 1);
    assert_eq!(stage.all(".refused-change").len(), 0);
}

#[wasm_bindgen_test]
async fn a_chip_keeps_the_keyboard_and_names_who_reacted() {
    let (stage, server) = room().await;
    let now = clock::timestamp();
    let react = |seq: u64, user: &str, name: &str, on: bool| {
        server.say_text(&format!(
            r#"{{"type":"reacted","room":"general","seq":{seq},"target":1,"from":"{name}",
                "user":"{user}","emoji":"🎉","on":{on},"timestamp":"{now}"}}"#
        ));
    };
    react(3, "u-bob", "Bob", true);
    settle().await;
    let chip = stage.one(".reaction");
    chip.clone()
        .unchecked_into::<HtmlElement>()
        .focus()
        .unwrap();
    react(4, "u-cleo", "Cleo", true);
    settle().await;
    assert_eq!(focused().as_ref(), Some(&chip));
    assert_eq!(
        chip.get_attribute("title").as_deref(),
        Some("Bob and somebody")
    );

    stage.click(".reaction").await;
    let ClientFrame::React(frame) = sent(&server) else {
        panic!("a reaction was sent");
    };
    assert!(frame.on && frame.emoji.as_str() == "🎉");
    let attribute = |name| chip.get_attribute(name);
    assert_eq!(attribute("aria-pressed").as_deref(), Some("true"));
    assert_eq!(attribute("data-state").as_deref(), Some("pending"));
    assert_eq!(
        attribute("aria-label").as_deref(),
        Some("🎉 3: You, Bob and somebody")
    );
}

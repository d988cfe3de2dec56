//! What the page makes of what holds in a room, and of being put out of one.

use crate::support::{
    FakeServer, Stage, fill, forget_all, general, message, press_enter, settle, value,
};
use common::client::Command;
use common::text::RoomName;
use common::{ClientFrame, ServerFrame};
use frontend::components::room::about::RoomAbout;
use frontend::components::room::header::RoomHeader;
use frontend::components::sidebar::Sidebar;
use frontend::pages::room::RoomPage;
use frontend::platform::clock;
use frontend::state::hub::Hub;
use frontend::state::ui::RoomLeaf;
use leptos::prelude::*;
use wasm_bindgen_test::wasm_bindgen_test;

/// The reader's page of the room, joined, with a message of Bob's.
async fn room() -> (Stage, FakeServer) {
    forget_all();
    let (stage, server) = Stage::signed_in(|| {
        view! { <RoomHeader room=general() /> <RoomPage room=general() /> }.into_any()
    });
    server.welcome();
    let now = clock::timestamp();
    server.say(ServerFrame::Message(message(1, "Bob", "his", now)));
    settle().await;
    server.answer_joins();
    (stage, server)
}

/// Says what holds in the room.
async fn set(server: &FakeServer, rest: &str) {
    server.say_text(&format!(r#"{{"type":"settings","room":"general",{rest}}}"#));
    settle().await;
}

const DEFAULT_ACTIONS: &str = r#""may":["enter","read_history","see_presence","mark_read","post",
    "change_own","react","see_members"]"#;
const SILENT: &str = r#""may":["enter","read_history","see_presence","mark_read","see_members"]"#;

#[wasm_bindgen_test]
async fn a_room_goes_by_its_title_and_says_its_topic() {
    let (stage, server) = room().await;
    assert_eq!(stage.texts(".room-title .name"), ["general"]);
    assert_eq!(stage.all(".topic").len(), 0);
    set(
        &server,
        &format!(r#""title":"The lounge","topic":"Talk","archived":true,{SILENT}"#),
    )
    .await;
    assert_eq!(stage.texts(".room-title .name"), ["The lounge"]);
    assert_eq!(stage.texts(".topic"), ["Talk"]);
    assert_eq!(stage.texts(".tag"), ["archived"]);
    let label = stage.one(".timeline").get_attribute("aria-label");
    assert_eq!(label.as_deref(), Some("Messages in The lounge"));
}

#[wasm_bindgen_test]
async fn words_stand_in_the_place_of_the_field_while_one_may_not_write_and_the_draft_is_kept() {
    let (stage, server) = room().await;
    fill(&stage.one(".composer textarea"), "begun").await;
    for (rest, why, words) in [
        (r#""archived":true"#, "archived", "archived"),
        (r#""locked":true"#, "locked", "locked"),
        (r#""muted":{}"#, "muted", "You are muted"),
    ] {
        set(&server, &format!("{rest},{SILENT}")).await;
        assert_eq!(stage.all(".composer textarea").len(), 0);
        let shown = stage.texts(&format!(".hushed[data-why={why}]")).concat();
        assert!(
            shown.contains(words) && shown.contains("is kept"),
            "{shown}"
        );
    }
    set(&server, DEFAULT_ACTIONS).await;
    assert_eq!(stage.all(".hushed").len(), 0);
    assert_eq!(value(&stage.one(".composer textarea")), "begun");
}

#[wasm_bindgen_test]
async fn in_slow_mode_the_next_message_waits_in_the_field() {
    let (stage, server) = room().await;
    set(
        &server,
        &format!(r#""slow_mode_ms":60000,{DEFAULT_ACTIONS}"#),
    )
    .await;
    let notes = stage.texts(".composer-note[data-kind=slow]").concat();
    assert!(notes.contains("one message every 1 minute"), "{notes}");
    let field = stage.one(".composer textarea");
    fill(&field, "one").await;
    press_enter(&field, false, false).await;
    let sent = |frames: Vec<ClientFrame>| {
        let is_message = |frame: &&ClientFrame| matches!(frame, ClientFrame::Message(_));
        frames.iter().filter(is_message).count()
    };
    assert_eq!(sent(server.heard()), 1);
    fill(&field, "two").await;
    press_enter(&field, false, false).await;
    assert_eq!(sent(server.heard()), 0);
    assert_eq!(value(&field), "two");
    assert!(stage.one(".composer .send").has_attribute("disabled"));
    assert_eq!(stage.all(".counter.wait").len(), 1);
    // Who looks after the room need not wait.
    let free = DEFAULT_ACTIONS.replace(r#""post""#, r#""post","speak_freely""#);
    set(&server, &format!(r#""slow_mode_ms":60000,{free}"#)).await;
    press_enter(&field, false, false).await;
    assert_eq!(value(&field), "");
}

#[wasm_bindgen_test]
async fn who_looks_after_a_room_may_delete_what_others_said_and_is_asked_first() {
    let (stage, server) = room().await;
    stage.click(".message[data-seq='1'] .more").await;
    assert_eq!(stage.all(".toolbar .delete").len(), 0);
    assert_eq!(stage.all(".toolbar .about-author").len(), 1);
    let may = DEFAULT_ACTIONS.replace(r#""post""#, r#""post","delete_others""#);
    set(&server, &may).await;
    stage.click(".toolbar .delete").await;
    let question = stage.texts(".confirm p").concat();
    assert!(
        question.contains("Bob") && question.contains("erased"),
        "{question}"
    );
    stage.click(".confirm-delete").await;
    let frames = server.heard();
    assert!(
        frames
            .iter()
            .any(|frame| matches!(frame, ClientFrame::Delete(_))),
        "{frames:?}"
    );
}

#[wasm_bindgen_test]
async fn who_was_put_out_is_told_and_comes_back_by_hand_alone() {
    let (stage, server) = room().await;
    server.say_text(r#"{"type":"left","room":"general","reason":"kicked"}"#);
    settle().await;
    assert_eq!(
        stage.texts(".notice h2"),
        ["You were removed from #general"]
    );
    assert!(server.heard().is_empty());
    stage.click(".notice .retry-join").await;
    server.answer_joins();
    settle().await;
    assert_eq!(stage.all(".notice").len(), 0);

    server.say_text(r#"{"type":"left","room":"general","reason":"banned"}"#);
    settle().await;
    assert_eq!(stage.texts(".notice h2"), ["You are banned from #general"]);
    assert_eq!(stage.texts(".notice .retry-join"), ["Try again"]);
    assert_eq!(stage.all(".notice .go-on").len(), 1);
}

#[wasm_bindgen_test]
async fn the_leaves_about_a_room_follow_what_one_may_and_say_when_nothing_can_be_had() {
    forget_all();
    let (stage, server) =
        Stage::signed_in(|| view! { <RoomAbout room=general() leaf=RoomLeaf::About /> }.into_any());
    server.welcome();
    settle().await;
    assert_eq!(stage.texts(".tab"), ["About", "Moderators"]);
    let may = DEFAULT_ACTIONS.replace(r#""post""#, r#""post","change_settings","sanction""#);
    set(&server, &format!(r#""standing":"owner",{may}"#)).await;
    assert_eq!(
        stage.texts(".tab"),
        ["About", "Moderators", "Settings", "Bans and mutes"]
    );
    assert!(
        stage
            .texts(".facts")
            .concat()
            .contains("You are its owner.")
    );
    stage.click("[data-tab=sanctions]").await;
    // There is no server to ask: it waits, or has been told so by now.
    let shown = stage.all(".sheet-wait[role=status], .sheet-failed[role=alert]");
    assert_eq!(shown.len(), 1);
    stage.click("[data-tab=settings]").await;
    fill(&stage.one("#room-title"), &"x".repeat(65)).await;
    stage.click(".save-settings").await;
    assert_eq!(
        stage.texts(".field-note[data-kind=error]"),
        ["Use at most 64 characters."]
    );
}

/// Opens a hidden room, as the list of rooms does.
#[component]
fn Opener(room: RoomName) -> impl IntoView {
    expect_context::<Hub>().send(Command::OpenRoom { room });
}

#[wasm_bindgen_test]
async fn a_hidden_room_never_shows_the_name_that_the_server_made() {
    forget_all();
    let hidden = RoomName::hidden(7);
    let opened = hidden.clone();
    let (stage, server) =
        Stage::signed_in(move || view! { <Sidebar /> <Opener room=opened /> }.into_any());
    server.welcome();
    settle().await;
    let link = format!(".room-link[data-room='{hidden}']");
    assert_eq!(stage.texts(&format!("{link} .name")), ["Private room"]);
    server.say_text(&format!(
        r#"{{"type":"settings","room":"{hidden}","door":"private","title":"Board","may":[]}}"#
    ));
    settle().await;
    assert_eq!(stage.texts(&format!("{link} .name")), ["Board"]);
}

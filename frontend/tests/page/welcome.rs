//! Coming in.

use crate::support::{Stage, fill, settle, value};
use frontend::pages::welcome::Welcome;
use frontend::state::navigator::Navigator;
use frontend::state::session::{SessionEnd, SessionState};
use leptos::prelude::*;
use wasm_bindgen_test::wasm_bindgen_test;

#[wasm_bindgen_test]
async fn a_name_that_cannot_be_is_refused_in_words_without_asking_the_server() {
    let stage = Stage::new(|| {
        provide_context(SessionState::new());
        provide_context(Navigator::new());
        frontend::chunks::provide();
        view! { <Welcome /> }.into_any()
    });
    settle().await;
    let field = stage.one("#name");
    for (name, words) in [
        ("", "Type a name first."),
        (&"x".repeat(33), "Use at most 32 characters."),
        ("Ada\u{200b}", "A name cannot contain invisible characters."),
    ] {
        fill(&field, name).await;
        assert_eq!(stage.all(".field-note[data-kind=error]").len(), 0);
        stage.click("button[type=submit]").await;
        assert_eq!(stage.texts(".field-note[data-kind=error]"), [words]);
        assert_eq!(field.get_attribute("aria-invalid").as_deref(), Some("true"));
        let focused = web_sys::window()
            .unwrap()
            .document()
            .unwrap()
            .active_element();
        assert_eq!(focused.map(|e| e.id()).as_deref(), Some("name"));
    }
}

fn welcome(session_end: Option<SessionEnd>) -> Stage {
    Stage::new(move || {
        provide_context(SessionState::new());
        provide_context(Navigator::new());
        frontend::chunks::provide();
        view! { <Welcome session_end /> }.into_any()
    })
}

fn way(stage: &Stage) -> Option<String> {
    stage.one(".welcome").get_attribute("data-way")
}

#[wasm_bindgen_test]
async fn the_ways_in_are_tabs_of_which_one_is_chosen() {
    let stage = welcome(None);
    settle().await;
    assert_eq!(stage.texts(".way"), ["As a guest", "Sign in", "Sign up"]);
    assert_eq!(way(&stage).as_deref(), Some("guest"));
    stage.click("#way-sign-up").await;
    assert_eq!(way(&stage).as_deref(), Some("sign-up"));
    assert_eq!(stage.texts("[aria-selected=true]"), ["Sign up"]);
    assert_eq!(stage.all("form").len(), 1);
    let of = |id: &str| stage.one(id).get_attribute("autocomplete");
    assert_eq!(of("#sign-up-name").as_deref(), Some("username"));
    assert_eq!(of("#sign-up-password").as_deref(), Some("new-password"));
    stage.click("#way-sign-in").await;
    let of = |id: &str| stage.one(id).get_attribute("autocomplete");
    assert_eq!(of("#sign-in-name").as_deref(), Some("username"));
    assert_eq!(of("#sign-in-password").as_deref(), Some("current-password"));
}

#[wasm_bindgen_test]
async fn whoever_was_signed_out_is_told_so_and_signs_in_again() {
    let stage = welcome(Some(SessionEnd::Ended));
    settle().await;
    assert_eq!(way(&stage).as_deref(), Some("sign-in"));
    let words = stage.texts(".session-end").concat();
    assert!(words.contains("You were signed out"), "{words}");
    assert!(!words.contains("not sent"), "nothing is unsent: {words}");
}

#[wasm_bindgen_test]
async fn a_password_is_shown_only_while_it_is_asked_for() {
    let stage = welcome(Some(SessionEnd::Changing));
    settle().await;
    let kind = || stage.one("#sign-in-password").get_attribute("type");
    assert_eq!(kind().as_deref(), Some("password"));
    let field = stage.one("#sign-in-password");
    fill(&field, "correct horse").await;
    stage.click(".reveal").await;
    assert_eq!(kind().as_deref(), Some("text"));
    assert_eq!(value(&field), "correct horse");
    stage.click(".reveal").await;
    assert_eq!(kind().as_deref(), Some("password"));
}

#[wasm_bindgen_test]
async fn what_is_missing_is_said_beside_its_field_without_asking_the_server() {
    let stage = welcome(None);
    settle().await;
    stage.click("#way-sign-up").await;
    for (name, password, note, words) in [
        ("", "", "#sign-up-name-note", "Type a name first."),
        (
            "Ada",
            "short",
            "#sign-up-password-note",
            "Use at least 8 characters.",
        ),
    ] {
        fill(&stage.one("#sign-up-name"), name).await;
        fill(&stage.one("#sign-up-password"), password).await;
        stage.click("button[type=submit]").await;
        assert_eq!(stage.texts(".field-note[data-kind=error]"), [words]);
        assert_eq!(stage.texts(note), [words]);
    }
}

//! Choosing a name.

use crate::support::{Stage, fill, settle};
use frontend::pages::welcome::Welcome;
use frontend::state::navigator::Navigator;
use frontend::state::session::SessionState;
use leptos::prelude::*;
use wasm_bindgen_test::wasm_bindgen_test;

#[wasm_bindgen_test]
async fn a_name_that_cannot_be_is_refused_in_words_without_asking_the_server() {
    let stage = Stage::new(|| {
        provide_context(SessionState::new());
        provide_context(Navigator::new());
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

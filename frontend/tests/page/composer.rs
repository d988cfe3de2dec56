//! Writing.

use crate::support::{FakeServer, Stage, fill, forget_all, general, press_enter, settle, value};
use common::ClientFrame;
use frontend::components::composer::Composer;
use leptos::prelude::*;
use wasm_bindgen_test::wasm_bindgen_test;

async fn composer() -> (Stage, FakeServer) {
    let (stage, server) = Stage::signed_in(|| view! { <Composer room=general() /> }.into_any());
    server.welcome();
    settle().await;
    (stage, server)
}

fn sent(server: &FakeServer) -> Vec<String> {
    let said = |frame| match frame {
        ClientFrame::Message(post) => post.content.map(|text| text.to_string()),
        _ => None,
    };
    server.heard().into_iter().filter_map(said).collect()
}

#[wasm_bindgen_test]
async fn enter_sends_and_empties_the_field() {
    forget_all();
    let (stage, server) = composer().await;
    let field = stage.one("textarea");
    fill(&field, "hello\n  there \n").await;
    let is_left = press_enter(&field, false, false).await;
    assert!(!is_left, "the line is not broken as well");
    assert_eq!(sent(&server), ["hello\n  there"]);
    assert_eq!(value(&field), "");
}

#[wasm_bindgen_test]
async fn shift_enter_and_an_input_method_s_enter_send_nothing() {
    forget_all();
    let (stage, server) = composer().await;
    let field = stage.one("textarea");
    fill(&field, "hello").await;
    for (shift, is_composing) in [(true, false), (false, true)] {
        assert!(press_enter(&field, shift, is_composing).await);
        assert!(sent(&server).is_empty());
        assert_eq!(value(&field), "hello");
    }
    fill(&field, "  \n ").await;
    press_enter(&field, false, false).await;
    assert!(sent(&server).is_empty());
}

#[wasm_bindgen_test]
async fn what_was_begun_is_there_when_one_comes_back() {
    forget_all();
    let (stage, _server) = composer().await;
    fill(&stage.one("textarea"), "half a tho").await;
    drop(stage);
    let (stage, _server) = composer().await;
    assert_eq!(value(&stage.one("textarea")), "half a tho");
}

#[wasm_bindgen_test]
async fn too_long_a_text_is_counted_and_kept() {
    forget_all();
    let (stage, server) = composer().await;
    let field = stage.one("textarea");
    assert_eq!(stage.all(".counter").len(), 0);
    let long = "x".repeat(16 * 1024 + 1);
    fill(&field, &long).await;
    assert_eq!(
        stage.texts(".counter[data-over=true]"),
        ["1 over the limit"]
    );
    press_enter(&field, false, false).await;
    assert!(sent(&server).is_empty());
    assert_eq!(value(&field), long);
    assert_eq!(stage.all(".composer-note[data-kind=error]").len(), 1);
}

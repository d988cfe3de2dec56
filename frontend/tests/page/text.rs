//! What people write stays text.

use crate::support::Stage;
use frontend::components::timeline::linked_text::{DataBlock, LinkedText};
use leptos::prelude::*;
use wasm_bindgen_test::wasm_bindgen_test;

fn show(text: &str) -> Stage {
    let text = text.to_owned();
    Stage::new(move || view! { <LinkedText text /> }.into_any())
}

#[wasm_bindgen_test]
fn markup_in_a_message_stays_text() {
    for attack in [
        "<img src=x onerror=alert(1)>",
        "<script>alert(1)</script>",
        "</div><b>bold</b>",
        "&lt;i&gt; <!-- -->",
        "https://a.b/\"onclick=alert(1)",
        "javascript://a.b/%0aalert(1)",
    ] {
        let stage = show(attack);
        assert_eq!(stage.texts(".rich-text"), [attack]);
        assert_eq!(stage.all(".rich-text :not(a)").len(), 0, "in {attack:?}");
        for link in stage.all("a") {
            assert!(link.get_attribute("href").unwrap().starts_with("https://"));
            assert_eq!(link.get_attribute("onclick"), None);
        }
    }
}

#[wasm_bindgen_test]
fn an_address_becomes_a_link_that_tells_nothing_of_where_it_was_followed() {
    let stage = show("see https://example.org/a_(b), please\nor http://x.y");
    assert_eq!(
        stage.texts("a"),
        ["https://example.org/a_(b)", "http://x.y"]
    );
    for link in stage.all("a") {
        assert_eq!(link.get_attribute("href"), link.text_content());
        assert_eq!(link.get_attribute("target").as_deref(), Some("_blank"));
        assert!(link.get_attribute("rel").unwrap().contains("noopener"));
    }
}

#[wasm_bindgen_test]
fn data_is_shown_as_it_is() {
    let json = r#"{"html":"<b>x</b>"}"#.to_owned();
    let stage = Stage::new(move || view! { <DataBlock json /> }.into_any());
    assert_eq!(stage.texts(".data-block"), [r#"{"html":"<b>x</b>"}"#]);
    assert_eq!(stage.all(".data-block *").len(), 0);
}

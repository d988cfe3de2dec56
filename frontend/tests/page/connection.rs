//! The badge, and what becomes of messages while there is no connection.

use crate::support::{FakeServer, Stage, forget_all, general, settle};
use common::ClientFrame;
use common::client::Command;
use frontend::components::composer::Composer;
use frontend::components::sidebar::connection_badge::Badge;
use frontend::state::hub::Hub;
use leptos::prelude::*;
use wasm_bindgen_test::wasm_bindgen_test;

fn status(stage: &Stage) -> String {
    stage.one(".badge").get_attribute("data-status").unwrap()
}

fn badge() -> (Stage, FakeServer) {
    Stage::signed_in(|| view! { <Badge /> <Composer room=general() /> <Speaker /> }.into_any())
}

/// Says something from inside the page.
#[component]
fn Speaker() -> impl IntoView {
    let hub = expect_context::<Hub>();
    let say = move |_| {
        let content = "unsent".parse().ok();
        hub.send(Command::Send {
            room: general(),
            content,
            data: None,
        });
    };
    view! { <button class="say" on:click=say></button> }
}

#[wasm_bindgen_test]
async fn the_badge_follows_the_connection_in_words() {
    forget_all();
    let (stage, server) = badge();
    settle().await;
    assert_eq!(status(&stage), "connecting");
    server.welcome();
    settle().await;
    assert_eq!(status(&stage), "live");
    assert_eq!(stage.texts(".badge [aria-hidden]"), ["Live"]);
    assert_eq!(stage.all(".retry-now").len(), 0);

    server.hang_up();
    settle().await;
    assert_eq!(status(&stage), "retrying");
    let words = stage.texts(".badge [aria-hidden]").concat();
    assert!(words.starts_with("Retrying"), "{words}");
    assert_eq!(
        stage.texts(".badge [role=status]"),
        ["Connection lost, retrying"]
    );
    assert_eq!(stage.all(".composer-note[data-kind=offline]").len(), 1);

    stage.click(".badge .retry-now").await;
    assert_eq!(status(&stage), "connecting");
    server.welcome();
    settle().await;
    assert_eq!(status(&stage), "live");
    assert_eq!(stage.all(".composer-note[data-kind=offline]").len(), 0);
}

#[wasm_bindgen_test]
async fn what_is_unsent_survives_a_reload() {
    forget_all();
    let (stage, server) = badge();
    settle().await;
    stage.click(".say").await;
    assert!(server.heard().is_empty(), "there is no connection yet");
    drop(stage);

    let (_stage, server) = badge();
    settle().await;
    server.welcome();
    settle().await;
    let sent = server.heard();
    let said = sent.iter().filter(|frame| match frame {
        ClientFrame::Message(post) => post
            .content
            .as_ref()
            .is_some_and(|c| c.as_str() == "unsent"),
        _ => false,
    });
    assert_eq!(said.count(), 1, "{sent:?}");
    forget_all();
}

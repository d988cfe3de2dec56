//! What the page looks like, on a phone and on a desktop, light and dark: pictures to be looked at,
//! in `target/screenshots/`, and the few things about looks that a program can check.
#![expect(clippy::expect_used, reason = "a panic is how a test fails")]

use e2e::{Browser, Driver, Scheme, Server, Viewport, pictures};
use thirtyfour::Key;

async fn publish(server: &Server, room: &str, name: &str, content: &str) {
    let address = server.url(&format!("/api/v1/rooms/{room}/messages"));
    let answer = reqwest::Client::new()
        .post(address)
        .query(&[("name", name)])
        .json(&serde_json::json!({ "content": content }))
        .send()
        .await
        .expect("an answer");
    assert!(answer.status().is_success(), "{}", answer.status());
}

/// What can be done with a message, and what it looks like when it is done, or refused.
async fn changes(ada: &Browser, grace: &Browser) {
    ada.wait_text(".message[data-seq='5']", "after lunch").await;
    for (browser, emoji) in [(grace, "🎉"), (ada, "🎉"), (grace, "👀")] {
        browser.hover(".message[data-seq='4']").await;
        browser
            .click(".message[data-seq='4'] .toolbar .react")
            .await;
        let chosen = format!(".palette [data-emoji='{emoji}']");
        browser.click(&chosen).await;
        browser
            .wait_for(&format!(".reaction[data-emoji='{emoji}']"))
            .await;
    }
    ada.wait_for(".reaction[data-emoji='👀']").await;
    let own = ".message[data-seq='5']";
    ada.hover(own).await;
    ada.wait_for(".toolbar .edit").await;
    pictures(ada, "toolbar").await;
    ada.click(".toolbar .react").await;
    ada.wait_for(".palette").await;
    pictures(ada, "palette").await;
    ada.type_keys(Key::Escape).await;
    ada.wait_gone(".palette").await;
    ada.click(&format!("{own} .toolbar .delete")).await;
    ada.wait_for(".confirm").await;
    pictures(ada, "confirm-delete").await;
    ada.type_keys(Key::Escape).await;
    ada.wait_gone(".confirm").await;
    ada.click(&format!("{own} .toolbar .edit")).await;
    ada.wait_for(".edit-form textarea").await;
    pictures(ada, "editing").await;
    ada.type_keys(Key::End).await;
    ada.type_keys(" Or before.").await;
    ada.type_keys(Key::Enter).await;
    grace.wait_text(".message[data-seq]", "Or before.").await;
    ada.wait_for(".edited").await;
    refused(ada).await;
}

/// The server refuses hardly anything that the page lets through, so the refusals are put where an
/// earlier visit would have left them.
async fn refused(ada: &Browser) {
    let leave = r#"
        const done = arguments[arguments.length - 1];
        (async () => {
            const session = await (await fetch("/api/v1/session")).json();
            const page = await (await fetch("/api/v1/rooms/general/messages")).json();
            const epoch = page.epoch;
            const error = { code: "too_many_changes", retryable: false,
                message: "this message was changed as often as it may be" };
            const put = (id, order, action) => localStorage.setItem("hubbub.outbox." + id,
                JSON.stringify({ user: session.user.id,
                    entry: { id, room: "general", order, action, refused: error } }));
            put("r1", 1, { edit: { epoch, target: 5,
                content: "Thank you both. I will look at it tomorrow, first thing." } });
            put("r2", 2, { react: { epoch, target: 2, emoji: "👍", on: true } });
            put("r3", 3, { delete: { epoch, target: 9999 } });
        })().then(done, done);
    "#;
    let left = ada.web.execute_async(leave, Vec::new()).await;
    assert!(
        left.is_ok_and(|left| left.json().is_null()),
        "the refusals are left"
    );
    ada.reload().await;
    ada.wait_for(".message .refused-change").await;
    ada.wait_for(".stray-changes .refused-change").await;
    pictures(ada, "refused").await;
    for _ in 0..3 {
        ada.click(".refused-change .discard").await;
    }
    ada.wait_gone(".refused-change").await;
}

#[tokio::test]
#[expect(clippy::too_many_lines, reason = "one sequence of screenshots")]
async fn every_state_of_the_page_has_its_picture() {
    let mut server = Server::start().await;
    let driver = Driver::start().await;
    let ada = Browser::open(&driver, "ada").await;
    ada.goto(&server.url("/")).await;
    ada.wait_for(".welcome #name").await;
    pictures(&ada, "welcome").await;

    ada.fill(".welcome #name", "Ada Lovelace").await;
    ada.type_keys(Key::Enter).await;
    ada.wait_for(".badge[data-status=live]").await;
    pictures(&ada, "empty-room").await;

    for (room, name, content) in [
        (
            "general",
            "Grace",
            "Morning! The new build is on the test machines.",
        ),
        (
            "general",
            "Grace",
            "Release notes: https://example.org/notes/2026-11",
        ),
        (
            "general",
            "Alan",
            "Looks good here. Two things I noticed:\n1. the badge is quicker to say when we are offline\n2. scrolling back is smooth now",
        ),
        ("design", "Katherine", "New colour tokens are in."),
        ("incidents", "Margaret", "All quiet."),
        (
            "general",
            "Katherine",
            "Ελληνικά, кириллица, العربية and a very long word: Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft",
        ),
    ] {
        publish(&server, room, name, content).await;
    }
    let grace = Browser::open(&driver, "grace").await;
    grace.goto(&server.url("/r/general")).await;
    grace.fill(".welcome #name", "Grace Hopper").await;
    grace.type_keys(Key::Enter).await;
    grace.wait_for(".badge[data-status=live]").await;
    ada.reload().await;
    ada.wait_text(".message[data-seq]", "very long word").await;
    ada.wait_text(".person", "Grace Hopper").await;
    ada.fill(
        ".composer textarea",
        "Thank you both. I will look at it after lunch.",
    )
    .await;
    ada.type_keys(Key::Enter).await;
    ada.wait_text(".message[data-seq]", "after lunch").await;
    pictures(&ada, "room").await;

    changes(&ada, &grace).await;

    ada.click(".sidebar .create-room").await;
    ada.wait_for("dialog.room-dialog #room-name").await;
    pictures(&ada, "room-dialog").await;
    ada.type_keys(Key::Escape).await;

    grace.click(".sidebar .announce").await;
    grace
        .fill(
            "dialog.announce-dialog #announce-text",
            "The office closes at four today.",
        )
        .await;
    grace
        .click("dialog.announce-dialog button[type=submit]")
        .await;
    ada.wait_text(".announcement-item", "closes at four").await;
    pictures(&ada, "announcement").await;

    ada.set_viewport(Viewport::Phone).await;
    for (button, drawer) in [(".open-rooms", "rooms"), (".people-toggle", "people")] {
        ada.click(button).await;
        ada.wait_for(&format!(".shell[data-drawer={drawer}]")).await;
        for (scheme, look) in [(Scheme::Light, "light"), (Scheme::Dark, "dark")] {
            ada.set_scheme(scheme).await;
            ada.screenshot(&format!("drawer-{drawer}-phone-{look}"))
                .await;
        }
        ada.type_keys(Key::Escape).await;
        ada.wait_gone(&format!(".shell[data-drawer={drawer}]"))
            .await;
    }
    ada.set_viewport(Viewport::Desktop).await;

    server.kill();
    ada.wait_for(".badge[data-status=retrying]").await;
    ada.fill(".composer textarea", "Is anybody still there?")
        .await;
    ada.type_keys(Key::Enter).await;
    ada.wait_text(".message[data-state=pending]", "still there")
        .await;
    pictures(&ada, "offline").await;
}

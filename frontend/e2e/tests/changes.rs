//! Edits, deletions and reactions, by mouse and by keyboard: whoever else is there sees them, and a
//! reload keeps them.

use e2e::{Browser, Driver, Server, Viewport, arrive, say, sees, timeline};
use thirtyfour::Key;

/// Points at a message, and clicks a button of the toolbar that comes.
async fn act(browser: &Browser, seq: u32, tool: &str) {
    let message = format!(".message[data-seq='{seq}']");
    browser.hover(&message).await;
    browser.click(&format!("{message} .toolbar {tool}")).await;
}

/// Waits until the keyboard is at an element.
async fn is_at(browser: &Browser, css: &str) {
    browser
        .wait_script(&format!("document.activeElement.matches({css:?})"))
        .await;
}

async fn two_in_a_room(server: &Server, driver: &Driver) -> (Browser, Browser) {
    let ada = arrive(driver, "Ada", &server.url("/r/general")).await;
    let bob = arrive(driver, "Bob", &server.url("/r/general")).await;
    for (browser, text) in [(&ada, "one"), (&bob, "two"), (&ada, "three")] {
        say(browser, text).await;
        sees(&ada, text).await;
        sees(&bob, text).await;
    }
    (ada, bob)
}

#[tokio::test]
async fn messages_are_edited_deleted_and_reacted_to_with_the_mouse() {
    let (server, driver) = (Server::start().await, Driver::start().await);
    let (ada, bob) = two_in_a_room(&server, &driver).await;

    act(&ada, 1, ".edit").await;
    ada.fill(".message[data-seq='1'] .edit-form textarea", "one, mended")
        .await;
    ada.click(".save-edit").await;
    act(&ada, 2, ".react").await;
    ada.click(".palette [data-emoji='🎉']").await;
    act(&ada, 3, ".delete").await;
    ada.click(".message[data-seq='3'] .cancel-delete").await;
    ada.wait_gone(".confirm").await;
    act(&ada, 3, ".delete").await;
    ada.click(".message[data-seq='3'] .confirm-delete").await;

    for browser in [&bob, &ada] {
        sees(browser, "one, mended").await;
        browser.wait_for(".message[data-seq='1'] .edited").await;
        browser.wait_for(".message[data-seq='2'] .reaction").await;
        browser.wait_for(".message[data-seq='3'] .deleted").await;
    }
    // Bob agrees, and Ada changes her mind.
    bob.click(".message[data-seq='2'] .reaction[data-emoji='🎉']")
        .await;
    ada.wait_for(".reaction[aria-label='🎉 2: You and Bob'][aria-pressed=true]")
        .await;
    ada.click(".message[data-seq='2'] .reaction").await;
    bob.wait_for(".reaction[title='You'][aria-pressed=true]")
        .await;
    ada.wait_for(".reaction[title='Bob'][aria-pressed=false]")
        .await;

    for browser in [&ada, &bob] {
        browser.reload().await;
        sees(browser, "one, mended").await;
        assert_eq!(timeline(browser).await, ["one, mended", "two"]);
        browser.wait_for(".message[data-seq='1'] .edited").await;
        browser.wait_for(".message[data-seq='2'] .reaction").await;
        browser.wait_for(".message[data-seq='3'] .deleted").await;
        browser.assert_no_console_errors().await;
    }
    // What is not one's own, or is gone, cannot be changed.
    ada.hover(".message[data-seq='2']").await;
    ada.wait_for(".message[data-seq='2'] .toolbar .react").await;
    ada.wait_script("!document.querySelector('.toolbar .edit, .toolbar .delete')")
        .await;
    ada.wait_script("!document.querySelector('.message[data-seq=\"3\"] .more')")
        .await;
}

#[tokio::test]
async fn messages_are_edited_deleted_and_reacted_to_with_the_keyboard() {
    let (server, driver) = (Server::start().await, Driver::start().await);
    let (ada, bob) = two_in_a_room(&server, &driver).await;

    // The arrow upwards in an empty field leads to the last own message; Escape leaves it.
    ada.type_keys(Key::Up).await;
    is_at(&ada, ".message[data-seq='3'] .edit-form textarea").await;
    ada.type_keys(" mended").await;
    ada.type_keys(Key::Escape).await;
    is_at(&ada, ".composer textarea").await;
    assert_eq!(timeline(&ada).await, ["one", "two", "three"]);
    ada.type_keys(Key::Up).await;
    is_at(&ada, ".message[data-seq='3'] .edit-form textarea").await;
    ada.type_keys(" mended").await;
    ada.type_keys(Key::Enter).await;
    is_at(&ada, ".composer textarea").await;
    sees(&bob, "three mended").await;

    // One step back is the newest message, and the arrows lead to the others.
    ada.type_keys(Key::Shift + Key::Tab).await;
    is_at(&ada, ".message[data-seq='3'] .more").await;
    ada.type_keys(Key::Up).await;
    is_at(&ada, ".message[data-seq='2'] .more").await;
    ada.type_keys(Key::Enter).await;
    is_at(&ada, ".message[data-seq='2'] .toolbar .react").await;
    ada.type_keys(Key::Enter).await;
    is_at(&ada, ".palette [data-emoji='👍']").await;
    ada.type_keys(Key::Right).await;
    is_at(&ada, ".palette [data-emoji='❤️']").await;
    ada.type_keys(Key::Enter).await;
    is_at(&ada, ".message[data-seq='2'] .more").await;
    bob.wait_for(".message[data-seq='2'] .reaction[data-emoji='❤️'][title='Ada']")
        .await;
    // The keyboard stays where it is while a chip under it changes, and finds a place when it goes.
    ada.script("document.querySelector('.reaction').focus()")
        .await;
    bob.click(".message[data-seq='2'] .reaction").await;
    ada.wait_for(".reaction[title='You and Bob']").await;
    is_at(&ada, ".message[data-seq='2'] .reaction").await;
    bob.click(".message[data-seq='2'] .reaction").await;
    ada.wait_for(".reaction[title='You']").await;
    ada.type_keys(Key::Enter).await;
    is_at(&ada, ".message[data-seq='2'] .more").await;
    bob.wait_gone(".reaction").await;

    ada.type_keys(Key::Up).await;
    ada.type_keys(Key::Enter).await;
    is_at(&ada, ".message[data-seq='1'] .toolbar .react").await;
    ada.type_keys(Key::Escape).await;
    is_at(&ada, ".message[data-seq='1'] .more").await;
    ada.type_keys(Key::Enter).await;
    for tool in [".react", ".edit", ".copy"] {
        is_at(&ada, &format!(".message[data-seq='1'] .toolbar {tool}")).await;
        ada.type_keys(Key::Right).await;
    }
    is_at(&ada, ".toolbar .delete").await;
    ada.type_keys(Key::Enter).await;
    is_at(&ada, ".confirm-delete").await;
    ada.type_keys(Key::Enter).await;
    is_at(&ada, ".composer textarea").await;
    for browser in [&ada, &bob] {
        browser.wait_for(".message[data-seq='1'] .deleted").await;
        browser.reload().await;
        sees(browser, "three mended").await;
        assert_eq!(timeline(browser).await, ["two", "three mended"]);
    }
}

#[tokio::test]
async fn an_edit_that_leaves_nothing_asks_whether_to_delete() {
    let (server, driver) = (Server::start().await, Driver::start().await);
    let ada = arrive(&driver, "Ada", &server.url("/r/general")).await;
    say(&ada, "a slip").await;
    sees(&ada, "a slip").await;
    ada.type_keys(Key::Up).await;
    is_at(&ada, ".edit-form textarea").await;
    ada.type_keys(Key::Control + "a").await;
    ada.type_keys(Key::Delete).await;
    ada.type_keys(Key::Enter).await;
    is_at(&ada, ".confirm-delete").await;
    ada.type_keys(Key::Escape).await;
    ada.wait_gone(".confirm").await;
    sees(&ada, "a slip").await;
}

#[tokio::test]
async fn a_finger_finds_the_toolbar_on_a_phone() {
    let (server, driver) = (Server::start().await, Driver::start().await);
    let ada = arrive(&driver, "Ada", &server.url("/r/general")).await;
    say(&ada, "hello").await;
    sees(&ada, "hello").await;
    ada.set_viewport(Viewport::Phone).await;
    ada.click(".message[data-seq='1'] .more").await;
    ada.click(".toolbar .react").await;
    ada.wait_script("document.querySelector('.palette').getBoundingClientRect().left >= 0")
        .await;
    ada.wait_script("document.querySelector('.palette').getBoundingClientRect().right <= 360")
        .await;
    ada.click(".palette [data-emoji='✅']").await;
    ada.wait_for(".reaction[data-emoji='✅'][aria-pressed=true]")
        .await;
    ada.wait_gone(".toolbar.palette").await;
}

#[tokio::test]
async fn a_change_made_while_away_shows_at_once_and_arrives_later() {
    let mut server = Server::start().await;
    let driver = Driver::start().await;
    let (ada, bob) = two_in_a_room(&server, &driver).await;
    server.kill();
    for browser in [&ada, &bob] {
        browser.wait_for(".badge[data-status=retrying]").await;
    }
    ada.type_keys(Key::Up).await;
    is_at(&ada, ".edit-form textarea").await;
    ada.type_keys(" times").await;
    ada.type_keys(Key::Enter).await;
    ada.wait_text(".message[data-changing=true]", "three times")
        .await;
    act(&ada, 2, ".react").await;
    ada.click(".palette [data-emoji='👀']").await;
    ada.wait_for(".reaction[data-state=pending]").await;
    server.restart().await;
    sees(&bob, "three times").await;
    bob.wait_for(".message[data-seq='2'] .reaction[title='Ada']")
        .await;
    ada.wait_gone(".message[data-changing=true]").await;
    ada.wait_gone(".reaction[data-state=pending]").await;
}

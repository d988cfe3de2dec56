//! What people do in a room.

use crate::browser::Browser;
use crate::driver::Driver;
use thirtyfour::Key;

/// Opens the page at an address in a browser of its own, and chooses a name.
pub async fn arrive(driver: &Driver, name: &str, url: &str) -> Browser {
    let browser = Browser::open(driver, name).await;
    browser.goto(url).await;
    browser.fill(".welcome #name", name).await;
    browser.type_keys(Key::Enter).await;
    browser.wait_for(".badge[data-status=live]").await;
    browser
}

/// Writes a message and sends it with Enter.
pub async fn say(browser: &Browser, text: &str) {
    browser.fill(".composer textarea", text).await;
    browser.type_keys(Key::Enter).await;
}

/// Waits until a message is in the log, and not merely on its way.
pub async fn sees(browser: &Browser, text: &str) {
    browser.wait_text(".message[data-seq]", text).await;
}

/// Opens the card of somebody who is here.
pub async fn open_person(browser: &Browser, name: &str) {
    browser.wait_text(".people .person", name).await;
    browser
        .script(&format!(
            "[...document.querySelectorAll('.person-open')] \
                 .find(one => one.textContent.includes({name:?})).click()"
        ))
        .await;
    browser.wait_text("dialog.person-dialog h2", name).await;
}

/// Chooses one of what a list offers.
pub async fn choose(browser: &Browser, list: &str, value: &str) {
    browser
        .script(&format!(
            "const field = document.querySelector({list:?}); field.value = {value:?}; \
             field.dispatchEvent(new Event('change', {{ bubbles: true }}))"
        ))
        .await;
}

/// The texts of the timeline's messages, pending ones included.
pub async fn timeline(browser: &Browser) -> Vec<String> {
    browser.texts(".message .rich-text").await
}

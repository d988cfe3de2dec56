//! What people do in a room.

use crate::browser::Browser;
use crate::driver::Driver;
use crate::server::Server;
use serde_json::json;
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

/// Opens the page at an address in a browser of its own, signed in to a new account. The node's
/// first account becomes its admin.
pub async fn arrive_with_account(
    driver: &Driver,
    server: &Server,
    name: &str,
    path: &str,
) -> Browser {
    let browser = Browser::open(driver, name).await;
    // Any page of the same origin will do, from which to ask for the cookies.
    browser.goto(&server.url("/health")).await;
    let body = json!({ "name": name, "password": "correct horse battery staple" });
    let sign_up = format!(
        "const done = arguments[arguments.length - 1]; \
         fetch('/api/v1/accounts', {{ method: 'POST', body: JSON.stringify({body}), \
             headers: {{ 'content-type': 'application/json' }} }}) \
             .then(answer => done(answer.status), done);"
    );
    let status = browser.web.execute_async(sign_up, Vec::new()).await;
    let status = browser.expect("sign up", status);
    assert_eq!(status.json(), &json!(201), "{name} signs up");
    browser.goto(&server.url(path)).await;
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

/// The texts of the timeline's messages, pending ones included.
pub async fn timeline(browser: &Browser) -> Vec<String> {
    browser.texts(".message .rich-text").await
}

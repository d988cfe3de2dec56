//! How people with an account come in.

use crate::browser::Browser;
use crate::driver::Driver;
use thirtyfour::Key;

/// Everybody's password.
pub const PASSWORD: &str = "correct horse battery";

/// Chooses a way in, where the page offers more than one.
pub async fn open_way(browser: &Browser, way: &str) {
    browser.click(&format!("#way-{way}")).await;
    browser
        .wait_for(&format!(".welcome[data-way={way}] form"))
        .await;
}

/// Opens the page at an address in a browser of its own, and makes an account.
pub async fn sign_up(driver: &Driver, name: &str, url: &str) -> Browser {
    let browser = Browser::open(driver, name).await;
    browser.goto(url).await;
    open_way(&browser, "sign-up").await;
    browser.fill("#sign-up-name", name).await;
    browser.fill("#sign-up-password", PASSWORD).await;
    browser.type_keys(Key::Enter).await;
    browser.wait_for(".badge[data-status=live]").await;
    browser
}

/// Signs in on the page that is open.
pub async fn sign_in(browser: &Browser, name: &str, password: &str) {
    open_way(browser, "sign-in").await;
    browser.fill("#sign-in-name", name).await;
    browser.fill("#sign-in-password", password).await;
    browser.type_keys(Key::Enter).await;
}

//! What the page looks like, on a phone and on a desktop, light and dark.

use crate::browser::{Browser, Scheme, Viewport};

const LOOKS: [(Viewport, Scheme, &str); 4] = [
    (Viewport::Desktop, Scheme::Light, "desktop-light"),
    (Viewport::Desktop, Scheme::Dark, "desktop-dark"),
    (Viewport::Phone, Scheme::Light, "phone-light"),
    (Viewport::Phone, Scheme::Dark, "phone-dark"),
];

/// Takes a picture of the page in each of its looks, as `target/screenshots/NAME-LOOK.png`, and fails
/// where one is too wide. Leaves a light desktop.
pub async fn pictures(browser: &Browser, name: &str) {
    for (viewport, scheme, look) in LOOKS {
        browser.set_viewport(viewport).await;
        browser.set_scheme(scheme).await;
        browser.screenshot(&format!("{name}-{look}")).await;
        let overflow = browser
            .script("return document.documentElement.scrollWidth - window.innerWidth")
            .await;
        assert!(
            overflow.as_i64().is_some_and(|pixels| pixels <= 0),
            "{name}-{look} is too wide"
        );
    }
    browser.set_viewport(Viewport::Desktop).await;
    browser.set_scheme(Scheme::Light).await;
}

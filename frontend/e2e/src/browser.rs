//! One user's Chromium: a session with a profile of its own, so that two of them share nothing.

use crate::driver::Driver;
use crate::paths::target_dir;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde_json::{Value, json};
use std::fs;
use std::path::{Path, PathBuf};
use thirtyfour::error::WebDriverResult;
use thirtyfour::{ChromeCapabilities, WindowHandle, prelude::*};

/// Headless, as root, with nothing that talks to the world outside.
const ARGUMENTS: &[&str] = &[
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
    "--lang=en-US",
    // With no screen there is no mouse either, as far as the page's style sheets are told: give it one.
    "--blink-settings=primaryPointerType=4,availablePointerTypes=4,primaryHoverType=2,availableHoverTypes=2",
];

/// The widths that the page is made for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Viewport {
    /// 360 by 800: a small telephone.
    Phone,
    /// 1440 by 900: a laptop.
    Desktop,
}

/// What the user's system prefers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scheme {
    /// Dark on light.
    Light,
    /// Light on dark.
    Dark,
}

/// A user's browser; dropping it ends the browser, as if it had crashed.
pub struct Browser {
    /// Everything that WebDriver can do, for what has no method here.
    pub web: WebDriver,
    user: String,
    chromium: Pid,
}

impl Browser {
    /// Opens Chromium for a user, whose name appears in failures, as a light desktop.
    pub async fn open(driver: &Driver, user: &str) -> Self {
        let profile = driver.new_profile();
        let capabilities = capabilities(&profile).expect("capabilities are plain JSON");
        let web = WebDriver::new(driver.url(), capabilities)
            .await
            .unwrap_or_else(|error| panic!("opening {user}'s browser: {error}"));
        let chromium = web
            .capabilities()
            .get("goog:processID")
            .and_then(Value::as_i64);
        let chromium = chromium.and_then(|pid| i32::try_from(pid).ok());
        let browser = Self {
            chromium: Pid::from_raw(chromium.expect("chromedriver tells Chromium's process")),
            web,
            user: user.to_owned(),
        };
        browser.set_viewport(Viewport::Desktop).await;
        browser.set_scheme(Scheme::Light).await;
        browser
    }

    /// Closes the browser as its user would, the page told beforehand.
    pub async fn close(self) {
        self.expect("close", self.web.clone().quit().await);
    }

    /// Opens an address and waits until the document has loaded.
    pub async fn goto(&self, url: &str) {
        self.expect("open an address", self.web.goto(url).await);
    }

    /// Loads the page again.
    pub async fn reload(&self) {
        self.expect("reload", self.web.refresh().await);
    }

    /// Gives the page another size. The window itself cannot be narrower than 500 pixels when it is
    /// headless, so the size is emulated.
    pub async fn set_viewport(&self, viewport: Viewport) {
        let (width, height) = match viewport {
            Viewport::Phone => (360, 800),
            Viewport::Desktop => (1440, 900),
        };
        let metrics = json!({
            "width": width, "height": height, "deviceScaleFactor": 1, "mobile": false,
        });
        self.command("Emulation.setDeviceMetricsOverride", metrics)
            .await;
    }

    /// Gives the user's system another preference.
    pub async fn set_scheme(&self, scheme: Scheme) {
        let value = match scheme {
            Scheme::Light => "light",
            Scheme::Dark => "dark",
        };
        let features = json!({
            "features": [
                { "name": "prefers-color-scheme", "value": value },
                // A screenshot in the middle of a transition would show neither state.
                { "name": "prefers-reduced-motion", "value": "reduce" },
            ],
        });
        self.command("Emulation.setEmulatedMedia", features).await;
    }

    /// Tells the page that there is no network, or that there is one again, as the system would.
    pub async fn set_offline(&self, offline: bool) {
        self.command("Network.enable", json!({})).await;
        let state = json!({
            "offline": offline, "latency": 0, "downloadThroughput": -1, "uploadThroughput": -1,
        });
        self.command("Network.overrideNetworkState", state).await;
    }

    /// Lets every request fail whose address matches a pattern, `*` standing for any text. No patterns:
    /// all go through again.
    pub async fn block(&self, patterns: &[&str]) {
        self.command("Network.enable", json!({})).await;
        self.command("Network.setBlockedURLs", json!({ "urls": patterns }))
            .await;
    }

    /// Freezes the page, as a system does with one that nobody looks at, or lets it go on. Hidden it
    /// stays, as far as the page is told.
    pub async fn set_frozen(&self, frozen: bool) {
        let state = if frozen { "frozen" } else { "active" };
        self.command("Page.setWebLifecycleState", json!({ "state": state }))
            .await;
    }

    /// The tab that is driven now.
    pub async fn tab(&self) -> WindowHandle {
        self.expect("name the tab", self.web.window().await)
    }

    /// Opens another tab of the same user, and drives that one from now on.
    pub async fn new_tab(&self) -> WindowHandle {
        let tab = self.expect("open a tab", self.web.new_tab().await);
        self.switch(&tab).await;
        self.set_viewport(Viewport::Desktop).await;
        self.set_scheme(Scheme::Light).await;
        tab
    }

    /// Drives another tab from now on.
    pub async fn switch(&self, tab: &WindowHandle) {
        let switched = self.web.switch_to_window(tab.clone()).await;
        self.expect("switch to a tab", switched);
    }

    /// Closes the tab that is driven now; one must be switched to afterwards.
    pub async fn close_tab(&self) {
        self.expect("close a tab", self.web.close_window().await);
    }

    /// Keeps what the page looks like, as `target/screenshots/NAME.png`.
    pub async fn screenshot(&self, name: &str) -> PathBuf {
        let folder = target_dir().join("screenshots");
        fs::create_dir_all(&folder).expect("a folder for screenshots");
        let path = folder.join(format!("{name}.png"));
        self.expect("take a screenshot", self.web.screenshot(&path).await);
        path
    }

    /// Runs JavaScript in the page and gives back what it returns.
    pub async fn script(&self, body: &str) -> Value {
        let returned = self.web.execute(body, Vec::new()).await;
        self.expect(body, returned).json().clone()
    }

    /// The errors that the page has written to the console since this was last asked.
    pub async fn console_errors(&self) -> Vec<String> {
        let entries = self.expect("read the console", self.web.browser_log().await);
        let severe = entries.into_iter().filter(|entry| entry.level == "SEVERE");
        severe.map(|entry| entry.message).collect()
    }

    /// Fails when the page has written an error to the console since this was last asked.
    pub async fn assert_no_console_errors(&self) {
        let errors = self.console_errors().await;
        assert!(
            errors.is_empty(),
            "{}'s console has errors: {errors:#?}",
            self.user
        );
    }

    /// A DevTools command, which WebDriver itself has no word for.
    async fn command(&self, method: &str, parameters: Value) {
        self.expect(method, self.web.cdp().send_raw(method, parameters).await);
    }

    /// Unwraps what the driver says, with the user and the deed in the failure.
    pub(crate) fn expect<T>(&self, what: &str, result: WebDriverResult<T>) -> T {
        result.unwrap_or_else(|error| panic!("{}'s browser, {what}: {error}", self.user))
    }

    pub(crate) fn user(&self) -> &str {
        &self.user
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        // WebDriver's own quit command asks chromedriver and waits for its answer, which on a test's
        // single thread never comes. Both errors mean that the browser was closed already.
        let _ = self.web.clone().leak();
        let _ = kill(self.chromium, Signal::SIGKILL);
    }
}

fn capabilities(profile: &Path) -> WebDriverResult<ChromeCapabilities> {
    let mut capabilities = DesiredCapabilities::chrome();
    for argument in ARGUMENTS {
        capabilities.add_arg(argument)?;
    }
    capabilities.add_arg(&format!("--user-data-dir={}", profile.display()))?;
    capabilities.set("goog:loggingPrefs", json!({ "browser": "ALL" }))?;
    Ok(capabilities)
}

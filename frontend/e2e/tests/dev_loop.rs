//! The development loop as a developer uses it: `cargo xtask dev`, a chat through Trunk's proxy, and
//! edits that reload the page.
//!
//! An edit is a file saved again with what it held, see `Saved`: cargo compiles it, Trunk builds the
//! page, and the page is told to reload, as after a real one.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a panic is how a test fails"
)]

use e2e::{Browser, Driver, Process, Saved, Socket, root, target_dir};
use std::path::Path;
use std::process::Command;
use std::time::Duration;
use thirtyfour::Key;

/// On a fresh machine the loop compiles the backend and the page first.
const START_TIME_MAX: Duration = Duration::from_secs(20 * 60);

/// An edit in `common` compiles the whole page again.
const REBUILD_TIME_MAX: Duration = Duration::from_secs(5 * 60);

#[tokio::test(flavor = "multi_thread")]
async fn an_edit_reloads_the_page_and_a_chat_passes_the_proxy() {
    let data = tempfile::tempdir().unwrap();
    let mut dev = start(data.path());
    let (page, _) = dev
        .wait_line("where to open the page", START_TIME_MAX, 0, |line| {
            let address = line.split_once("Open http://")?.1;
            address.split(' ').next().map(str::to_owned)
        })
        .await;

    serves_the_wasm_page(&page).await;
    passes_a_message_through_the_proxy(&page).await;
    lets_a_browser_with_a_cookie_connect(&page).await;

    let mut reloads = Socket::connect(&format!("ws://{page}/.well-known/trunk/ws")).await;
    for (file, krate) in [
        ("frontend/src/main.rs", "frontend"),
        ("common/src/lib.rs", "common"),
    ] {
        edit_reloads_the_page(&dev, &mut reloads, file, krate).await;
    }

    let status = dev.end(nix::sys::signal::Signal::SIGINT);
    assert!(status.success(), "Ctrl-C ended the loop with {status}");
}

fn start(data: &Path) -> Process {
    let mut xtask = Command::new("cargo");
    xtask
        .args([
            "run",
            "--package",
            "xtask",
            "--",
            "dev",
            "--port",
            "0",
            "--page-port",
            "0",
        ])
        .arg("--data-dir")
        .arg(data)
        .current_dir(root())
        .env("CARGO_TARGET_DIR", target_dir())
        .env("NO_COLOR", "1");
    Process::start("dev", &mut xtask).ended_by_interrupt()
}

/// The page itself, its wasm, and a deep link, which is the page too.
async fn serves_the_wasm_page(page: &str) {
    let html = get(&format!("http://{page}/r/general"), "text/html").await;
    let wasm = html
        .split('\'')
        .find(|part| part.ends_with(".wasm"))
        .unwrap();
    let answer = reqwest::get(format!("http://{page}{wasm}")).await.unwrap();
    assert_eq!(
        answer.headers()["content-type"],
        "application/wasm",
        "{wasm}"
    );
    let health = get(&format!("http://{page}/health"), "application/json").await;
    assert!(
        health.starts_with('{'),
        "the backend's answer, and not the page: {health}"
    );
}

async fn get(url: &str, accept: &str) -> String {
    let request = reqwest::Client::new().get(url).header("Accept", accept);
    let answer = request.send().await.unwrap();
    assert!(answer.status().is_success(), "{url}: {}", answer.status());
    answer.text().await.unwrap()
}

async fn passes_a_message_through_the_proxy(page: &str) {
    let mut socket = Socket::connect(&format!("ws://{page}/ws")).await;
    socket.send(r#"{"type":"join","room":"dev"}"#).await;
    socket
        .wait_frame("the join", |frame| frame["type"] == "joined")
        .await;
    socket
        .send(r#"{"type":"message","room":"dev","content":"through the proxy"}"#)
        .await;
    let message = socket
        .wait_frame("my message", |frame| frame["type"] == "message")
        .await;
    assert_eq!(message["content"], "through the proxy");
    assert_eq!(message["room"], "dev");
}

/// A browser sends more than a plain client does: `Origin`, extensions it would like, cookies, with
/// which Trunk's proxy has had faults.
async fn lets_a_browser_with_a_cookie_connect(page: &str) {
    let driver = Driver::start().await;
    let browser = Browser::open(&driver, "developer").await;
    browser.goto(&format!("http://{page}/r/dev")).await;
    browser
        .script("document.cookie = 'session=0123456789'")
        .await;
    browser.fill(".welcome #name", "Developer").await;
    browser.type_keys(Key::Enter).await;
    browser.wait_for(".badge[data-status=live]").await;
    browser.wait_text(".message", "through the proxy").await;
}

/// The crate is compiled again, the build succeeds, and then the page is told.
async fn edit_reloads_the_page(dev: &Process, reloads: &mut Socket, file: &str, krate: &str) {
    let before = dev.line_count();
    let _saved = Saved::again(file);
    let compiling = format!("Compiling {krate} v");
    let is_compiling = |line: &str| line.contains(&compiling).then_some(());
    let ((), compiled) = dev
        .wait_line(&compiling, REBUILD_TIME_MAX, before, is_compiling)
        .await;
    let is_success = |line: &str| line.contains("success").then_some(());
    dev.wait_line("that it succeeded", REBUILD_TIME_MAX, compiled, is_success)
        .await;
    let is_reload = |frame: &serde_json::Value| frame["type"] == "reload";
    reloads
        .wait_frame_within(REBUILD_TIME_MAX, "the page to be told", is_reload)
        .await;
}

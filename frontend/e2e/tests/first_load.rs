//! What is loaded before a user can write, and what is fetched later.

use e2e::{Browser, Driver, Server, arrive, say, sees};
use serde::Deserialize;

/// Bytes over the wire, headers not counted, before the first message can be written.
const BUDGET: u64 = 280_000;

/// Files that are fetched later.
const CHUNKS: &[&str] = &["*/split_*.wasm", "*/chunk_*.wasm"];

/// A file that the page has loaded, as the browser's resource timing has it.
#[derive(Debug, Deserialize)]
struct Resource {
    path: String,
    /// Bytes over the wire.
    encoded: u64,
    /// Bytes after decompression.
    decoded: u64,
}

/// Gives the files that the browser has loaded.
const LOADED: &str = "return ['navigation', 'resource'] \
    .flatMap(kind => performance.getEntriesByType(kind)) \
    .filter(entry => entry.encodedBodySize > 0) \
    .map(entry => ({ path: new URL(entry.name).pathname, \
        encoded: entry.encodedBodySize, decoded: entry.decodedBodySize }))";

#[tokio::test]
#[ignore = "a stage of its own: `cargo xtask test --only page`"]
async fn the_chat_is_within_its_budget() {
    let (server, driver) = (Server::start().await, Driver::start().await);
    let ada = Browser::open(&driver, "Ada").await;
    ada.block(CHUNKS).await;
    ada.goto(&server.url("/r/general")).await;
    ada.fill(".welcome #name", "Ada").await;
    ada.click(".welcome [type=submit]").await;
    ada.wait_for(".badge[data-status=live]").await;
    say(&ada, "hello").await;
    sees(&ada, "hello").await;

    let mut found: Vec<Resource> = serde_json::from_value(ada.script(LOADED).await).unwrap();
    found.retain(|resource| !resource.path.starts_with("/api/"));
    found.sort_by_key(|resource| std::cmp::Reverse(resource.encoded));
    println!("bytes over the wire, bytes after decompression, file:");
    for resource in &found {
        println!(
            "{:>8} {:>8}  {}",
            resource.encoded, resource.decoded, resource.path
        );
    }
    let sum: u64 = found.iter().map(|resource| resource.encoded).sum();
    println!("{sum:>8} of {BUDGET} bytes before the first message can be written");
    let has = |end: &str| found.iter().any(|resource| resource.path.ends_with(end));
    assert!(has(".wasm") && has(".js") && has(".css"), "{found:?}");
    assert!(sum <= BUDGET, "{sum} bytes are more than {BUDGET}");
}

#[tokio::test]
async fn a_part_that_cannot_be_fetched_says_so_and_is_fetched_on_request() {
    let (server, driver) = (Server::start().await, Driver::start().await);
    let ada = Browser::open(&driver, "Ada").await;
    ada.block(CHUNKS).await;
    ada.goto(&server.url("/r/general")).await;
    // A form, where the page would be.
    ada.click("#way-sign-up").await;
    ada.wait_text(".load-failed", "could not be loaded").await;
    ada.screenshot("load-failed-form").await;
    ada.click("#way-guest").await;
    ada.fill(".welcome #name", "Ada").await;
    ada.click(".welcome [type=submit]").await;
    ada.wait_for(".badge[data-status=live]").await;
    say(&ada, "hello").await;
    sees(&ada, "hello").await;

    // A dialog.
    ada.click(".sidebar .create-room").await;
    ada.wait_text("dialog.load-failed", "could not be loaded")
        .await;
    ada.screenshot("load-failed-dialog").await;
    ada.block(&[]).await;
    ada.click("dialog.load-failed .retry-load").await;
    ada.wait_for("#room-name").await;
    ada.type_keys(thirtyfour::Key::Escape).await;
    ada.wait_gone("#room-name").await;

    // A part of a message.
    ada.block(CHUNKS).await;
    ada.hover(".message[data-seq]").await;
    ada.wait_text(".message .load-failed", "could not be loaded")
        .await;
    ada.screenshot("load-failed-message").await;
    ada.block(&[]).await;
    ada.click(".message .retry-load").await;
    ada.wait_for(".message .menu .edit").await;
    drop(ada);

    // A page.
    let bob = arrive(&driver, "Bob", &server.url("/r/general")).await;
    bob.block(CHUNKS).await;
    bob.goto(&server.url("/account")).await;
    bob.wait_text("main .load-failed", "could not be loaded")
        .await;
    bob.screenshot("load-failed-page").await;
    bob.block(&[]).await;
    bob.click("main .retry-load").await;
    bob.wait_gone("main .load-failed").await;
    bob.wait_for("main h1").await;
}

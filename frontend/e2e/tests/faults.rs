//! What a failing network, a killed server and a sleeping page do to what people wrote: nothing.

use e2e::{Browser, CuttableProxy, Driver, Server, arrive, eventually, say, sees, timeline};

const THREE: [&str; 3] = ["first", "second", "third"];

/// Waits until exactly these messages wait to be sent.
async fn waits_with(browser: &Browser, texts: &[&str]) {
    eventually("these messages to be pending", || async {
        let pending = browser
            .texts(".message[data-state=pending] .rich-text")
            .await;
        (pending == texts).then_some(())
    })
    .await;
}

/// Waits until the timeline is exactly this, all of it in the log.
async fn has_exactly(browser: &Browser, texts: &[&str]) {
    browser.wait_for(".badge[data-status=live]").await;
    eventually(&format!("exactly {texts:?}"), || async {
        let stored = browser.texts(".message[data-seq] .rich-text").await;
        (stored == texts && timeline(browser).await == texts).then_some(())
    })
    .await;
}

#[tokio::test]
async fn what_is_written_offline_survives_a_reload_while_still_offline() {
    let (server, driver) = (Server::start().await, Driver::start().await);
    let proxy = CuttableProxy::before(server.address()).await;
    let ada = arrive(&driver, "Ada", &proxy.url("/r/general")).await;
    let bob = arrive(&driver, "Bob", &server.url("/r/general")).await;
    proxy.cut();
    ada.wait_for(".badge[data-status=retrying]").await;
    for text in THREE {
        say(&ada, text).await;
    }
    waits_with(&ada, &THREE).await;
    for _ in 0..2 {
        ada.reload().await;
        waits_with(&ada, &THREE).await;
    }
    assert!(timeline(&bob).await.is_empty());

    proxy.open();
    for browser in [&ada, &bob] {
        has_exactly(browser, &THREE).await;
    }
    ada.reload().await;
    has_exactly(&ada, &THREE).await;
}

#[tokio::test]
async fn what_is_written_offline_survives_the_end_of_its_tab() {
    let mut server = Server::start().await;
    let driver = Driver::start().await;
    let ada = arrive(&driver, "Ada", &server.url("/r/general")).await;
    server.kill();
    ada.wait_for(".badge[data-status=retrying]").await;
    for text in THREE {
        say(&ada, text).await;
    }
    waits_with(&ada, &THREE).await;
    let written_in = ada.tab().await;
    let later = ada.new_tab().await;
    ada.switch(&written_in).await;
    ada.close_tab().await;
    ada.switch(&later).await;

    server.restart().await;
    ada.goto(&server.url("/r/general")).await;
    has_exactly(&ada, &THREE).await;
}

#[tokio::test]
async fn a_server_killed_before_it_reads_a_message_gets_it_later_once() {
    let mut server = Server::start().await;
    let driver = Driver::start().await;
    let ada = arrive(&driver, "Ada", &server.url("/r/general")).await;
    let bob = arrive(&driver, "Bob", &server.url("/r/general")).await;
    server.freeze(true);
    say(&ada, "into the dark").await;
    waits_with(&ada, &["into the dark"]).await;
    server.kill();
    server.restart().await;
    for browser in [&ada, &bob] {
        has_exactly(browser, &["into the dark"]).await;
    }
}

#[tokio::test]
async fn a_server_killed_between_the_disk_and_the_ack_has_the_message_once() {
    let mut server = Server::start().await;
    let driver = Driver::start().await;
    let proxy = CuttableProxy::before(server.address()).await;
    let ada = arrive(&driver, "Ada", &proxy.url("/r/general")).await;
    let bob = arrive(&driver, "Bob", &server.url("/r/general")).await;
    proxy.deafen();
    say(&ada, "stored, and not acknowledged").await;
    // It is on disk, or Bob would not have it; Ada has heard nothing of that.
    sees(&bob, "stored, and not acknowledged").await;
    waits_with(&ada, &["stored, and not acknowledged"]).await;
    server.kill();
    proxy.cut();
    server.restart().await;
    proxy.open();
    for browser in [&ada, &bob] {
        has_exactly(browser, &["stored, and not acknowledged"]).await;
    }
    say(&ada, "and on").await;
    for browser in [&ada, &bob] {
        has_exactly(browser, &["stored, and not acknowledged", "and on"]).await;
    }
}

/// Notes in the page that it was frozen, and that it went on.
async fn note_freezes(browser: &Browser) {
    browser
        .script(
            "for (const what of ['freeze', 'resume']) \
             document.addEventListener(what, () => { window[what + 'd'] = true; })",
        )
        .await;
}

#[tokio::test]
async fn a_frozen_page_catches_up_when_it_goes_on() {
    let (server, driver) = (Server::start().await, Driver::start().await);
    let ada = arrive(&driver, "Ada", &server.url("/r/general")).await;
    let bob = arrive(&driver, "Bob", &server.url("/r/general")).await;
    note_freezes(&ada).await;
    ada.set_frozen(true).await;
    for text in THREE {
        say(&bob, text).await;
        sees(&bob, text).await;
    }
    ada.set_frozen(false).await;
    ada.wait_script("window.freezed && window.resumed").await;
    has_exactly(&ada, &THREE).await;
    say(&ada, "awake").await;
    sees(&bob, "awake").await;
}

#[tokio::test]
async fn a_page_frozen_while_the_server_restarts_comes_back_by_itself() {
    let mut server = Server::start().await;
    let driver = Driver::start().await;
    let ada = arrive(&driver, "Ada", &server.url("/r/general")).await;
    let bob = arrive(&driver, "Bob", &server.url("/r/general")).await;
    say(&bob, "before").await;
    sees(&ada, "before").await;
    note_freezes(&ada).await;
    ada.set_frozen(true).await;
    server.kill();
    bob.wait_for(".badge[data-status=retrying]").await;
    server.restart().await;
    for text in THREE {
        say(&bob, text).await;
        sees(&bob, text).await;
    }
    ada.set_frozen(false).await;
    ada.wait_script("window.freezed && window.resumed").await;
    has_exactly(&ada, &["before", "first", "second", "third"]).await;
}

//! Two tabs of one person: one identity, one outbox, one read marker.

use e2e::{Browser, CuttableProxy, Driver, Server, arrive, eventually, say, sees, timeline};

async fn has_exactly(browser: &Browser, texts: &[&str]) {
    eventually(&format!("exactly {texts:?}"), || async {
        (timeline(browser).await == texts).then_some(())
    })
    .await;
}

#[tokio::test]
async fn both_tabs_show_every_message_once_and_count_as_one_person() {
    let (server, driver) = (Server::start().await, Driver::start().await);
    let ada = arrive(&driver, "Ada", &server.url("/r/general")).await;
    let first = ada.tab().await;
    let second = ada.new_tab().await;
    ada.goto(&server.url("/r/general")).await;
    ada.wait_for(".badge[data-status=live]").await;
    let bob = arrive(&driver, "Bob", &server.url("/r/general")).await;

    say(&ada, "from the second").await;
    sees(&ada, "from the second").await;
    ada.switch(&first).await;
    sees(&ada, "from the second").await;
    say(&ada, "from the first").await;
    sees(&bob, "from the first").await;
    say(&bob, "from Bob").await;

    let all = ["from the second", "from the first", "from Bob"];
    for tab in [&first, &second] {
        ada.switch(tab).await;
        has_exactly(&ada, &all).await;
        ada.wait_script("document.querySelector('.people').dataset.count === '2'")
            .await;
    }
    has_exactly(&bob, &all).await;
    bob.wait_script("document.querySelector('.people').dataset.count === '2'")
        .await;
}

#[tokio::test]
async fn what_is_read_in_one_tab_is_read_in_the_other() {
    let (server, driver) = (Server::start().await, Driver::start().await);
    let ada = arrive(&driver, "Ada", &server.url("/r/general")).await;
    let bob = arrive(&driver, "Bob", &server.url("/r/general")).await;
    let first = ada.tab().await;
    ada.goto(&server.url("/r/elsewhere")).await;
    ada.wait_for(".badge[data-status=live]").await;
    let second = ada.new_tab().await;
    ada.goto(&server.url("/r/elsewhere")).await;
    ada.wait_for(".badge[data-status=live]").await;

    say(&bob, "news").await;
    for tab in [&first, &second] {
        ada.switch(tab).await;
        ada.wait_for(".room-link[data-room=general] .unread").await;
    }
    ada.switch(&first).await;
    ada.click(".room-link[data-room=general]").await;
    sees(&ada, "news").await;
    ada.wait_gone(".room-link[data-room=general] .unread").await;
    ada.switch(&second).await;
    ada.wait_gone(".room-link[data-room=general] .unread").await;
    ada.wait_script("document.title === 'elsewhere · Hubbub'")
        .await;
}

#[tokio::test]
async fn what_is_discarded_in_one_tab_is_gone_from_the_other_and_never_sent() {
    let (server, driver) = (Server::start().await, Driver::start().await);
    let proxy = CuttableProxy::before(server.address()).await;
    let ada = arrive(&driver, "Ada", &proxy.url("/r/general")).await;
    let bob = arrive(&driver, "Bob", &server.url("/r/general")).await;
    let first = ada.tab().await;
    proxy.cut();
    ada.wait_for(".badge[data-status=retrying]").await;
    for text in ["wanted", "not wanted", "wanted too"] {
        say(&ada, text).await;
    }
    let second = ada.new_tab().await;
    ada.goto(&proxy.url("/r/general")).await;
    has_exactly(&ada, &["wanted", "not wanted", "wanted too"]).await;

    ada.switch(&first).await;
    ada.click(".message[data-state=pending]:nth-last-of-type(2) .discard")
        .await;
    for tab in [&first, &second] {
        ada.switch(tab).await;
        has_exactly(&ada, &["wanted", "wanted too"]).await;
    }
    proxy.open();
    for tab in [&first, &second] {
        ada.switch(tab).await;
        sees(&ada, "wanted too").await;
        has_exactly(&ada, &["wanted", "wanted too"]).await;
    }
    has_exactly(&bob, &["wanted", "wanted too"]).await;
}

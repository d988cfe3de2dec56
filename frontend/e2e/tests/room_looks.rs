//! What rooms with doors look like, on a phone and on a desktop, light and dark: pictures to be looked
//! at, in `target/screenshots/`.

use e2e::{Browser, Driver, Server, arrive, choose, open_person, pictures, say, sees, sign_up};
use thirtyfour::Key;

async fn leaf(browser: &Browser, leaf: &str) {
    browser
        .click(&format!("dialog.room-about [data-tab={leaf}]"))
        .await;
    browser
        .wait_for(&format!(".tab[data-tab={leaf}][aria-selected=true]"))
        .await;
    browser
        .wait_script("!document.querySelector('.leaf [role=status].list-note')")
        .await;
}

/// A private room of Ada's with Grace in it, and a conversation beside it.
async fn board(ada: &Browser, grace: &Browser) -> String {
    ada.click(".sidebar .create-room").await;
    ada.click("dialog.room-dialog [data-tab=private]").await;
    ada.fill("#new-title", "Board of the observatory").await;
    ada.fill(
        "#new-topic",
        "What we spend, and on which telescopes we spend it",
    )
    .await;
    pictures(ada, "room-dialog-private").await;
    ada.type_keys(Key::Enter).await;
    ada.wait_text(".room-title .name", "Board").await;
    ada.click(".room-header .about-room").await;
    leaf(ada, "invitations").await;
    ada.click(".make-invitation").await;
    ada.wait_for(".invitation .take-back").await;
    pictures(ada, "room-invitations").await;
    let link = ada
        .script("return document.querySelector('#invite-link').value")
        .await;
    let link = link.as_str().unwrap_or_default().to_owned();
    ada.click("dialog .close").await;
    grace.goto(&link).await;
    grace.wait_text(".invite h1", "Board").await;
    pictures(grace, "invite").await;
    grace.click(".invite .join").await;
    grace.wait_text(".room-title .name", "Board").await;
    say(grace, "Thank you for having me.").await;
    sees(ada, "Thank you").await;
    link
}

#[tokio::test]
async fn every_dialog_about_rooms_has_its_picture() {
    let (server, driver) = (Server::start().await, Driver::start().await);
    let ada = sign_up(&driver, "Ada Lovelace", &server.url("/r/general")).await;
    let grace = sign_up(&driver, "Grace Hopper", &server.url("/r/general")).await;
    open_person(&ada, "Grace").await;
    pictures(&ada, "person").await;
    ada.click(".message-person").await;
    ada.wait_text(".room-title .name", "Grace").await;
    say(&ada, "Are you coming to the board?").await;
    sees(&ada, "Are you coming").await;
    pictures(&ada, "direct").await;
    let link = board(&ada, &grace).await;
    pictures(&ada, "private-room").await;

    ada.click(".room-header .about-room").await;
    pictures(&ada, "room-about").await;
    for name in ["members", "settings", "sanctions"] {
        leaf(&ada, name).await;
        pictures(&ada, &format!("room-{name}")).await;
    }
    leaf(&ada, "settings").await;
    choose(&ada, "#room-pace", "60000").await;
    ada.click(".save-settings").await;
    ada.wait_for(".act-note[data-kind=done]").await;
    say(&grace, "I will be brief.").await;
    grace.wait_for(".counter.wait").await;
    pictures(&grace, "slow-mode").await;
    ada.click("dialog .close").await;

    open_person(&ada, "Grace").await;
    ada.click("dialog.person-dialog .ban").await;
    pictures(&ada, "person-ban").await;
    ada.click("dialog.person-dialog .mute").await;
    ada.fill("#sanction-reason", "The minutes first, please")
        .await;
    ada.click(".do-sanction").await;
    grace.wait_for(".hushed[data-why=muted]").await;
    pictures(&grace, "muted").await;
    ada.wait_for(".sanction .lift").await;
    pictures(&ada, "person-muted").await;
    ada.click("dialog.person-dialog .put-out").await;
    pictures(&ada, "person-put-out").await;
    ada.click("dialog.person-dialog .yes").await;
    grace.wait_for(".notice .go-on").await;
    pictures(&grace, "put-out").await;

    let guest = arrive(&driver, "Visitor", &server.url("/r/general")).await;
    guest.click(".sidebar .create-room").await;
    guest.click("dialog.room-dialog [data-tab=private]").await;
    pictures(&guest, "room-dialog-guest").await;
    guest.goto(&link.replace('#', "#x")).await;
    guest.wait_text(".invite h1", "is not valid").await;
    pictures(&guest, "invite-dead").await;
}

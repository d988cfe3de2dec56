//! Rooms with doors, in several browsers: private rooms and their invitations, conversations of two,
//! settings, and how order is kept.

use e2e::{Browser, Driver, Server, Viewport, arrive, choose, open_person, say, sees, sign_up};
use thirtyfour::Key;

/// Makes a private room, and stays there.
async fn make_private(browser: &Browser, title: &str) {
    browser.click(".sidebar .create-room").await;
    browser.click("dialog.room-dialog [data-tab=private]").await;
    browser.fill("#new-title", title).await;
    browser.type_keys(Key::Enter).await;
    browser.wait_text(".room-title .name", title).await;
}

/// Makes a public room, whose owner one is then.
async fn make_public(browser: &Browser, name: &str) {
    browser.click(".sidebar .create-room").await;
    browser.fill("#room-name", name).await;
    browser.type_keys(Key::Enter).await;
    browser.wait_text(".room-title .name", name).await;
    browser.wait_gone("dialog.room-dialog").await;
}

async fn open_leaf(browser: &Browser, leaf: &str) {
    browser.click(".room-header .about-room").await;
    browser
        .click(&format!("dialog.room-about [data-tab={leaf}]"))
        .await;
}

async fn close_dialog(browser: &Browser) {
    browser.click("dialog .close").await;
    browser.wait_gone("dialog").await;
}

/// Makes a link into the room one is in.
async fn invitation(browser: &Browser) -> String {
    open_leaf(browser, "invitations").await;
    browser.click(".make-invitation").await;
    browser
        .wait_script("document.querySelector('#invite-link')?.value.includes('/invite#')")
        .await;
    let link = browser
        .script("return document.querySelector('#invite-link').value")
        .await;
    browser.wait_for(".invitation .take-back").await;
    close_dialog(browser).await;
    link.as_str().unwrap_or_default().to_owned()
}

/// Mutes or bans the user whose card is open, permanently.
async fn sanction(browser: &Browser, kind: &str, reason: &str) {
    browser
        .click(&format!("dialog.person-dialog .{kind}"))
        .await;
    browser.wait_for("#sanction-span").await;
    choose(browser, "#sanction-span", "").await;
    browser.fill("#sanction-reason", reason).await;
    browser.click(".do-sanction").await;
    browser
        .wait_for("dialog.person-dialog .act-note[data-kind=done]")
        .await;
}

#[tokio::test]
async fn a_private_room_is_entered_by_invitation_and_is_there_for_nobody_else() {
    let (server, driver) = (Server::start().await, Driver::start().await);
    let ada = sign_up(&driver, "Ada", &server.url("/r/general")).await;
    make_private(&ada, "Board").await;
    say(&ada, "between us").await;
    sees(&ada, "between us").await;
    let address = ada.script("return location.pathname").await;
    let address = address.as_str().unwrap_or_default().to_owned();
    let link = invitation(&ada).await;

    // A stranger finds nothing, neither in the list nor at the address.
    let eve = arrive(&driver, "Eve", &server.url(&address)).await;
    eve.wait_text(".notice h2", "There is no such room").await;
    eve.wait_script("!document.body.textContent.includes('Board')")
        .await;
    eve.click(".notice .go-on").await;
    eve.wait_gone(".notice .retry-join").await;

    // A visitor with the link chooses a name and is let in.
    let bob = Browser::open(&driver, "Bob").await;
    bob.goto(&link).await;
    bob.fill(".welcome #name", "Bob").await;
    bob.type_keys(Key::Enter).await;
    bob.wait_text(".invite h1", "Board").await;
    bob.wait_text(".invite-by", "Ada invites you").await;
    bob.click(".invite .join").await;
    bob.wait_text(".room-title .name", "Board").await;
    sees(&bob, "between us").await;
    let code = link.split('#').nth(1).unwrap_or_default();
    bob.wait_script(&format!(
        "!location.href.includes({code:?}) && !JSON.stringify({{...localStorage}}).includes({code:?})"
    ))
    .await;
    ada.wait_text(".people .person", "Bob").await;
    say(&bob, "thank you").await;
    sees(&ada, "thank you").await;
    bob.reload().await;
    bob.wait_text(".room-link .name", "Board").await;
    bob.wait_script("document.title.startsWith('Board')").await;

    // After it is revoked, the link no longer works.
    open_leaf(&ada, "invitations").await;
    ada.click(".invitation .take-back").await;
    ada.wait_text(".act-note[data-kind=done]", "no longer works")
        .await;
    eve.goto(&link).await;
    eve.wait_text(".invite h1", "is not valid").await;
    eve.click(".invite .go-on").await;
    close_dialog(&ada).await;

    // Removed, he is told, and the room is gone.
    open_person(&ada, "Bob").await;
    ada.click("dialog.person-dialog .put-out").await;
    ada.click("dialog.person-dialog .yes").await;
    bob.wait_text(".notice h2", "You were removed from Board")
        .await;
    bob.click(".notice .go-on").await;
    bob.wait_script("!document.querySelector('.sidebar').textContent.includes('Board')")
        .await;
}

#[tokio::test]
async fn two_people_talk_alone() {
    let (server, driver) = (Server::start().await, Driver::start().await);
    let ada = sign_up(&driver, "Ada", &server.url("/r/general")).await;
    let bob = sign_up(&driver, "Bob", &server.url("/r/general")).await;
    open_person(&ada, "Bob").await;
    ada.click("dialog.person-dialog .message-person").await;
    ada.wait_text(".room-title .name", "Bob").await;
    ada.wait_gone("dialog.person-dialog").await;
    say(&ada, "psst").await;
    sees(&ada, "psst").await;
    bob.wait_text(".conversations .room-link .name", "Ada")
        .await;
    bob.wait_for(".conversations .room-link .unread").await;
    bob.click(".conversations .room-link").await;
    sees(&bob, "psst").await;
    bob.wait_text(".room-title .name", "Ada").await;
    say(&bob, "yes?").await;
    sees(&ada, "yes?").await;

    // The same two get the same room, also from a message.
    bob.click(".room-link[data-room=general]").await;
    say(&bob, "to all").await;
    ada.click(".room-link[data-room=general]").await;
    sees(&ada, "to all").await;
    ada.click(".message .author").await;
    ada.click("dialog.person-dialog .message-person").await;
    sees(&ada, "yes?").await;

    // A guest is told what it takes.
    let eve = arrive(&driver, "Eve", &server.url("/r/general")).await;
    open_person(&eve, "Bob").await;
    eve.wait_text("dialog.person-dialog .hindrance", "requires an account")
        .await;
}

#[tokio::test]
async fn whoever_looks_after_a_room_keeps_order_in_it() {
    let (server, driver) = (Server::start().await, Driver::start().await);
    let _admin = sign_up(&driver, "Root", &server.url("/r/general")).await;
    let ada = sign_up(&driver, "Ada", &server.url("/r/general")).await;
    make_public(&ada, "garden").await;
    let bob = arrive(&driver, "Bob", &server.url("/r/garden")).await;
    say(&bob, "something bad").await;
    sees(&ada, "something bad").await;

    ada.hover(".message[data-seq='1']").await;
    ada.click(".message[data-seq='1'] .toolbar .delete").await;
    ada.wait_text(".confirm p", "by Bob").await;
    ada.click(".confirm-delete").await;
    bob.wait_for(".message[data-seq='1'] .deleted").await;

    bob.fill(".composer textarea", "and another").await;
    open_person(&ada, "Bob").await;
    sanction(&ada, "mute", "calm down").await;
    bob.wait_text(".hushed[data-why=muted]", "You are muted")
        .await;
    ada.click("dialog.person-dialog .sanction[data-kind=mute] .lift")
        .await;
    bob.wait_script("document.querySelector('.composer textarea')?.value === 'and another'")
        .await;

    ada.click("dialog.person-dialog .put-out").await;
    ada.click("dialog.person-dialog .yes").await;
    bob.wait_text(".notice h2", "You were removed from #garden")
        .await;
    bob.click(".notice .retry-join").await;
    bob.wait_for(".composer textarea").await;

    sanction(&ada, "ban", "enough").await;
    bob.wait_text(".notice h2", "You are banned from #garden")
        .await;
    // Another try tells why.
    bob.click(".notice .retry-join").await;
    bob.wait_text(".notice p", "enough").await;
    close_dialog(&ada).await;
    open_leaf(&ada, "sanctions").await;
    ada.wait_text(".sanction[data-kind=ban]", "enough").await;
    ada.click(".sanction[data-kind=ban] .lift").await;
    ada.wait_text(".leaf", "Nobody is banned").await;
    bob.click(".notice .retry-join").await;
    bob.wait_for(".composer textarea").await;
}

#[tokio::test]
async fn what_is_set_of_a_room_shows_to_everybody_at_once() {
    let (server, driver) = (Server::start().await, Driver::start().await);
    let ada = sign_up(&driver, "Ada", &server.url("/r/general")).await;
    make_public(&ada, "garden").await;
    let bob = arrive(&driver, "Bob", &server.url("/r/garden")).await;
    open_leaf(&ada, "settings").await;
    ada.fill("#room-title", "The garden").await;
    ada.fill("#room-topic", "Roses, mostly").await;
    ada.click("#room-locked").await;
    ada.click(".save-settings").await;
    ada.wait_for(".act-note[data-kind=done]").await;
    bob.wait_text(".room-title .name", "The garden").await;
    bob.wait_text(".topic", "Roses").await;
    bob.wait_for(".hushed[data-why=locked]").await;
    bob.wait_script("document.title === 'The garden · Hubbub'")
        .await;

    ada.click("#room-locked").await;
    choose(&ada, "#room-pace", "60000").await;
    ada.click(".save-settings").await;
    bob.wait_text(".composer-note[data-kind=slow]", "1 minute")
        .await;
    say(&bob, "one").await;
    sees(&bob, "one").await;
    bob.wait_for(".counter.wait").await;

    ada.click(".archive-room").await;
    ada.click(".archive .yes").await;
    bob.wait_for(".hushed[data-why=archived]").await;
    ada.click(".unarchive").await;
    bob.wait_for(".composer textarea").await;

    // Bob may look after it, too.
    close_dialog(&ada).await;
    open_person(&ada, "Bob").await;
    ada.script(
        "const standing = document.querySelector('.standing select'); \
         standing.value = 'moderator'; \
         standing.dispatchEvent(new Event('change', { bubbles: true }))",
    )
    .await;
    ada.wait_text(".act-note[data-kind=done]", "moderator now")
        .await;
    bob.click(".room-header .room-name").await;
    bob.wait_text(".facts", "one of its moderators").await;
    bob.wait_for("dialog.room-about [data-tab=sanctions]").await;
}

#[tokio::test]
async fn a_room_with_nearly_the_same_name_is_offered() {
    let (server, driver) = (Server::start().await, Driver::start().await);
    let ada = sign_up(&driver, "Ada", &server.url("/r/general")).await;
    say(&ada, "here").await;
    ada.click(".sidebar .create-room").await;
    ada.fill("#room-name", "General").await;
    ada.type_keys(Key::Enter).await;
    ada.wait_text(".similar-room", "A room named general already exists.")
        .await;
    ada.click(".join-similar").await;
    ada.wait_gone("dialog.room-dialog").await;
    ada.wait_text(".room-title .name", "general").await;
    ada.click(".sidebar .create-room").await;
    ada.fill("#room-name", "General").await;
    ada.type_keys(Key::Enter).await;
    ada.click(".create-anyway").await;
    ada.wait_text(".room-title .name", "General").await;
    // The empty room leads to the one that is in use.
    ada.click(".beginning .similar-room").await;
    ada.wait_text(".message[data-seq]", "here").await;
}

#[tokio::test]
async fn the_dialogs_about_rooms_can_be_used_with_keys_alone_and_fit_a_phone() {
    let (server, driver) = (Server::start().await, Driver::start().await);
    let ada = sign_up(&driver, "Ada", &server.url("/r/general")).await;
    make_private(&ada, "Board").await;
    ada.script("document.querySelector('.room-name').focus()")
        .await;
    ada.type_keys(Key::Enter).await;
    ada.wait_for("dialog.room-about").await;
    ada.script("document.querySelector('.tab[aria-selected=true]').focus()")
        .await;
    for leaf in ["members", "settings", "invitations", "sanctions"] {
        ada.type_keys(Key::Right).await;
        ada.wait_for(&format!(".tab[data-tab={leaf}][aria-selected=true]"))
            .await;
        ada.set_viewport(Viewport::Phone).await;
        ada.wait_script(
            "document.documentElement.scrollWidth <= 360 && \
             document.querySelector('dialog').scrollWidth <= 360",
        )
        .await;
        ada.set_viewport(Viewport::Desktop).await;
    }
    ada.type_keys(Key::Escape).await;
    ada.wait_gone("dialog.room-about").await;
    ada.wait_script("document.activeElement.matches('.room-name')")
        .await;
    ada.assert_no_console_errors().await;
}

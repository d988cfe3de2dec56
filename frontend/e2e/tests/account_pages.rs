//! The reader's own account, and what admins look after.

use e2e::{
    Browser, Driver, PASSWORD, Server, arrive, choose, eventually, open_way, say, sees, sign_in,
    sign_up,
};
use serde_json::json;
use thirtyfour::Key;

/// Another browser in which somebody signs in.
async fn signed_in(driver: &Driver, name: &str, server: &Server) -> Browser {
    let browser = Browser::open(driver, name).await;
    browser.goto(&server.url("/r/general")).await;
    sign_in(&browser, name, PASSWORD).await;
    browser.wait_for(".badge[data-status=live]").await;
    browser
}

async fn lines(browser: &Browser, count: usize) {
    eventually(&format!("{count} lines"), || async {
        (browser.texts(".line").await.len() == count).then_some(())
    })
    .await;
}

#[tokio::test]
async fn a_guest_makes_an_account_of_itself_and_keeps_name_rooms_and_words() {
    let (server, driver) = (Server::start().await, Driver::start().await);
    let ada = arrive(&driver, "Ada", &server.url("/r/garden")).await;
    say(&ada, "said as a guest").await;
    sees(&ada, "said as a guest").await;
    ada.click(".me-link").await;
    ada.wait_text(".profile-role[data-role=guest]", "Guest")
        .await;
    ada.fill("#sign-up-password", "short").await;
    ada.type_keys(Key::Enter).await;
    ada.wait_text("#sign-up-password-note", "Use at least 8 characters.")
        .await;
    ada.fill("#sign-up-password", PASSWORD).await;
    ada.type_keys(Key::Enter).await;
    ada.wait_text(".profile-role[data-role=admin]", "Account since")
        .await;
    ada.wait_text(".profile-name", "Ada").await;
    ada.click(".room-link[data-room=garden]").await;
    sees(&ada, "said as a guest").await;
    ada.hover(".message[data-seq='1']").await;
    ada.wait_for(".toolbar .edit").await;
    say(&ada, "said with an account").await;
    sees(&ada, "said with an account").await;
}

#[tokio::test]
async fn a_guest_with_an_account_elsewhere_signs_in_to_it() {
    let (server, driver) = (Server::start().await, Driver::start().await);
    sign_up(&driver, "Ada", &server.url("/r/general")).await;
    let guest = arrive(&driver, "Visitor", &server.url("/account")).await;
    guest.click(".change").await;
    guest.wait_for(".welcome[data-way=sign-in]").await;
    sign_in(&guest, "Ada", PASSWORD).await;
    guest.wait_text(".profile-name", "Ada").await;
    guest.click(".sign-out").await;
    guest.wait_for(".welcome").await;
    guest.reload().await;
    guest.wait_for(".welcome").await;
}

#[tokio::test]
async fn sign_ins_are_listed_and_ended_one_by_one_or_together() {
    let (server, driver) = (Server::start().await, Driver::start().await);
    let ada = sign_up(&driver, "Ada", &server.url("/r/general")).await;
    let second = signed_in(&driver, "Ada", &server).await;
    let third = signed_in(&driver, "Ada", &server).await;
    ada.goto(&server.url("/account")).await;
    lines(&ada, 3).await;
    ada.wait_text(".line[data-current=true]", "This device")
        .await;
    ada.wait_text(".line[data-current=true]", "Chrome on Linux")
        .await;
    ada.click(".line[data-current=false] .end").await;
    lines(&ada, 2).await;
    ada.click(".end-others").await;
    lines(&ada, 1).await;
    for browser in [&second, &third] {
        browser
            .wait_text(".session-end", "You were signed out")
            .await;
    }
    sign_in(&second, "Ada", PASSWORD).await;
    second.wait_for(".badge[data-status=live]").await;
    ada.reload().await;
    lines(&ada, 2).await;
    ada.click(".end-all").await;
    ada.wait_for(".welcome").await;
    second.wait_for(".session-end").await;
}

#[tokio::test]
async fn another_password_ends_the_other_sign_ins_and_is_the_one_that_opens() {
    let (server, driver) = (Server::start().await, Driver::start().await);
    let ada = sign_up(&driver, "Ada", &server.url("/account")).await;
    let other = signed_in(&driver, "Ada", &server).await;
    ada.reload().await;
    lines(&ada, 2).await;
    for (present, new, field, words) in [
        (
            "",
            "another horse",
            "present",
            "Type your current password.",
        ),
        (
            "wrong horse",
            "another horse",
            "present",
            "This is not your current password.",
        ),
        (PASSWORD, "short", "new", "Use at least 8 characters."),
    ] {
        ada.fill("#present-password", present).await;
        ada.fill("#new-password", new).await;
        ada.type_keys(Key::Enter).await;
        ada.wait_text(&format!("#{field}-password-note[data-kind=error]"), words)
            .await;
    }
    ada.fill("#new-password", "another horse").await;
    ada.type_keys(Key::Enter).await;
    ada.wait_text(".done", "Password changed.").await;
    lines(&ada, 1).await;
    other.wait_text(".session-end", "You were signed out").await;
    sign_in(&other, "Ada", PASSWORD).await;
    other
        .wait_text("#sign-in-password-note", "Wrong name or password")
        .await;
    other.fill("#sign-in-password", "another horse").await;
    other.type_keys(Key::Enter).await;
    other.wait_for(".badge[data-status=live]").await;
}

#[tokio::test]
async fn an_admin_changes_roles_keeps_out_and_reads_who_did_what() {
    let (server, driver) = (Server::start().await, Driver::start().await);
    let ada = sign_up(&driver, "Ada", &server.url("/r/general")).await;
    let bob = sign_up(&driver, "Bob", &server.url("/r/general")).await;
    bob.wait_gone(".admin-link").await;
    bob.goto(&server.url("/admin")).await;
    bob.wait_text(".notice", "Only for admins").await;

    ada.click(".admin-link").await;
    ada.wait_text(".account-line .chip", "Admin, you").await;
    let line = ".account-line[data-role=member]";
    ada.wait_text(line, "Bob").await;
    choose(&ada, ".role", "admin").await;
    lines(&ada, 2).await;
    // The role comes to the open page by itself.
    bob.wait_for(".admin .account-line").await;
    choose(&ada, ".role", "member").await;
    bob.wait_text(".notice", "Only for admins").await;
    ada.wait_for(line).await;

    ada.click(".disable").await;
    ada.wait_for(".account-line[data-disabled=true]").await;
    bob.wait_text(".session-end", "You were signed out").await;
    sign_in(&bob, "Bob", PASSWORD).await;
    bob.wait_text("#sign-in-password-note", "Wrong name or password")
        .await;
    ada.click(".enable").await;
    ada.wait_for(".account-line[data-disabled=false] .disable")
        .await;

    ada.click(".admin .way[href='/admin/audit']").await;
    for (act, words) in [
        ("role_changed", "Ada changed the role of Bob"),
        ("account_disabled", "Ada disabled the account of Bob"),
        ("sign_in_refused", "Somebody tried a wrong password for Bob"),
        ("account_enabled", "Ada enabled the account of Bob"),
        ("signed_up", "Bob created an account"),
    ] {
        eventually(&format!("{words} in the log"), || async {
            let found = ada.texts(&format!(".audit-line[data-act={act}]")).await;
            if found.iter().any(|text| text.contains(words)) {
                return Some(());
            }
            ada.reload().await;
            ada.wait_for(".audit-line").await;
            None
        })
        .await;
    }
}

#[tokio::test]
async fn a_key_is_made_shown_once_used_and_revoked() {
    let (server, driver) = (Server::start().await, Driver::start().await);
    let ada = sign_up(&driver, "Ada", &server.url("/admin/keys")).await;
    ada.wait_text(".sheet-words", "There are none yet.").await;
    ada.click(".key-form button[type=submit]").await;
    ada.wait_text("#key-name-note", "Type a name first.").await;
    ada.fill("#key-name", "deploy-bot").await;
    ada.type_keys(Key::Enter).await;
    let key = ada.wait_text("#made-key", "hbk_").await;
    let publish = || async {
        let asked = reqwest::Client::new()
            .post(server.url("/api/v1/rooms/general/messages"))
            .bearer_auth(&key)
            .json(&json!({ "content": "deployed" }))
            .send()
            .await;
        asked
            .map(|answer| answer.status().as_u16())
            .unwrap_or_default()
    };
    assert_eq!(publish().await, 201);
    ada.click(".key-taken").await;
    ada.wait_for("#key-name").await;
    ada.wait_text(".key-line", "read, write").await;
    let page = ada
        .script("return document.documentElement.outerHTML")
        .await;
    assert!(!page.to_string().contains("hbk_"), "it is shown once");
    ada.fill("#key-name", "Ada").await;
    ada.type_keys(Key::Enter).await;
    ada.wait_text("#key-name-note", "This name is already taken.")
        .await;
    ada.click(".revoke").await;
    ada.click(".confirm-revoke").await;
    ada.wait_text(".sheet-words", "There are none yet.").await;
    assert_eq!(publish().await, 401);
}

#[tokio::test]
async fn the_pages_can_be_used_with_keys_alone() {
    let (server, driver) = (Server::start().await, Driver::start().await);
    let ada = Browser::open(&driver, "ada").await;
    ada.goto(&server.url("/account")).await;
    ada.wait_script("document.activeElement.id === 'name'")
        .await;
    open_way(&ada, "guest").await;
    ada.script("document.querySelector('#way-guest').focus()")
        .await;
    ada.type_keys(Key::Right).await;
    ada.wait_for(".welcome[data-way=sign-up]").await;
    ada.wait_script("document.activeElement.id === 'way-sign-up'")
        .await;
    ada.type_keys(Key::Tab).await;
    ada.wait_script("document.activeElement.id === 'sign-up-name'")
        .await;
    ada.type_keys("Ada").await;
    ada.type_keys(Key::Tab).await;
    ada.type_keys(PASSWORD).await;
    ada.type_keys(Key::Tab).await;
    ada.wait_script("document.activeElement.matches('.reveal')")
        .await;
    ada.type_keys(Key::Space).await;
    ada.wait_script("document.querySelector('#sign-up-password').type === 'text'")
        .await;
    ada.type_keys(Key::Tab).await;
    ada.type_keys(Key::Enter).await;
    ada.wait_text(".profile-name", "Ada").await;
}

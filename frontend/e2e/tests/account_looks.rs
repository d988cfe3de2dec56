//! What coming in, the own account and the pages of admins look like: pictures to be looked at, in
//! `target/screenshots/`.

use e2e::{Browser, Driver, PASSWORD, Server, arrive, open_way, pictures, sign_in, sign_up};
use serde_json::json;
use thirtyfour::Key;

#[tokio::test]
async fn coming_in_has_its_pictures() {
    let config = "[server]\npublic_url = \"https://chat.example\"\n";
    let (server, driver) = (Server::with(config).await, Driver::start().await);
    let ada = Browser::open(&driver, "ada").await;
    ada.goto(&server.url("/r/general")).await;
    open_way(&ada, "sign-up").await;
    ada.fill("#sign-up-name", "Ada Lovelace").await;
    ada.fill("#sign-up-password", PASSWORD).await;
    ada.fill("#claim-code", "guess").await;
    ada.type_keys(Key::Enter).await;
    ada.wait_for("#claim-code-note[data-kind=error]").await;
    ada.click(".reveal").await;
    pictures(&ada, "claim").await;

    let (server, driver) = (Server::start().await, Driver::start().await);
    let ada = sign_up(&driver, "Ada Lovelace", &server.url("/account")).await;
    ada.click(".sign-out").await;
    ada.wait_for(".welcome").await;
    pictures(&ada, "welcome-guest").await;
    open_way(&ada, "sign-in").await;
    ada.fill("#sign-in-name", "Ada Lovelace").await;
    ada.fill("#sign-in-password", "incorrect horse").await;
    ada.type_keys(Key::Enter).await;
    ada.wait_for("#sign-in-password-note[data-kind=error]")
        .await;
    pictures(&ada, "sign-in-refused").await;
    open_way(&ada, "sign-up").await;
    pictures(&ada, "sign-up").await;
    sign_in(&ada, "Ada Lovelace", PASSWORD).await;
    ada.wait_for(".badge[data-status=live]").await;
    let second = Browser::open(&driver, "ada elsewhere").await;
    second.goto(&server.url("/account")).await;
    sign_in(&second, "Ada Lovelace", PASSWORD).await;
    second.click(".end-others").await;
    ada.wait_for(".session-end").await;
    pictures(&ada, "signed-out").await;
}

#[tokio::test]
async fn accounts_and_administration_have_their_pictures() {
    let (server, driver) = (Server::start().await, Driver::start().await);
    let guest = arrive(&driver, "Grace Hopper", &server.url("/account")).await;
    guest.wait_for(".become").await;
    pictures(&guest, "account-guest").await;
    let ada = sign_up(&driver, "Ada Lovelace", &server.url("/account")).await;
    let program = reqwest::Client::new();
    for (name, label) in [
        (
            "Ada Lovelace",
            "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1",
        ),
        ("Ada Lovelace", "backup script"),
    ] {
        let body = json!({ "name": name, "password": PASSWORD, "label": label, "tokens": true });
        let made = program
            .post(server.url("/api/v1/session"))
            .json(&body)
            .send()
            .await;
        assert!(made.is_ok_and(|answer| answer.status() == 201));
    }
    for name in [
        "Katherine Johnson",
        "Alan",
        "Margaret Hamilton-of-the-long-name",
    ] {
        let body =
            json!({ "name": name.get(..32).unwrap_or(name), "password": PASSWORD, "tokens": true });
        let made = program
            .post(server.url("/api/v1/accounts"))
            .json(&body)
            .send()
            .await;
        assert!(made.is_ok_and(|answer| answer.status() == 201));
    }
    ada.reload().await;
    ada.wait_for(".line[data-sign-in]").await;
    pictures(&ada, "account").await;
    ada.fill("#present-password", "wrong horse").await;
    ada.fill("#new-password", "another horse").await;
    ada.type_keys(Key::Enter).await;
    ada.wait_for("#present-password-note[data-kind=error]")
        .await;
    pictures(&ada, "account-refused").await;

    ada.click(".admin-link").await;
    ada.click(".account-line[data-role=member] .disable").await;
    ada.wait_for(".account-line[data-disabled=true]").await;
    pictures(&ada, "admin-accounts").await;
    ada.click(".way[href='/admin/keys']").await;
    ada.fill("#key-name", "deploy-bot").await;
    ada.type_keys(Key::Enter).await;
    ada.wait_for("#made-key").await;
    pictures(&ada, "admin-key-made").await;
    ada.click(".key-taken").await;
    ada.click(".revoke").await;
    ada.wait_for(".confirm-revoke").await;
    pictures(&ada, "admin-keys").await;
    ada.click(".way[href='/admin/audit']").await;
    ada.wait_for(".audit-line").await;
    pictures(&ada, "admin-audit").await;
    guest.goto(&server.url("/admin")).await;
    guest.wait_for(".notice").await;
    pictures(&guest, "admin-refused").await;
}

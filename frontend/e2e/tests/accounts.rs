//! Coming in with an account, staying, and going: also where tokens run out under a page.

use e2e::{
    Browser, CuttableProxy, Driver, PASSWORD, Server, arrive, eventually, open_way, say, sees,
    sign_in, sign_up,
};
use thirtyfour::Key;

/// Tokens that run out while one looks.
const SHORT_LIVES: &str = "[auth]\naccess_life = \"2s\"\nexpiry_grace = \"1s\"\n";

/// What the page could tell a script that was smuggled into it.
async fn readable(browser: &Browser) -> String {
    let all = "return JSON.stringify([location.href, document.cookie, {...localStorage}, {...sessionStorage}])";
    browser.script(all).await.to_string()
}

/// The address at which the page may be found, with the cookies of the browser.
async fn ask(browser: &Browser, server: &Server) -> (u16, String) {
    let cookies = browser.web.get_all_cookies().await.unwrap_or_default();
    let pairs: Vec<String> = cookies
        .iter()
        .map(|cookie| format!("{}={}", cookie.name, cookie.value))
        .collect();
    let asked = reqwest::Client::new()
        .get(server.url("/api/v1/session"))
        .header("cookie", pairs.join("; "))
        .send()
        .await;
    match asked {
        Ok(answer) => {
            let status = answer.status().as_u16();
            (status, answer.text().await.unwrap_or_default())
        }
        Err(error) => (0, error.to_string()),
    }
}

#[tokio::test]
async fn an_account_is_made_left_and_come_back_to_and_no_token_can_be_read() {
    let (server, driver) = (Server::start().await, Driver::start().await);
    let ada = sign_up(&driver, "Ada", &server.url("/r/general")).await;
    say(&ada, "hello").await;
    sees(&ada, "hello").await;
    ada.reload().await;
    sees(&ada, "hello").await;
    let readable = readable(&ada).await;
    for secret in ["hba_", "hbr_", PASSWORD] {
        assert!(!readable.contains(secret), "{readable}");
    }
    ada.click(".sign-out").await;
    ada.wait_for(".welcome").await;
    open_way(&ada, "sign-in").await;
    ada.fill("#sign-in-name", "ada").await;
    ada.type_keys(Key::Enter).await;
    ada.wait_text("#sign-in-password-note", "Type the password.")
        .await;
    ada.fill("#sign-in-password", "incorrect horse").await;
    ada.type_keys(Key::Enter).await;
    ada.wait_text(
        "#sign-in-password-note[data-kind=error]",
        "Wrong name or password.",
    )
    .await;
    ada.fill("#sign-in-password", PASSWORD).await;
    ada.click(".reveal").await;
    ada.wait_script("document.querySelector('#sign-in-password').type === 'text'")
        .await;
    ada.click(".sign-in-form button[type=submit]").await;
    sees(&ada, "hello").await;
    ada.wait_text(".me-name", "Ada").await;
}

#[tokio::test]
async fn refusals_stand_in_words_beside_their_fields() {
    let (server, driver) = (Server::start().await, Driver::start().await);
    let ada = sign_up(&driver, "Ada", &server.url("/r/general")).await;
    ada.click(".sign-out").await;
    ada.wait_for(".welcome").await;
    open_way(&ada, "guest").await;
    ada.fill("#name", "Ada").await;
    ada.type_keys(Key::Enter).await;
    ada.wait_text("#name-note", "This name is already taken.")
        .await;
    open_way(&ada, "sign-up").await;
    ada.fill("#sign-up-name", "ADA").await;
    ada.fill("#sign-up-password", "short").await;
    ada.type_keys(Key::Enter).await;
    ada.wait_text(
        "#sign-up-password-note[data-kind=error]",
        "Use at least 8 characters.",
    )
    .await;
    ada.fill("#sign-up-password", PASSWORD).await;
    ada.type_keys(Key::Enter).await;
    ada.wait_text("#sign-up-name-note", "This name is already taken.")
        .await;
}

#[tokio::test]
async fn the_first_account_needs_the_code_of_the_server_and_guests_may_be_kept_out() {
    let config = "[server]\npublic_url = \"https://chat.example\"\n[auth]\nguests = false\n";
    let (server, driver) = (Server::with(config).await, Driver::start().await);
    let code = server
        .said("the claim code", |line| {
            let (_, code) = line.split_once("claim code")?;
            let code = code.split_whitespace().last()?;
            Some(
                code.trim_matches(|c: char| !c.is_ascii_alphanumeric())
                    .to_owned(),
            )
        })
        .await;
    let ada = Browser::open(&driver, "ada").await;
    ada.goto(&server.url("/")).await;
    ada.wait_for(".welcome[data-way=sign-up]").await;
    assert!(ada.texts(".way").await.is_empty(), "there is no other way");
    ada.fill("#sign-up-name", "Ada").await;
    ada.fill("#sign-up-password", PASSWORD).await;
    ada.fill("#claim-code", "guess").await;
    ada.type_keys(Key::Enter).await;
    ada.wait_text("#claim-code-note[data-kind=error]", "Wrong code")
        .await;
    ada.fill("#claim-code", code).await;
    ada.type_keys(Key::Enter).await;
    // The cookies are for TLS only, which is not here: that the server took the code is enough.
    let bob = Browser::open(&driver, "bob").await;
    eventually("the node to have an account", || async {
        bob.goto(&server.url("/")).await;
        let ways = bob.texts(".way").await;
        (ways == ["Sign in", "Sign up"]).then_some(())
    })
    .await;
}

#[tokio::test]
async fn a_page_stays_live_while_its_tokens_run_out_again_and_again() {
    let (server, driver) = (Server::with(SHORT_LIVES).await, Driver::start().await);
    let ada = sign_up(&driver, "Ada", &server.url("/r/general")).await;
    let bob = arrive(&driver, "Bob", &server.url("/r/general")).await;
    ada.script("new MutationObserver(() => { window.left ||= document.querySelector('.badge')?.dataset.status !== 'live' }).observe(document.body, { subtree: true, attributes: true })")
        .await;
    let refreshes =
        "performance.getEntriesByName(location.origin + '/api/v1/session/refresh').length >= 4";
    ada.wait_script(refreshes).await;
    say(&ada, "still here").await;
    sees(&bob, "still here").await;
    assert_eq!(ada.script("return Boolean(window.left)").await, false);
}

#[tokio::test]
async fn a_laptop_that_wakes_with_a_stale_token_comes_back_by_itself() {
    let (server, driver) = (Server::with(SHORT_LIVES).await, Driver::start().await);
    let ada = sign_up(&driver, "Ada", &server.url("/r/general")).await;
    let bob = arrive(&driver, "Bob", &server.url("/r/general")).await;
    ada.set_frozen(true).await;
    eventually("the token to run out", || async {
        let (status, said) = ask(&ada, &server).await;
        (status == 401 && said.contains("token_expired")).then_some(())
    })
    .await;
    bob.wait_script("document.querySelector('.people').dataset.count === '1'")
        .await;
    say(&bob, "while you slept").await;
    sees(&bob, "while you slept").await;
    ada.set_frozen(false).await;
    sees(&ada, "while you slept").await;
    say(&ada, "good morning").await;
    sees(&bob, "good morning").await;
}

#[tokio::test]
async fn a_page_that_is_opened_with_a_stale_token_is_not_asked_to_sign_in() {
    let (server, driver) = (Server::with(SHORT_LIVES).await, Driver::start().await);
    let ada = sign_up(&driver, "Ada", &server.url("/r/general")).await;
    ada.goto(&server.url("/health")).await;
    eventually("the token to run out", || async {
        let (status, said) = ask(&ada, &server).await;
        (status == 401 && said.contains("token_expired")).then_some(())
    })
    .await;
    ada.goto(&server.url("/r/general")).await;
    ada.wait_for(".badge[data-status=live]").await;
    ada.wait_text(".me-name", "Ada").await;
}

#[tokio::test]
async fn signing_out_in_one_tab_signs_out_all() {
    let (server, driver) = (Server::start().await, Driver::start().await);
    let ada = sign_up(&driver, "Ada", &server.url("/r/general")).await;
    let first = ada.tab().await;
    let second = ada.new_tab().await;
    ada.goto(&server.url("/r/general")).await;
    ada.wait_for(".badge[data-status=live]").await;
    ada.click(".sign-out").await;
    ada.wait_for(".welcome").await;
    ada.switch(&first).await;
    ada.wait_text(".session-end", "You were signed out").await;
    // And in: signing in again in one signs in all.
    sign_in(&ada, "Ada", PASSWORD).await;
    ada.wait_for(".badge[data-status=live]").await;
    ada.switch(&second).await;
    ada.wait_for(".badge[data-status=live]").await;

    let guest = arrive(&driver, "Guest", &server.url("/r/general")).await;
    let first = guest.tab().await;
    guest.new_tab().await;
    guest.goto(&server.url("/r/general")).await;
    guest.wait_for(".badge[data-status=live]").await;
    guest.click(".sign-out").await;
    guest.wait_for(".welcome").await;
    guest.switch(&first).await;
    guest.wait_for(".welcome").await;
}

#[tokio::test]
async fn what_was_written_is_kept_for_one_whose_sign_in_is_ended_elsewhere() {
    let (server, driver) = (Server::start().await, Driver::start().await);
    let proxy = CuttableProxy::before(server.address()).await;
    let ada = sign_up(&driver, "Ada", &proxy.url("/r/general")).await;
    let elsewhere = Browser::open(&driver, "ada elsewhere").await;
    elsewhere.goto(&server.url("/r/general")).await;
    sign_in(&elsewhere, "Ada", PASSWORD).await;
    elsewhere.wait_for(".badge[data-status=live]").await;
    proxy.cut();
    ada.wait_for(".badge[data-status=retrying]").await;
    say(&ada, "unsent").await;
    ada.wait_for(".message[data-state=pending]").await;
    ada.fill(".composer textarea", "begun").await;
    let end = r#"
        const done = arguments[arguments.length - 1];
        fetch("/api/v1/sign-ins", { method: "DELETE" }).then((answer) => done(answer.status), done);
    "#;
    let ended = elsewhere.web.execute_async(end, Vec::new()).await;
    assert!(ended.is_ok_and(|status| status.json() == 204));
    proxy.open();
    ada.wait_text(".session-end", "Unsent messages are kept")
        .await;
    sign_in(&ada, "Ada", PASSWORD).await;
    sees(&ada, "unsent").await;
    sees(&elsewhere, "unsent").await;
    ada.wait_script("document.querySelector('.composer textarea').value === 'begun'")
        .await;
}

#[tokio::test]
async fn another_reader_of_the_same_browser_finds_nothing_of_the_one_before() {
    let (server, driver) = (Server::start().await, Driver::start().await);
    let ada = sign_up(&driver, "Ada", &server.url("/r/secret-plans")).await;
    ada.fill(".composer textarea", "begun by Ada").await;
    ada.web
        .delete_all_cookies()
        .await
        .unwrap_or_else(|error| panic!("forgetting the cookies: {error}"));
    ada.goto(&server.url("/")).await;
    open_way(&ada, "guest").await;
    ada.fill("#name", "Bob").await;
    ada.type_keys(Key::Enter).await;
    ada.wait_for(".badge[data-status=live]").await;
    assert!(!readable(&ada).await.contains("begun by Ada"));
    assert!(!readable(&ada).await.contains("secret-plans"));
}

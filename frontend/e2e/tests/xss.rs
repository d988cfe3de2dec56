//! What people type is text: a corpus of scripts in disguise (`payloads.txt`) goes through every
//! field of the page. None runs, the page's Content Security Policy has nothing to report, and what
//! was typed is what is read.

use e2e::{Browser, Driver, PASSWORD, Server, Socket, arrive, eventually, open_way, say, sign_up};
use serde_json::json;
use thirtyfour::Key;

const PAYLOADS: &str = include_str!("payloads.txt");

fn payloads() -> impl Iterator<Item = &'static str> {
    PAYLOADS.lines()
}

/// Those that a name of so many characters may be.
fn names(chars_max: usize, forbidden: &'static [char]) -> impl Iterator<Item = &'static str> {
    payloads().filter(move |text| text.chars().count() <= chars_max && !text.contains(forbidden))
}

/// From now on the page keeps a list of what its policy has refused.
async fn watch(browser: &Browser) {
    browser
        .script(
            "window.violations = []; document.addEventListener('securitypolicyviolation', \
             (event) => window.violations.push(event.violatedDirective + ' ' + event.blockedURI))",
        )
        .await;
}

/// Fails where a script ran, the policy had to refuse something, or text became elements.
async fn assert_clean(browser: &Browser, place: &str) {
    let found = browser
        .script(
            "return { ran: typeof __xss !== 'undefined', violations: window.violations ?? [], \
             elements: [...document.querySelectorAll('iframe, object, embed, base, img, video, math, \
             details, x, style, [onerror], [onload], [onclick], [onfocus], [onmouseover], \
             [href^=\"javascript\" i], [href^=\"data\" i], [action], [srcdoc]')]\
             .map((element) => element.outerHTML) }",
        )
        .await;
    let clean = json!({ "ran": false, "violations": [], "elements": [] });
    assert_eq!(found, clean, "in {place}");
    let errors = browser.console_errors().await;
    let refused: Vec<_> = errors
        .iter()
        .filter(|error| error.contains("Content Security Policy") || error.contains("Refused to"))
        .collect();
    assert!(refused.is_empty(), "in {place}: {refused:#?}");
}

/// Waits until an element reads exactly so.
async fn reads(browser: &Browser, css: &str, text: &str) {
    // The driver gives rendered text; what counts is what is in the document.
    let all = format!(
        "return [...document.querySelectorAll({css:?})].map((element) => element.textContent)"
    );
    eventually(&format!("{css} to read {text}"), || async {
        let found = browser.script(&all).await;
        let is_there = found
            .as_array()
            .is_some_and(|texts| texts.iter().any(|found| found == text));
        is_there.then_some(())
    })
    .await;
}

#[tokio::test]
async fn in_messages_edits_data_reactions_and_announcements() {
    let (server, driver) = (Server::start().await, Driver::start().await);
    let ada = arrive(&driver, "Ada", &server.url("/r/general")).await;
    watch(&ada).await;
    for text in payloads() {
        say(&ada, text).await;
        reads(&ada, ".message[data-seq] .rich-text", text).await;
    }
    assert_clean(&ada, "messages").await;

    for text in payloads() {
        ada.click(".composer textarea").await;
        ada.type_keys(Key::Up).await;
        let words = format!("edited {text}");
        ada.fill(".edit-form textarea", words.as_str()).await;
        ada.type_keys(Key::Enter).await;
        reads(&ada, ".message .rich-text", &words).await;
    }
    assert_clean(&ada, "edits").await;

    let mut program = Socket::connect(&format!("ws://{}/ws?name=program", server.address())).await;
    program.send(r#"{"type":"join","room":"general"}"#).await;
    for (number, text) in payloads().enumerate() {
        let message = json!({ "type": "message", "room": "general", "data": { text: text } });
        program.send(&message.to_string()).await;
        if text.len() <= 48 && !text.contains(char::is_whitespace) {
            let target = number + 1;
            let react =
                json!({ "type": "react", "room": "general", "target": target, "emoji": text });
            program.send(&react.to_string()).await;
            eventually(&format!("the reaction {text}"), || async {
                let find = format!(
                    "return [...document.querySelectorAll('.reaction')].some((one) => \
                     one.dataset.emoji === {})",
                    json!(text)
                );
                (ada.script(&find).await == true).then_some(())
            })
            .await;
        }
    }
    let last = payloads().last().expect("there are payloads");
    eventually("the last data", || async {
        let blocks = ada.script("return [...document.querySelectorAll('.data-block')].map((one) => one.textContent).join()").await;
        blocks.as_str().is_some_and(|all| all.contains(last)).then_some(())
    })
    .await;
    assert_clean(&ada, "data and reactions").await;

    for text in payloads() {
        ada.click(".sidebar .announce").await;
        ada.fill("#announce-text", text).await;
        ada.click("dialog.announce-dialog button[type=submit]")
            .await;
        reads(&ada, ".announcement-item .rich-text", text).await;
    }
    assert_clean(&ada, "announcements").await;
    ada.reload().await;
    ada.wait_for(".badge[data-status=live]").await;
    assert_clean(&ada, "all of it after a reload").await;
}

#[tokio::test]
async fn in_the_names_of_guests_and_rooms_and_in_addresses() {
    let (server, driver) = (Server::start().await, Driver::start().await);
    let ada = Browser::open(&driver, "ada").await;
    let bob = arrive(&driver, "Bob", &server.url("/r/general")).await;
    for name in names(32, &[]) {
        ada.goto(&server.url("/r/general")).await;
        watch(&ada).await;
        ada.fill(".welcome #name", name).await;
        ada.type_keys(Key::Enter).await;
        reads(&ada, ".me-name", name).await;
        ada.wait_for(".badge[data-status=live]").await;
        say(&ada, &format!("I am {name}")).await;
        reads(&bob, ".message .author", name).await;
        reads(&bob, ".person .name", name).await;
        ada.click(".me-link").await;
        reads(&ada, ".profile-name", name).await;
        assert_clean(&ada, name).await;
        ada.click(".sign-out").await;
        ada.wait_for(".welcome").await;
    }
    assert_clean(&bob, "other people's names").await;

    watch(&bob).await;
    for room in names(64, &['/', '\\', '?', '#', '%']) {
        bob.click(".sidebar .create-room").await;
        bob.fill("#room-name", room).await;
        bob.type_keys(Key::Enter).await;
        reads(&bob, ".room-header .room-title .name", room).await;
        bob.wait_for(".badge[data-status=live]").await;
    }
    assert_clean(&bob, "rooms").await;
    for address in payloads() {
        let escaped: String = address.bytes().map(|byte| format!("%{byte:02x}")).collect();
        for path in [
            format!("/r/{escaped}"),
            format!("/{escaped}?a={escaped}#{escaped}"),
        ] {
            bob.goto(&server.url(&path)).await;
            assert_clean(&bob, &path).await;
        }
    }
}

#[tokio::test]
async fn in_the_forms_of_accounts_and_what_admins_read() {
    let (server, driver) = (
        Server::with(
            "[limits]\nattempts_per_address = 100000\nattempts_per_address_burst = 100000\nattempts_per_name = 100000\nattempts_per_name_burst = 100000\n",
        )
        .await,
        Driver::start().await,
    );
    let ada = sign_up(&driver, "Ada", &server.url("/admin/keys")).await;
    watch(&ada).await;
    for name in names(32, &[]) {
        ada.fill("#key-name", name).await;
        ada.type_keys(Key::Enter).await;
        reads(&ada, ".made strong", name).await;
        ada.click(".key-taken").await;
        reads(&ada, ".key-line .line-name", name).await;
        let body = json!({ "name": format!("{name}!"), "password": PASSWORD });
        let made = reqwest::Client::new()
            .post(server.url("/api/v1/accounts"))
            .json(&body)
            .send()
            .await;
        assert!(made.is_ok_and(|answer| [201, 400].contains(&answer.status().as_u16())));
    }
    assert_clean(&ada, "keys").await;
    for text in payloads() {
        let body = json!({ "name": "Ada", "password": PASSWORD, "label": text, "tokens": true });
        let made = reqwest::Client::new()
            .post(server.url("/api/v1/session"))
            .json(&body)
            .send()
            .await;
        assert!(made.is_ok_and(|answer| answer.status() == 201), "{text}");
        ada.goto(&server.url("/account")).await;
        reads(&ada, ".line .line-name", text).await;
        assert_clean(&ada, "labels").await;
        // A user has so many sign-ins at once; one more would end the page's own.
        ada.click(".end-others").await;
        ada.wait_gone(".line[data-current=false]").await;
    }
    for page in ["/admin", "/admin/keys", "/admin/audit"] {
        ada.goto(&server.url(page)).await;
        ada.wait_for(".line").await;
        assert_clean(&ada, page).await;
    }
    ada.goto(&server.url("/account")).await;
    watch(&ada).await;
    for text in payloads() {
        ada.fill("#present-password", text).await;
        ada.fill("#new-password", "short").await;
        ada.type_keys(Key::Enter).await;
        ada.wait_text("#new-password-note", "Use at least").await;
    }
    assert_clean(&ada, "passwords").await;
}

#[tokio::test]
async fn in_the_fields_in_which_one_comes_in() {
    let config = "[server]\npublic_url = \"https://chat.example\"\n[limits]\nattempts_per_address = 100000\nattempts_per_address_burst = 100000\nattempts_per_name = 100000\nattempts_per_name_burst = 100000\n";
    let (server, driver) = (Server::with(config).await, Driver::start().await);
    let ada = Browser::open(&driver, "ada").await;
    ada.goto(&server.url("/")).await;
    watch(&ada).await;
    open_way(&ada, "sign-up").await;
    for text in payloads() {
        ada.fill("#sign-up-name", "Ada").await;
        ada.fill("#sign-up-password", text).await;
        ada.click(".reveal").await;
        ada.fill("#sign-up-password", PASSWORD).await;
        ada.fill("#claim-code", text).await;
        ada.type_keys(Key::Enter).await;
        ada.wait_text("#claim-code-note[data-kind=error]", "Wrong code")
            .await;
        ada.fill("#sign-up-name", text).await;
        ada.type_keys(Key::Enter).await;
    }
    assert_clean(&ada, "signing up").await;
    open_way(&ada, "guest").await;
    for text in payloads().filter(|text| text.chars().count() > 32) {
        ada.fill("#name", text).await;
        ada.type_keys(Key::Enter).await;
        ada.wait_text("#name-note", "Use at most").await;
    }
    assert_clean(&ada, "a guest's name").await;
}

#[tokio::test]
async fn in_what_is_set_of_rooms_and_done_in_them() {
    let config = "[limits]\nattempts_per_address = 100000\nattempts_per_address_burst = 100000\n";
    let (server, driver) = (Server::with(config).await, Driver::start().await);
    let ada = sign_up(&driver, "Ada", &server.url("/r/general")).await;
    let bob = arrive(&driver, "Bob", &server.url("/r/general")).await;
    watch(&ada).await;
    watch(&bob).await;
    ada.click(".sidebar .create-room").await;
    ada.click("dialog.room-dialog [data-tab=private]").await;
    ada.fill("#new-title", "Board").await;
    ada.type_keys(Key::Enter).await;
    reads(&ada, ".room-title .name", "Board").await;
    ada.click(".room-header .about-room").await;
    ada.click("[data-tab=settings]").await;
    for title in names(64, &[]) {
        ada.fill("#room-title", title).await;
        ada.fill("#room-topic", title).await;
        ada.click(".save-settings").await;
        reads(&ada, ".room-title .name", title).await;
        reads(&ada, ".topic", title).await;
        reads(&ada, ".own-rooms .name", title).await;
        reads(&ada, "dialog h2", title).await;
    }
    assert_clean(&ada, "titles and topics").await;
    ada.click("[data-tab=invitations]").await;
    ada.click(".make-invitation").await;
    ada.wait_script("document.querySelector('#invite-link')?.value")
        .await;
    let link = ada
        .script("return document.querySelector('#invite-link').value")
        .await;
    let last = names(64, &[]).last().expect("there are payloads");
    bob.goto(link.as_str().unwrap_or_default()).await;
    watch(&bob).await;
    reads(&bob, ".invite h1", last).await;
    reads(&bob, ".invite-topic", last).await;
    assert_clean(&bob, "an invitation").await;
    bob.click(".invite .join").await;
    reads(&bob, ".room-title .name", last).await;

    ada.click("dialog .close").await;
    ada.click(".person-open").await;
    for reason in names(256, &[]) {
        ada.click("dialog.person-dialog .mute").await;
        ada.fill("#sanction-reason", reason).await;
        ada.click(".do-sanction").await;
        eventually("the reason", || async {
            let line = ada
                .script("return document.querySelector('.sanction')?.textContent")
                .await;
            line.as_str()
                .is_some_and(|line| line.contains(reason))
                .then_some(())
        })
        .await;
        ada.click(".sanction .lift").await;
        ada.wait_gone(".sanction").await;
    }
    assert_clean(&ada, "reasons").await;
    for code in payloads() {
        let escaped: String = code.bytes().map(|byte| format!("%{byte:02x}")).collect();
        for fragment in [code, &escaped] {
            bob.goto(&server.url(&format!("/invite#{fragment}"))).await;
            reads(&bob, ".invite h1", "This invitation is not valid").await;
            assert_clean(&bob, "a code").await;
        }
    }
}

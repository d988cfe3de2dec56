//! Two people in two browsers: they choose names, talk, go away, come back, and lose nothing.

use e2e::{Browser, Driver, Server, Viewport, arrive, say, sees, timeline};
use thirtyfour::Key;

#[tokio::test]
async fn two_people_talk_and_a_reload_keeps_what_they_said() {
    let (server, driver) = (Server::start().await, Driver::start().await);
    let ada = arrive(&driver, "Ada", &server.url("/r/general")).await;
    let bob = arrive(&driver, "Bob", &server.url("/r/general")).await;
    ada.wait_text(".people .person", "Bob").await;
    bob.wait_text(".people .person", "Ada").await;

    say(&ada, "Hello Bob!").await;
    sees(&bob, "Hello Bob!").await;
    say(&bob, "Hello Ada!").await;
    sees(&ada, "Hello Ada!").await;
    bob.wait_text(".message[data-seq='1'] .author", "Ada").await;

    for browser in [&ada, &bob] {
        browser.reload().await;
        sees(browser, "Hello Ada!").await;
        assert_eq!(timeline(browser).await, ["Hello Bob!", "Hello Ada!"]);
        browser.assert_no_console_errors().await;
    }
}

#[tokio::test]
async fn the_badge_tells_that_the_server_is_gone_and_both_talk_on_when_it_is_back() {
    let mut server = Server::start().await;
    let driver = Driver::start().await;
    let ada = arrive(&driver, "Ada", &server.url("/r/general")).await;
    let bob = arrive(&driver, "Bob", &server.url("/r/general")).await;
    say(&ada, "before").await;
    sees(&bob, "before").await;

    server.kill();
    for browser in [&ada, &bob] {
        browser.wait_for(".badge[data-status=retrying]").await;
    }
    // Written while nobody can hear it: shown at once, marked, and sent later, in order.
    say(&ada, "while away, one").await;
    say(&ada, "while away, two").await;
    ada.wait_text(".message[data-state=pending]", "while away, two")
        .await;

    server.restart().await;
    for browser in [&ada, &bob] {
        browser.wait_for(".badge[data-status=live]").await;
        sees(browser, "while away, two").await;
    }
    say(&bob, "and on we go").await;
    sees(&ada, "and on we go").await;
    let expected = [
        "before",
        "while away, one",
        "while away, two",
        "and on we go",
    ];
    assert_eq!(timeline(&ada).await, expected);
    assert_eq!(timeline(&bob).await, expected);
}

#[tokio::test]
async fn the_network_goes_and_the_badge_says_offline() {
    let (server, driver) = (Server::start().await, Driver::start().await);
    let ada = arrive(&driver, "Ada", &server.url("/r/general")).await;
    // The system says so, and nothing is heard. (Were the server heard, it would not be true.)
    server.freeze(true);
    ada.set_offline(true).await;
    ada.wait_for(".badge[data-status=offline]").await;
    server.freeze(false);
    ada.set_offline(false).await;
    ada.wait_for(".badge[data-status=live]").await;
}

#[tokio::test]
async fn rooms_are_made_found_and_left() {
    let (server, driver) = (Server::start().await, Driver::start().await);
    let ada = arrive(&driver, "Ada", &server.url("/")).await;
    ada.click(".sidebar .create-room").await;
    ada.fill("dialog.room-dialog #room-name", "a/b").await;
    ada.type_keys(Key::Enter).await;
    ada.wait_for("dialog.room-dialog .field-note[data-kind=error]")
        .await;
    ada.fill("dialog.room-dialog #room-name", "Salle à manger")
        .await;
    ada.type_keys(Key::Enter).await;
    ada.wait_text(".room-title .name", "Salle à manger").await;
    ada.wait_script("location.pathname === '/r/Salle%20%C3%A0%20manger'")
        .await;
    say(&ada, "Bonjour").await;
    sees(&ada, "Bonjour").await;

    // A deep link survives the choice of a name, and other rooms are found in the list.
    let bob = arrive(&driver, "Bob", &server.url("/r/Salle%20%C3%A0%20manger")).await;
    sees(&bob, "Bonjour").await;
    let eve = arrive(&driver, "Eve", &server.url("/r/elsewhere")).await;
    eve.click(".room-link[data-room='Salle à manger']").await;
    sees(&eve, "Bonjour").await;

    // What is said in a room one is not looking at makes it unread.
    eve.click(".room-link[data-room='elsewhere']").await;
    eve.wait_text(".room-title .name", "elsewhere").await;
    say(&bob, "Where did Eve go?").await;
    eve.wait_for(".room-link[data-room='Salle à manger'] .unread")
        .await;

    ada.click(".room-header .leave").await;
    bob.wait_script("document.querySelector('.people').dataset.count === '2'")
        .await;
}

#[tokio::test]
async fn an_announcement_is_shown_to_everyone_wherever_they_are() {
    let (server, driver) = (Server::start().await, Driver::start().await);
    let ada = arrive(&driver, "Ada", &server.url("/r/one")).await;
    let bob = arrive(&driver, "Bob", &server.url("/r/two")).await;
    ada.click(".sidebar .announce").await;
    ada.fill("dialog.announce-dialog #announce-text", "Lunch is ready")
        .await;
    ada.click("dialog.announce-dialog button[type=submit]")
        .await;
    for browser in [&ada, &bob] {
        browser
            .wait_text(".announcement-item[data-seq]", "Lunch is ready")
            .await;
        browser.click(".announcement .dismiss").await;
        browser.wait_gone(".announcement").await;
    }
}

#[tokio::test]
async fn a_taken_or_impossible_name_is_refused_in_words() {
    let (server, driver) = (Server::start().await, Driver::start().await);
    let _ada = arrive(&driver, "Ada", &server.url("/")).await;
    let other = Browser::open(&driver, "somebody else").await;
    other.goto(&server.url("/")).await;
    other.fill(".welcome #name", "ada").await;
    other.type_keys(Key::Enter).await;
    other
        .wait_text(".field-note[data-kind=error]", "already taken")
        .await;
    other.fill(".welcome #name", "x".repeat(40)).await;
    other.type_keys(Key::Enter).await;
    other.wait_text(".field-note[data-kind=error]", "32").await;
    other.fill(".welcome #name", "Grace").await;
    other.type_keys(Key::Enter).await;
    other.wait_for(".badge[data-status=live]").await;
}

#[tokio::test]
async fn enter_sends_and_shift_enter_breaks_the_line() {
    let (server, driver) = (Server::start().await, Driver::start().await);
    let ada = arrive(&driver, "Ada", &server.url("/r/general")).await;
    ada.fill(".composer textarea", "one").await;
    ada.type_keys(Key::Shift + Key::Enter).await;
    ada.type_keys("two").await;
    ada.type_keys(Key::Enter).await;
    sees(&ada, "one\ntwo").await;
    ada.wait_script("document.querySelector('.composer textarea').value === ''")
        .await;
}

#[tokio::test]
async fn what_people_write_is_never_html() {
    let (server, driver) = (Server::start().await, Driver::start().await);
    let ada = arrive(&driver, "<b>Ada</b>", &server.url("/r/general")).await;
    let text = "<img src=x onerror=\"window.hacked=1\"><script>window.hacked=1</script> https://example.org/<b>";
    say(&ada, text).await;
    sees(&ada, text).await;
    ada.wait_script("!window.hacked && !document.querySelector('.message img, .message script')")
        .await;
    // And if something did get into the document, the page's policy would not let it run.
    ada.script(
        "window.stopped = []; \
         addEventListener('securitypolicyviolation', event => stopped.push(event.violatedDirective)); \
         let script = document.createElement('script'); \
         script.textContent = 'window.hacked = 1'; \
         document.body.append(script); \
         let image = document.createElement('img'); \
         image.setAttribute('onerror', 'window.hacked = 2'); \
         image.src = 'data:,'; \
         document.body.append(image); \
         image.dispatchEvent(new Event('error'))",
    )
    .await;
    ada.wait_script(
        "!window.hacked && stopped.length >= 2 && stopped.every(by => by.startsWith('script-src'))",
    )
    .await;
    ada.wait_text(".message .author", "<b>Ada</b>").await;
}

#[tokio::test]
async fn everything_can_be_reached_on_a_phone_and_by_keyboard() {
    let (server, driver) = (Server::start().await, Driver::start().await);
    let ada = arrive(&driver, "Ada", &server.url("/r/general")).await;
    ada.set_viewport(Viewport::Phone).await;
    ada.wait_script("document.documentElement.scrollWidth <= 360")
        .await;
    ada.click(".open-rooms").await;
    ada.wait_for(".shell[data-drawer=rooms] .sidebar").await;
    ada.type_keys(Key::Escape).await;
    ada.wait_gone(".shell[data-drawer=rooms]").await;
    ada.click(".people-toggle").await;
    ada.wait_text(".people .person", "Ada").await;
}

#[tokio::test]
async fn a_plain_javascript_client_that_knows_five_types_works_unchanged() {
    let (server, driver) = (Server::start().await, Driver::start().await);
    let browser = Browser::open(&driver, "a plain page").await;
    // Any page of the same origin will do; this one has no script of ours.
    browser.goto(&server.url("/health")).await;
    browser.script(include_str!("plain_client.js")).await;
    browser
        .wait_script("window.seen.pong && window.seen.left")
        .await;
    let seen = browser.script("return window.seen").await;
    assert_eq!(seen["message"]["room"], "general");
    assert_eq!(seen["message"]["content"], "Hello!");
    assert!(seen["message"]["from"].is_string() && seen["message"]["timestamp"].is_string());
    assert_eq!(seen["broadcast"]["content"], "Announcement");
    assert!(seen["broadcast"]["from"].is_string() && seen["broadcast"]["timestamp"].is_string());
    assert!(seen["pong"]["timestamp"].is_string());
}

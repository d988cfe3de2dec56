//! A stage to put components on, and a server to talk to.

use common::client::{Attempt, Command, Input};
use common::codec;
use common::event::MessagePosted;
use common::limits::Limits;
use common::reply::Ack;
use common::text::RoomName;
use common::time::Timestamp;
use common::user::User;
use common::{ClientFrame, ErrorCode, ErrorFrame, ServerFrame};
use frontend::platform::storage;
use frontend::socket::{Report, Socket};
use frontend::state::hub::Hub;
use frontend::state::message_actions::MessageActions;
use frontend::state::navigator::Navigator;
use frontend::state::rooms::ServerRooms;
use frontend::state::session::{Me, SessionState};
use frontend::state::slow_mode::SlowModeTimer;
use frontend::state::ui::Ui;
use futures_channel::mpsc::UnboundedReceiver;
use leptos::mount::{UnmountHandle, mount_to};
use leptos::prelude::*;
use leptos::tachys::view::any_view::AnyViewState;
use std::cell::RefCell;
use std::rc::Rc;
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement, KeyboardEvent, KeyboardEventInit};

/// A node with its frames: the test says what the server says.
#[derive(Clone, Default)]
pub(crate) struct FakeServer {
    line: Rc<RefCell<Option<Line>>>,
}

struct Line {
    attempt: Attempt,
    report: Rc<Report>,
    texts: UnboundedReceiver<String>,
}

impl FakeServer {
    fn connect(&self) -> frontend::state::hub::Connect {
        let line = Rc::clone(&self.line);
        Box::new(move |attempt, report| {
            let (socket, texts) = Socket::pair();
            *line.borrow_mut() = Some(Line {
                attempt,
                report: Rc::new(report),
                texts,
            });
            socket
        })
    }

    fn report(&self, input: impl FnOnce(Attempt) -> Input) {
        let (attempt, report) = {
            let line = self.line.borrow();
            let line = line.as_ref().expect("the page has connected");
            (line.attempt, Rc::clone(&line.report))
        };
        report(input(attempt));
    }

    /// Says a frame.
    pub(crate) fn say(&self, frame: ServerFrame) {
        self.report(|attempt| Input::Received { attempt, frame });
    }

    /// Says a frame as it stands on the wire.
    pub(crate) fn say_text(&self, text: &str) {
        self.report(|attempt| Input::from_text(attempt, text));
    }

    /// Lets the page in.
    pub(crate) fn welcome(&self) {
        self.report(|attempt| Input::Opened { attempt });
        let limits = serde_json::to_string(&Limits::default()).expect("numbers");
        self.say_text(&format!(
            r#"{{"type":"welcome","protocol":"hubbub.v1.json","server":"test","connection":"c1",
                "user":{{"id":"u-ada","name":"Ada"}},"limits":{limits},"heartbeat_ms":25000,
                "timestamp":"2026-01-01T00:00:00Z"}}"#
        ));
        self.answer_joins();
    }

    /// Closes the connection, as a network does that fails.
    pub(crate) fn hang_up(&self) {
        self.report(|attempt| Input::Closed {
            attempt,
            code: Some(1006),
        });
    }

    /// What the page has sent since it was last asked.
    pub(crate) fn heard(&self) -> Vec<ClientFrame> {
        let mut line = self.line.borrow_mut();
        let texts = &mut line.as_mut().expect("the page has connected").texts;
        std::iter::from_fn(|| texts.try_recv().ok())
            .map(|text| codec::decode_client(&text).expect("a frame"))
            .collect()
    }

    /// Answers every join with an empty room in which the reader is alone; gives the other frames.
    pub(crate) fn answer_joins(&self) -> Vec<ClientFrame> {
        let mut others = Vec::new();
        for frame in self.heard() {
            let ClientFrame::Join(join) = frame else {
                others.push(frame);
                continue;
            };
            let room = join.room;
            self.say_text(&format!(
                r#"{{"type":"joined","room":"{room}","epoch":"e1","head":0,"after":0,"complete":true}}"#
            ));
            self.say_text(&format!(
                r#"{{"type":"presence","room":"{room}","count":1,
                    "users":[{{"id":"u-ada","name":"Ada"}}]}}"#
            ));
            if let Some(id) = join.id {
                self.say(ServerFrame::Ack(Box::new(Ack::done(id))));
            }
        }
        others
    }

    /// Refuses a frame.
    pub(crate) fn refuse(&self, frame: &ClientFrame, code: ErrorCode, why: &str) {
        let error = ErrorFrame::new(code, why).answering(frame.id().cloned());
        self.say(ServerFrame::Error(error));
    }
}

/// The reader.
pub(crate) fn ada() -> User {
    User {
        id: "u-ada".parse().unwrap(),
        name: "Ada".parse().unwrap(),
    }
}

/// The room of all these tests.
pub(crate) fn general() -> RoomName {
    "general".parse().unwrap()
}

/// Somebody's message in the room.
pub(crate) fn message(seq: u64, from: &str, text: &str, at: Timestamp) -> MessagePosted {
    let user = from.to_lowercase();
    let json = format!(
        r#"{{"room":"general","seq":{seq},"from":"{from}","user":"u-{user}","content":"{text}",
            "timestamp":"{at}"}}"#
    );
    serde_json::from_str(&json).expect("a message")
}

/// A piece of the page that a test looks at. It leaves the document with the test.
pub(crate) struct Stage {
    root: HtmlElement,
    _mounted: UnmountHandle<AnyViewState>,
}

impl Stage {
    /// Puts a view on the page.
    pub(crate) fn new(view: impl FnOnce() -> AnyView + 'static) -> Self {
        let document = web_sys::window().unwrap().document().unwrap();
        let root: HtmlElement = document.create_element("div").unwrap().unchecked_into();
        document.body().unwrap().append_child(&root).unwrap();
        let mounted = mount_to(root.clone(), view);
        Self {
            root,
            _mounted: mounted,
        }
    }

    /// Puts a view of a signed-in reader on the page, in the room, with a server behind it.
    pub(crate) fn signed_in(view: impl FnOnce() -> AnyView + 'static) -> (Self, FakeServer) {
        let server = FakeServer::default();
        let connect = server.connect();
        let stage = Self::new(move || {
            provide_context(SessionState::new());
            provide_context(Navigator::new());
            frontend::chunks::provide();
            provide_context(Ui::new());
            let hub = Hub::start(Me::guest(ada()), connect);
            provide_context(hub);
            provide_context(ServerRooms::new(hub));
            provide_context(SlowModeTimer::new());
            hub.send(Command::OpenRoom { room: general() });
            provide_context(MessageActions::new(hub, general()));
            view()
        });
        (stage, server)
    }

    /// The elements that match.
    pub(crate) fn all(&self, selector: &str) -> Vec<Element> {
        let found = self.root.query_selector_all(selector).unwrap();
        (0..found.length())
            .map(|i| found.item(i).unwrap().unchecked_into())
            .collect()
    }

    /// The one element that matches.
    pub(crate) fn one(&self, selector: &str) -> Element {
        let mut all = self.all(selector);
        assert_eq!(all.len(), 1, "{selector} in {}", self.root.inner_html());
        all.remove(0)
    }

    /// The texts of the elements that match.
    pub(crate) fn texts(&self, selector: &str) -> Vec<String> {
        self.all(selector)
            .iter()
            .map(|e| e.text_content().unwrap_or_default())
            .collect()
    }

    /// Clicks the one element that matches.
    pub(crate) async fn click(&self, selector: &str) {
        self.one(selector).unchecked_into::<HtmlElement>().click();
        settle().await;
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        self.root.remove();
    }
}

/// Waits until the page has drawn what it knows.
pub(crate) async fn settle() {
    for _ in 0..3 {
        leptos::task::tick().await;
    }
    let frame = js_sys::Promise::new(&mut |resolve, _| {
        web_sys::window()
            .unwrap()
            .request_animation_frame(&resolve)
            .unwrap();
    });
    wasm_bindgen_futures::JsFuture::from(frame).await.unwrap();
}

/// Types a text into a field, as a whole.
pub(crate) async fn fill(field: &Element, text: &str) {
    let _ = js_sys::Reflect::set(field, &"value".into(), &text.into());
    let init = web_sys::EventInit::new();
    init.set_bubbles(true);
    let event = web_sys::Event::new_with_event_init_dict("input", &init).unwrap();
    field.dispatch_event(&event).unwrap();
    settle().await;
}

/// What stands in a field.
pub(crate) fn value(field: &Element) -> String {
    js_sys::Reflect::get(field, &"value".into())
        .unwrap()
        .as_string()
        .unwrap()
}

/// Presses Enter in a field; says whether the browser is left to do what it does with the key.
pub(crate) async fn press_enter(field: &Element, shift: bool, is_composing: bool) -> bool {
    let init = KeyboardEventInit::new();
    init.set_key("Enter");
    init.set_shift_key(shift);
    init.set_is_composing(is_composing);
    init.set_bubbles(true);
    init.set_cancelable(true);
    let event = KeyboardEvent::new_with_keyboard_event_init_dict("keydown", &init).unwrap();
    let is_left = field.dispatch_event(&event).unwrap();
    settle().await;
    is_left
}

/// Forgets what earlier tests left in the browser.
pub(crate) fn forget_all() {
    for key in storage::keys("") {
        storage::remove(&key);
    }
}

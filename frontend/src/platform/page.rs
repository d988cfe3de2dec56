//! The window and the document as a whole.

use common::version::V1_JSON;
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;

/// From this width on the people stand in a column of their own (see `layout.css`).
const WIDE: &str = "(width >= 72rem)";
/// Below this width the rooms are a drawer.
const SMALL: &str = "(width < 48rem)";
/// The reader has a mouse, and with it most likely a keyboard.
const POINTER: &str = "(hover: hover) and (pointer: fine)";

/// The socket's address: the page's own origin.
#[must_use]
pub fn socket_url() -> String {
    let location = web_sys::window().map(|window| window.location());
    let part = |read: fn(&web_sys::Location) -> Result<String, wasm_bindgen::JsValue>| {
        location
            .as_ref()
            .and_then(|l| read(l).ok())
            .unwrap_or_default()
    };
    let scheme = if part(web_sys::Location::protocol) == "https:" {
        "wss"
    } else {
        "ws"
    };
    format!("{scheme}://{}/ws", part(web_sys::Location::host))
}

/// The subprotocol to offer. None in a development build: the proxy of `trunk serve` does not pass
/// the server's choice on, and a browser closes a socket whose offer is not answered. A server
/// takes no offer for version 1 as well.
#[must_use]
pub fn subprotocol() -> Option<&'static str> {
    (!cfg!(debug_assertions)).then_some(V1_JSON)
}

/// Hears an event of the document that does not reach the window, until it is dropped.
pub struct DocumentListener {
    event: &'static str,
    hear: Closure<dyn FnMut()>,
}

impl DocumentListener {
    /// Hears an event.
    #[must_use]
    pub fn new(event: &'static str, hear: impl FnMut() + 'static) -> Self {
        let hear = Closure::<dyn FnMut()>::new(hear);
        if let Some(document) = document() {
            let _ = document.add_event_listener_with_callback(event, hear.as_ref().unchecked_ref());
        }
        Self { event, hear }
    }
}

impl Drop for DocumentListener {
    fn drop(&mut self) {
        if let Some(document) = document() {
            let hear = self.hear.as_ref().unchecked_ref();
            let _ = document.remove_event_listener_with_callback(self.event, hear);
        }
    }
}

/// Loads the page again.
pub fn reload() {
    if let Some(window) = web_sys::window() {
        let _ = window.location().reload();
    }
}

/// Names the page in its tab.
pub fn set_title(title: &str) {
    if let Some(document) = document() {
        document.set_title(title);
    }
}

/// Sets an attribute of the root element, or removes it.
pub fn set_root_attribute(name: &str, value: Option<&str>) {
    let Some(root) = document().and_then(|document| document.document_element()) else {
        return;
    };
    let _ = match value {
        Some(value) => root.set_attribute(name, value),
        None => root.remove_attribute(name),
    };
}

/// Takes away what stands in the page until the program is there.
pub fn remove_boot_screen() {
    if let Some(element) = document().and_then(|document| document.get_element_by_id("boot")) {
        element.remove();
    }
}

/// Whether the reader can see the page: its tab is in front.
#[must_use]
pub fn is_visible() -> bool {
    document()
        .is_none_or(|document| document.visibility_state() == web_sys::VisibilityState::Visible)
}

/// Whether the window is wide enough for three columns.
#[must_use]
pub fn is_wide() -> bool {
    matches(WIDE)
}

/// Whether the window is so small that the rooms are a drawer.
#[must_use]
pub fn is_small() -> bool {
    matches(SMALL)
}

/// Whether giving a field the keyboard brings up no keyboard on the screen.
#[must_use]
pub fn has_pointer() -> bool {
    matches(POINTER)
}

fn matches(query: &str) -> bool {
    web_sys::window()
        .and_then(|window| window.match_media(query).ok()?)
        .is_some_and(|query| query.matches())
}

fn document() -> Option<web_sys::Document> {
    web_sys::window()?.document()
}

//! The browser's address bar and history.

use wasm_bindgen::JsValue;

/// The path of the page's address, percent-decoded.
#[must_use]
pub fn path() -> String {
    let raw = web_sys::window()
        .and_then(|window| window.location().pathname().ok())
        .unwrap_or_else(|| "/".to_owned());
    js_sys::decode_uri_component(&raw).map_or(raw, String::from)
}

/// A path with every character escaped that an address cannot hold as it is.
#[must_use]
pub fn escaped(segment: &str) -> String {
    js_sys::encode_uri_component(segment).into()
}

/// What stands behind the `#` of the page's address, as it is.
#[must_use]
pub fn fragment() -> String {
    let hash = web_sys::window().and_then(|window| window.location().hash().ok());
    let hash = hash.unwrap_or_default();
    hash.strip_prefix('#').unwrap_or(&hash).to_owned()
}

/// A path of this site with the site before it, to be given to others.
#[must_use]
pub fn full(path: &str) -> String {
    let origin = web_sys::window().and_then(|window| window.location().origin().ok());
    format!("{}{path}", origin.unwrap_or_default())
}

/// Goes to a path; Back returns from it.
pub fn push(path: &str) {
    if let Some(history) = history() {
        let _ = history.push_state_with_url(&JsValue::NULL, "", Some(path));
    }
}

/// Puts a path in place of the present one.
pub fn replace(path: &str) {
    if let Some(history) = history() {
        let _ = history.replace_state_with_url(&JsValue::NULL, "", Some(path));
    }
}

fn history() -> Option<web_sys::History> {
    web_sys::window()?.history().ok()
}

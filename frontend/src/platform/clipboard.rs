//! The clipboard. Browsers open it to pages that came over TLS, or from this machine.

use wasm_bindgen::JsValue;
use wasm_bindgen_futures::JsFuture;

fn clipboard() -> Option<web_sys::Clipboard> {
    let window = web_sys::window()?;
    let is_open = window.is_secure_context();
    is_open.then(|| window.navigator().clipboard())
}

/// Whether there is one.
#[must_use]
pub fn is_there() -> bool {
    clipboard().is_some()
}

/// Puts a text there; says whether that was allowed.
pub async fn copy(text: &str) -> bool {
    let Some(clipboard) = clipboard() else {
        return false;
    };
    let done: Result<JsValue, JsValue> = JsFuture::from(clipboard.write_text(text)).await;
    done.is_ok()
}

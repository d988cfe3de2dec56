//! HTTP to the page's own server.

use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{Headers, RequestInit, Response};

/// What the server answered.
pub struct Reply {
    /// The status code.
    pub status: u16,
    /// The body.
    pub text: String,
}

/// No answer came: the network, or the server, is away.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NetworkError;

impl From<JsValue> for NetworkError {
    fn from(_: JsValue) -> Self {
        Self
    }
}

/// Sends a request, with JSON where there is a body, and waits for the whole answer. The
/// reader's cookie goes along.
///
/// # Errors
/// [`NetworkError`]; an answer that refuses is an answer.
pub async fn fetch(method: &str, path: &str, json: Option<&str>) -> Result<Reply, NetworkError> {
    let options = RequestInit::new();
    options.set_method(method);
    if let Some(json) = json {
        let headers = Headers::new()?;
        headers.set("content-type", "application/json")?;
        options.set_headers(&headers);
        options.set_body(&json.into());
    }
    let window = web_sys::window().ok_or(NetworkError)?;
    let response = JsFuture::from(window.fetch_with_str_and_init(path, &options)).await?;
    let response: Response = response.dyn_into()?;
    let text = JsFuture::from(response.text()?).await?;
    Ok(Reply {
        status: response.status(),
        text: text.as_string().unwrap_or_default(),
    })
}

//! Checks and headers for every request: other sites cannot change anything, and responses are not
//! sniffed.

use super::AppState;
use super::cookies;
use super::error::HttpError;
use super::head;
use super::origin::is_foreign;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, Uri, Version, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use common::{ErrorCode, ErrorFrame};

/// Refuses a request for a host that this node does not answer for; and one that a page of another
/// site makes, where it could change something or open a socket: the browser would add our cookie
/// to it. Browsers say which page it is, so a cookie without that is refused, too.
///
/// # Errors
/// It is such a request.
pub fn check(
    app: &AppState,
    (method, version): (&Method, Version),
    uri: &Uri,
    headers: &HeaderMap,
) -> Result<(), HttpError> {
    head::check(version, uri, headers)
        .map_err(|(field, why)| HttpError::invalid(ErrorCode::InvalidField, field, why))?;
    if !app.hosts.answer(uri, headers) {
        let why = "this node answers for this machine only; see `server.public_url`";
        return Err(HttpError(ErrorFrame::new(ErrorCode::ForeignHost, why)));
    }
    let reads = matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS);
    let matters = !reads || headers.contains_key(header::UPGRADE);
    if !matters {
        return Ok(());
    }
    let why = if is_foreign(headers, &app.allowed_origins) {
        "the request comes from a page of another site"
    } else if !headers.contains_key(header::ORIGIN) && cookies::has_any(headers) {
        "who comes with a cookie must say from which page, by `Origin`; programs use tokens"
    } else {
        return Ok(());
    };
    Err(HttpError(ErrorFrame::new(ErrorCode::ForeignOrigin, why)))
}

/// Lets through what [`check`] has nothing against.
pub async fn refuse_foreign(State(app): State<AppState>, request: Request, next: Next) -> Response {
    let line = (request.method(), request.version());
    let checked = check(&app, line, request.uri(), request.headers());
    match checked {
        Ok(()) => next.run(request).await,
        Err(error) => error.into_response(),
    }
}

/// Adds the headers that make browsers careful.
pub async fn harden_response(State(app): State<AppState>, response: Response) -> Response {
    harden(&app, response)
}

/// The same answer, with the headers that make browsers careful.
#[must_use]
pub fn harden(app: &AppState, mut response: Response) -> Response {
    let headers = response.headers_mut();
    headers.insert(
        header::X_CONTENT_TYPE_OPTIONS,
        HeaderValue::from_static("nosniff"),
    );
    headers.insert(header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY"));
    headers.insert(
        header::REFERRER_POLICY,
        HeaderValue::from_static("same-origin"),
    );
    if app.cookies.secure {
        // Half a year. Only for this host: what else is at the domain is not known here.
        headers.insert(
            header::STRICT_TRANSPORT_SECURITY,
            HeaderValue::from_static("max-age=15552000"),
        );
    }
    response
}

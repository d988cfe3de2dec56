//! What holds for every request: pages of other sites change nothing, and answers are not sniffed.

use super::AppState;
use super::error::HttpError;
use crate::ws;
use axum::extract::{Request, State};
use axum::http::{HeaderValue, Method, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use common::{ErrorCode, ErrorFrame};

/// Refuses a request for a host that this node does not answer for.
pub(super) async fn refuse_foreign_hosts(
    State(app): State<AppState>,
    request: Request,
    next: Next,
) -> Response {
    if !app.hosts.answer(request.uri(), request.headers()) {
        let why = "this node answers for this machine only; see `server.public_url`";
        return HttpError(ErrorFrame::new(ErrorCode::ForeignHost, why)).into_response();
    }
    next.run(request).await
}

/// Refuses a request that a page of another site makes, where it could change something or open a
/// socket: the browser would add our cookie to it.
pub(super) async fn refuse_foreign_pages(
    State(app): State<AppState>,
    request: Request,
    next: Next,
) -> Response {
    let matters = !matches!(
        *request.method(),
        Method::GET | Method::HEAD | Method::OPTIONS
    ) || request.headers().contains_key(header::UPGRADE);
    if matters && ws::is_foreign(request.headers(), &app.allowed_origins) {
        let why = "the request comes from a page of another site";
        return HttpError(ErrorFrame::new(ErrorCode::ForeignOrigin, why)).into_response();
    }
    next.run(request).await
}

/// Adds the headers that make browsers careful.
pub(super) async fn harden(State(app): State<AppState>, mut response: Response) -> Response {
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

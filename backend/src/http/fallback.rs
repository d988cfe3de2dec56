//! Paths without a route. A trailing slash is redirected; a browser gets the page with status 404; a
//! program gets an error as JSON.

use crate::assets;
use crate::request::error::HttpError;
use axum::http::{HeaderMap, Method, Uri, header};
use axum::response::{IntoResponse, Redirect, Response};
use common::{ErrorCode, ErrorFrame};

/// Answers a request that no route serves. `page` says whether the page is served here.
pub(super) async fn unrouted(page: bool, method: Method, uri: Uri, headers: HeaderMap) -> Response {
    if let Some(path) = without_slash(&uri) {
        return Redirect::permanent(&path).into_response();
    }
    let reads = matches!(method, Method::GET | Method::HEAD);
    let is_api = uri.path() == "/api" || uri.path().starts_with("/api/");
    if page && reads && !is_api && accepts_html(&headers) {
        return assets::not_found(&headers);
    }
    not_found().await.into_response()
}

/// The same path without its trailing slashes, with its query; none where there is none. A path
/// that begins with two slashes is left alone: a browser would take it for another host.
fn without_slash(uri: &Uri) -> Option<String> {
    let path = uri.path();
    let trimmed = path.trim_end_matches('/');
    if trimmed.len() == path.len() || trimmed.is_empty() || trimmed.starts_with("//") {
        return None;
    }
    Some(match uri.query() {
        Some(query) => format!("{trimmed}?{query}"),
        None => trimmed.to_owned(),
    })
}

/// Whether a person is looking: browsers name `text/html` when they open an address.
fn accepts_html(headers: &HeaderMap) -> bool {
    let accepted = headers.get_all(header::ACCEPT).iter();
    accepted
        .filter_map(|value| value.to_str().ok())
        .any(|value| value.to_ascii_lowercase().contains("text/html"))
}

/// No such address.
async fn not_found() -> HttpError {
    HttpError(ErrorFrame::new(
        ErrorCode::NotFound,
        "there is nothing at this address",
    ))
}

/// The address exists, the method does not.
pub(super) async fn method_not_allowed() -> HttpError {
    let why = "this address does not take that method";
    HttpError(ErrorFrame::new(ErrorCode::MethodNotAllowed, why))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_trailing_slash_is_taken_away_and_never_leads_to_another_host() {
        for (from, to) in [
            ("/r/general/", Some("/r/general")),
            ("/r/general///", Some("/r/general")),
            ("/api/v1/rooms/?limit=1/", Some("/api/v1/rooms?limit=1/")),
            ("/r/general", None),
            ("/", None),
            ("//", None),
            ("//evil.example/", None),
        ] {
            let uri = Uri::builder().path_and_query(from).build().unwrap();
            assert_eq!(without_slash(&uri).as_deref(), to, "{from}");
        }
    }
}

//! The page inside the program: the files that the build script packed, each uncompressed, with brotli
//! and with gzip.

mod policy;

use axum::Router;
use axum::body::Bytes;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::get;
use sha2::{Digest, Sha256};
use std::sync::{Arc, LazyLock};

/// One file of the page.
struct Asset {
    path: &'static str,
    raw: &'static [u8],
    br: &'static [u8],
    gz: &'static [u8],
}

static PAGE: &[Asset] = include!(concat!(env!("OUT_DIR"), "/page.rs"));

/// Shown where the program was built without the page.
const NO_PAGE: &str = "<!doctype html><meta charset=utf-8><title>Hubbub</title>\
<p>This server was built without the page. <code>cargo xtask run</code> builds both; \
<code>cargo xtask dev</code> serves the page by itself.\n";

/// The addresses at which there is a place in the page, as `frontend/src/state/route.rs` reads them.
const PLACES: [&str; 6] = [
    "/",
    "/r/{room}",
    "/invite",
    "/account",
    "/admin",
    "/admin/{part}",
];

/// Whether the page was built into this program.
#[must_use]
pub fn has_page() -> bool {
    !PAGE.is_empty()
}

/// Routes for every file, and the page itself at every place's address.
pub fn routes<S: Clone + Send + Sync + 'static>() -> Router<S> {
    let mut router = Router::new();
    for asset in PAGE.iter().filter(|asset| asset.path != "/index.html") {
        let served = Arc::new(Served::new(asset));
        router = router.route(
            asset.path,
            get(move |headers| serve(Arc::clone(&served), headers)),
        );
    }
    let Some(index) = INDEX.as_ref() else {
        let hint = || async { ([(header::CONTENT_TYPE, "text/html")], NO_PAGE) };
        let at = |router: Router<S>, place| router.route(place, get(hint));
        return PLACES.into_iter().fold(router, at);
    };
    let document = move |headers: HeaderMap| async move { respond(index, &headers) };
    for path in PLACES.into_iter().chain(["/index.html"]) {
        router = router.route(path, get(document));
    }
    router
}

/// The page's document.
static INDEX: LazyLock<Option<Served>> = LazyLock::new(|| {
    let index = PAGE.iter().find(|asset| asset.path == "/index.html");
    index.map(Served::new)
});

/// The page with status 404, for a person who opened an address that does not exist.
#[must_use]
pub fn not_found(headers: &HeaderMap) -> Response {
    let Some(index) = INDEX.as_ref() else {
        return (StatusCode::NOT_FOUND, Html(NO_PAGE)).into_response();
    };
    let mut headers = headers.clone();
    headers.remove(header::IF_NONE_MATCH);
    let mut response = respond(index, &headers);
    *response.status_mut() = StatusCode::NOT_FOUND;
    response
}

/// A file with the headers it is served with.
struct Served {
    asset: &'static Asset,
    kind: &'static str,
    etag: HeaderValue,
    cache: &'static str,
    /// For documents: what they may load and run.
    policy: Option<HeaderValue>,
}

impl Served {
    fn new(asset: &'static Asset) -> Self {
        let digest = Sha256::digest(asset.raw);
        let tag: String = digest
            .iter()
            .take(8)
            .map(|byte| format!("{byte:02x}"))
            .collect();
        let kind = media_type(asset.path);
        Self {
            asset,
            kind,
            policy: kind
                .starts_with("text/html")
                .then(|| policy::of(&String::from_utf8_lossy(asset.raw))),
            etag: HeaderValue::from_str(&format!("\"{tag}\""))
                .unwrap_or(HeaderValue::from_static("\"\"")),
            cache: if is_hashed(asset.path) {
                "public, max-age=31536000, immutable"
            } else {
                "no-cache"
            },
        }
    }
}

async fn serve(served: Arc<Served>, headers: HeaderMap) -> Response {
    respond(&served, &headers)
}

fn respond(served: &Served, headers: &HeaderMap) -> Response {
    let common = [
        (header::ETAG, served.etag.clone()),
        (
            header::CACHE_CONTROL,
            HeaderValue::from_static(served.cache),
        ),
        (header::VARY, HeaderValue::from_static("accept-encoding")),
    ];
    if headers.get(header::IF_NONE_MATCH) == Some(&served.etag) {
        return (StatusCode::NOT_MODIFIED, common).into_response();
    }
    let (encoding, bytes) = choose(served.asset, headers);
    let mut response = (common, Bytes::from_static(bytes)).into_response();
    let answer = response.headers_mut();
    answer.insert(header::CONTENT_TYPE, HeaderValue::from_static(served.kind));
    if let Some(policy) = &served.policy {
        answer.insert(header::CONTENT_SECURITY_POLICY, policy.clone());
    }
    if let Some(encoding) = encoding {
        answer.insert(header::CONTENT_ENCODING, HeaderValue::from_static(encoding));
    }
    response
}

/// The smallest form the browser takes.
fn choose(asset: &Asset, headers: &HeaderMap) -> (Option<&'static str>, &'static [u8]) {
    let accepted = headers
        .get(header::ACCEPT_ENCODING)
        .and_then(|value| value.to_str().ok());
    let takes = |name: &str| {
        accepted.unwrap_or_default().split(',').any(|part| {
            let (coding, weight) = part.split_once(';').unwrap_or((part, ""));
            coding.trim() == name
                && !matches!(weight.trim(), "q=0" | "q=0.0" | "q=0.00" | "q=0.000")
        })
    };
    if takes("br") && asset.br.len() < asset.raw.len() {
        (Some("br"), asset.br)
    } else if takes("gzip") && asset.gz.len() < asset.raw.len() {
        (Some("gzip"), asset.gz)
    } else {
        (None, asset.raw)
    }
}

fn media_type(path: &str) -> &'static str {
    match path.rsplit('.').next() {
        Some("html") => "text/html; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("wasm") => "application/wasm",
        Some("svg") => "image/svg+xml",
        Some("png") => "image/png",
        Some("ico") => "image/x-icon",
        Some("json" | "webmanifest") => "application/json",
        _ => "application/octet-stream",
    }
}

/// Whether the name holds a hash of the content (as Trunk's do): it never changes then.
fn is_hashed(path: &str) -> bool {
    path.split(['-', '.', '_', '/'])
        .any(|part| part.len() == 16 && part.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_with_a_hash_are_kept_for_ever() {
        for (path, hashed) in [
            ("/frontend-0123456789abcdef_bg.wasm", true),
            ("/base-0123456789abcdef.css", true),
            ("/index.html", false),
            ("/favicon.svg", false),
        ] {
            assert_eq!(is_hashed(path), hashed, "for {path}");
        }
    }

    #[test]
    fn the_smallest_accepted_form_is_chosen() {
        let asset = Asset {
            path: "/a.css",
            raw: b"aaaaaaaaaa",
            br: b"b",
            gz: b"gz",
        };
        for (accepted, expected) in [
            ("gzip, deflate, br", Some("br")),
            ("gzip", Some("gzip")),
            ("br;q=0, gzip", Some("gzip")),
            ("identity", None),
            ("", None),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(header::ACCEPT_ENCODING, accepted.parse().unwrap());
            assert_eq!(choose(&asset, &headers).0, expected, "for {accepted:?}");
        }
    }
}

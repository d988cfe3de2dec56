//! Checks of a request's head that both ways into the server share: the HTTP server and the
//! WebSocket handshake that a worker reads itself.
//!
//! A proxy and this server must not read one request in two ways. Anything ambiguous is refused.

use axum::http::uri::Authority;
use axum::http::{HeaderMap, Uri, Version, header};

/// Whether a request head is unambiguous (RFC 9110 section 7.2, RFC 9112 sections 3.2 and 6.1,
/// RFC 6454 section 7.3).
///
/// # Errors
/// The field, and what is wrong with it.
pub(super) fn check(
    version: Version,
    uri: &Uri,
    headers: &HeaderMap,
) -> Result<(), (&'static str, &'static str)> {
    check_host(version, uri, headers).map_err(|why| ("`Host`", why))?;
    if headers.get_all(header::ORIGIN).iter().count() > 1 {
        return Err(("`Origin`", "a request names one origin"));
    }
    let mut codings = headers.get_all(header::TRANSFER_ENCODING).iter();
    let is_chunked = |value: &[u8]| value.trim_ascii().eq_ignore_ascii_case(b"chunked");
    if let Some(first) = codings.next()
        && (codings.next().is_some() || !is_chunked(first.as_bytes()))
    {
        let why = "the only supported transfer coding is `chunked`";
        return Err(("`Transfer-Encoding`", why));
    }
    Ok(())
}

fn check_host(version: Version, uri: &Uri, headers: &HeaderMap) -> Result<(), &'static str> {
    let mut hosts = headers.get_all(header::HOST).iter();
    let Some(host) = hosts.next() else {
        return match version {
            Version::HTTP_11 => Err("an HTTP/1.1 request must name its host"),
            _ => Ok(()),
        };
    };
    if hosts.next().is_some() {
        return Err("a request names one host");
    }
    let bytes = host.as_bytes();
    let authority = Authority::try_from(bytes).map_err(|_| "it is not a host name")?;
    if bytes.contains(&b'@') {
        return Err("it must not contain user information");
    }
    match uri.authority() {
        Some(asked) if !asked.as_str().eq_ignore_ascii_case(authority.as_str()) => {
            Err("it differs from the host in the request's address")
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ambiguous_heads_are_refused() {
        for (version, uri, fields, accepted) in [
            (Version::HTTP_11, "/", &[("host", "hub.example")][..], true),
            (Version::HTTP_11, "/", &[("host", "[::1]:8080")], true),
            (Version::HTTP_11, "/", &[], false),
            (Version::HTTP_10, "/", &[], true),
            (
                Version::HTTP_11,
                "/",
                &[("host", "a"), ("host", "a")],
                false,
            ),
            (
                Version::HTTP_10,
                "/",
                &[("host", "a"), ("host", "b")],
                false,
            ),
            (Version::HTTP_11, "/", &[("host", "a@localhost")], false),
            (Version::HTTP_11, "/", &[("host", "a b")], false),
            (Version::HTTP_11, "/", &[("host", "")], false),
            (Version::HTTP_11, "http://a/", &[("host", "a")], true),
            (Version::HTTP_11, "http://A/", &[("host", "a")], true),
            (Version::HTTP_11, "http://b/", &[("host", "a")], false),
            (
                Version::HTTP_11,
                "/",
                &[
                    ("host", "a"),
                    ("origin", "http://a"),
                    ("origin", "http://b"),
                ],
                false,
            ),
            (
                Version::HTTP_11,
                "/",
                &[("host", "a"), ("transfer-encoding", "Chunked")],
                true,
            ),
            (
                Version::HTTP_11,
                "/",
                &[("host", "a"), ("transfer-encoding", "gzip, chunked")],
                false,
            ),
            (
                Version::HTTP_11,
                "/",
                &[
                    ("host", "a"),
                    ("transfer-encoding", "gzip"),
                    ("transfer-encoding", "chunked"),
                ],
                false,
            ),
        ] {
            let mut headers = HeaderMap::new();
            for (name, value) in fields {
                headers.append(*name, value.parse().unwrap());
            }
            let found = check(version, &uri.parse().unwrap(), &headers);
            assert_eq!(found.is_ok(), accepted, "{version:?} {uri} {fields:?}");
        }
    }
}

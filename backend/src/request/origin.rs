//! Whether a request comes from a page of another site.
//!
//! A browser lets any page open a WebSocket to any host, cookies and all (RFC 6455, section 10.2),
//! so the server has to look at `Origin` itself. Programs send none.

use axum::http::{HeaderMap, Uri, header};

/// Whether `Origin` is there and names neither the host that was asked nor an allowed origin.
#[must_use]
pub(super) fn is_foreign(headers: &HeaderMap, allowed: &[String]) -> bool {
    let Some(origin) = headers.get(header::ORIGIN) else {
        return false;
    };
    let Ok(origin) = origin.to_str() else {
        return true;
    };
    if allowed
        .iter()
        .any(|allowed| allowed.eq_ignore_ascii_case(origin))
    {
        return false;
    }
    let host = headers
        .get(header::HOST)
        .and_then(|host| host.to_str().ok());
    let authority = origin
        .parse::<Uri>()
        .ok()
        .and_then(|uri| uri.into_parts().authority);
    match (host, authority) {
        (Some(host), Some(authority)) => !authority.as_str().eq_ignore_ascii_case(host),
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_own_host_and_listed_origins_are_at_home() {
        let allowed = ["https://app.example".to_owned()];
        for (origin, host, foreign) in [
            (None, Some("hub.example"), false),
            (Some("https://hub.example"), Some("hub.example"), false),
            (Some("https://HUB.example"), Some("hub.example"), false),
            (Some("http://127.0.0.1:8080"), Some("127.0.0.1:8080"), false),
            (Some("http://127.0.0.1:3000"), Some("127.0.0.1:8080"), true),
            (Some("https://app.example"), Some("hub.example"), false),
            (Some("https://evil.example"), Some("hub.example"), true),
            (
                Some("https://hub.example.evil.example"),
                Some("hub.example"),
                true,
            ),
            (Some("null"), Some("hub.example"), true),
            (Some(""), Some("hub.example"), true),
            (Some("https://hub.example"), None, true),
        ] {
            let mut headers = HeaderMap::new();
            if let Some(origin) = origin {
                headers.insert(header::ORIGIN, origin.parse().unwrap());
            }
            if let Some(host) = host {
                headers.insert(header::HOST, host.parse().unwrap());
            }
            assert_eq!(
                is_foreign(&headers, &allowed),
                foreign,
                "{origin:?} at {host:?}"
            );
        }
    }
}

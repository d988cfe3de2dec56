//! The `Host` names that a node on loopback accepts.
//!
//! A page of another site can let its own name resolve to this machine; for the browser it is then the
//! same site as the node (DNS rebinding). The request's `Host` field contains the name and reveals it.

use axum::http::uri::Authority;
use axum::http::{HeaderMap, Uri, header};
use std::net::IpAddr;

/// The hosts besides this machine's own that are answered; on other than loopback, all are.
#[derive(Debug, Clone)]
pub enum Hosts {
    /// Every host.
    All,
    /// This machine's own, and these.
    Local(Vec<String>),
}

impl Hosts {
    /// Those of these URLs and origins, where the node is on loopback.
    #[must_use]
    pub fn new<'a>(on_loopback: bool, urls: impl Iterator<Item = &'a str>) -> Self {
        let host = |url: &str| url.parse::<Uri>().ok()?.host().map(str::to_owned);
        match on_loopback {
            true => Self::Local(urls.filter_map(host).collect()),
            false => Self::All,
        }
    }

    /// Whether a request for this address, with these headers, is answered.
    #[must_use]
    pub fn answer(&self, uri: &Uri, headers: &HeaderMap) -> bool {
        let Self::Local(known) = self else {
            return true;
        };
        let authority = match (uri.authority(), headers.get(header::HOST)) {
            (Some(authority), _) => Some(authority.clone()),
            (None, Some(host)) => Authority::try_from(host.as_bytes()).ok(),
            // Browsers always say which; HTTP/1.0 need not.
            (None, None) => return true,
        };
        authority.is_some_and(|authority| {
            let host = authority.host().trim_matches(['[', ']']);
            let is = |name: &str| host.eq_ignore_ascii_case(name);
            is("localhost")
                || host.to_ascii_lowercase().ends_with(".localhost")
                || host.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
                || known.iter().any(|name| is(name))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn on_loopback_only_own_names_are_answered() {
        let hosts = Hosts::new(true, ["https://chat.example"].into_iter());
        for (host, answered) in [
            ("127.0.0.1:8080", true),
            ("localhost:8080", true),
            ("LOCALHOST", true),
            ("app.localhost:3000", true),
            ("[::1]:8080", true),
            ("127.8.8.8", true),
            ("chat.example", true),
            ("chat.example:443", true),
            ("evil.example", false),
            ("localhost.evil.example", false),
            ("127.0.0.1.evil.example", false),
            ("192.0.2.1", false),
            ("", false),
            ("a b", false),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(header::HOST, host.parse().unwrap());
            let uri = Uri::from_static("/");
            assert_eq!(hosts.answer(&uri, &headers), answered, "{host:?}");
            assert!(Hosts::new(false, [].into_iter()).answer(&uri, &headers));
        }
        let uri = Uri::from_static("http://evil.example/");
        assert!(!hosts.answer(&uri, &HeaderMap::new()));
        assert!(hosts.answer(&Uri::from_static("/"), &HeaderMap::new()));
    }
}

//! The server to connect to, and the identity to use.

use common::api::paths::{WEBSOCKET, escape_into};
use common::text::UserName;
use common::token::Token;
use common::version::V1_JSON;
use std::net::IpAddr;
use tokio_tungstenite::tungstenite::http::header::{AUTHORIZATION, SEC_WEBSOCKET_PROTOCOL};
use tokio_tungstenite::tungstenite::http::{HeaderValue, Uri};

/// Why an address is not one of a server.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AddressError {
    /// Not an absolute URL.
    #[error("`{0}` is not a URL such as `ws://127.0.0.1:8080`")]
    NotUrl(String),
    /// Another scheme than `ws`, `wss`, `http` or `https`.
    #[error("`{0}` is neither ws, wss, http nor https")]
    Scheme(String),
    /// `wss` or `https`, and this program was built without the feature `tls`.
    #[error("this program was built without TLS (the feature `tls` of hubbub-client)")]
    NoTls,
    /// A user name, a query or a fragment: neither is part of a server's address.
    #[error(
        "a server's address has no user name and no query: use `Options::name` or `Options::token`"
    )]
    NotPlain,
}

/// A server's address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Address {
    pub(crate) secure: bool,
    pub(crate) host: String,
    pub(crate) port: u16,
    /// Of the WebSocket.
    path: String,
}

impl std::str::FromStr for Address {
    type Err = AddressError;

    /// Reads `ws://host:port`, also with `wss`, `http` or `https`, and with a path under which the
    /// server stands behind a proxy. The port is 80 or 443 where none is given.
    fn from_str(text: &str) -> Result<Self, AddressError> {
        let not_url = || AddressError::NotUrl(text.to_owned());
        let uri: Uri = text.parse().map_err(|_| not_url())?;
        let (scheme, authority) = uri.scheme_str().zip(uri.authority()).ok_or_else(not_url)?;
        let secure = match scheme {
            "ws" | "http" => false,
            "wss" | "https" => true,
            other => return Err(AddressError::Scheme(other.to_owned())),
        };
        if secure && cfg!(not(feature = "tls")) {
            return Err(AddressError::NoTls);
        }
        if authority.as_str().contains('@') || uri.query().is_some() || text.contains('#') {
            return Err(AddressError::NotPlain);
        }
        if authority.host().is_empty() {
            return Err(not_url());
        }
        let base = uri.path().trim_end_matches('/');
        let base = base.strip_suffix(WEBSOCKET).unwrap_or(base);
        Ok(Self {
            secure,
            host: authority.host().to_owned(),
            port: authority
                .port_u16()
                .unwrap_or(if secure { 443 } else { 80 }),
            path: format!("{base}{WEBSOCKET}"),
        })
    }
}

impl Address {
    /// The host as a name to look up: an IPv6 address has no brackets there.
    pub(crate) fn bare_host(&self) -> &str {
        let inner = self.host.strip_prefix('[');
        inner
            .and_then(|inner| inner.strip_suffix(']'))
            .unwrap_or(&self.host)
    }
}

/// Who connects.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Identity {
    /// A guest to whom the server gives a name, another one for each connection.
    #[default]
    Anonymous,
    /// A program that says a name and proves nothing. All that say the same are the same user.
    Name(UserName),
    /// The owner of an access token or a key.
    Token(Token),
}

/// One connection to be made.
#[derive(Debug, Clone)]
pub struct Target {
    /// The server.
    pub address: Address,
    /// Who connects.
    pub identity: Identity,
    /// A local address to connect from; the system chooses where it is `None`.
    pub source: Option<IpAddr>,
}

impl Target {
    /// The request of the WebSocket handshake (RFC 6455, section 4.1).
    pub(crate) fn request(
        &self,
    ) -> Option<tokio_tungstenite::tungstenite::handshake::client::Request> {
        use tokio_tungstenite::tungstenite::client::IntoClientRequest;
        let Address {
            secure,
            host,
            port,
            path,
        } = &self.address;
        let scheme = if *secure { "wss" } else { "ws" };
        let mut url = format!("{scheme}://{host}:{port}{path}");
        if let Identity::Name(name) = &self.identity {
            url.push_str("?name=");
            escape_into(name.as_str(), &mut url);
        }
        let mut request = url.into_client_request().ok()?;
        let headers = request.headers_mut();
        headers.insert(SEC_WEBSOCKET_PROTOCOL, HeaderValue::from_static(V1_JSON));
        if let Identity::Token(token) = &self.identity {
            let mut value = HeaderValue::from_str(&format!("Bearer {}", token.expose())).ok()?;
            value.set_sensitive(true);
            headers.insert(AUTHORIZATION, value);
        }
        Some(request)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_read_and_others_are_refused_with_the_reason() {
        let plain = |text: &str| {
            let address: Address = text.parse().unwrap();
            (address.secure, address.host, address.port, address.path)
        };
        for (text, expected) in [
            ("ws://127.0.0.1:8080", (false, "127.0.0.1", 8080, "/ws")),
            ("http://localhost:8080/", (false, "localhost", 8080, "/ws")),
            ("ws://hub.example/ws", (false, "hub.example", 80, "/ws")),
            ("ws://[::1]:9/chat/", (false, "[::1]", 9, "/chat/ws")),
            #[cfg(feature = "tls")]
            ("wss://hub.example", (true, "hub.example", 443, "/ws")),
            #[cfg(feature = "tls")]
            (
                "https://hub.example/chat",
                (true, "hub.example", 443, "/chat/ws"),
            ),
        ] {
            let (secure, host, port, path) = expected;
            assert_eq!(
                plain(text),
                (secure, host.to_owned(), port, path.to_owned())
            );
        }
        for (text, expected) in [
            ("", AddressError::NotUrl(String::new())),
            (
                "127.0.0.1:8080",
                AddressError::NotUrl("127.0.0.1:8080".into()),
            ),
            ("/ws", AddressError::NotUrl("/ws".into())),
            ("ftp://hub.example", AddressError::Scheme("ftp".into())),
            ("ws://ada@hub.example", AddressError::NotPlain),
            ("ws://hub.example?name=ada", AddressError::NotPlain),
        ] {
            assert_eq!(text.parse::<Address>(), Err(expected), "{text}");
        }
    }

    #[test]
    fn the_request_says_who_connects() {
        let target = |identity| Target {
            address: "ws://hub.example:8080".parse().unwrap(),
            identity,
            source: None,
        };
        let name = Identity::Name("Zoë & co".parse().unwrap());
        let request = target(name).request().unwrap();
        assert_eq!(
            request.uri(),
            "ws://hub.example:8080/ws?name=Zo%C3%AB%20%26%20co"
        );
        assert_eq!(request.headers()["sec-websocket-protocol"], V1_JSON);
        let token = Identity::Token("hbk_secret".parse().unwrap());
        let request = target(token).request().unwrap();
        assert_eq!(request.headers()["authorization"], "Bearer hbk_secret");
        assert!(!format!("{request:?}").contains("hbk_secret"));
    }
}

//! Cookies. All are HttpOnly, so that scripts cannot read them.

use crate::auth::{GUEST_STAY, Issued};
use axum::http::header::{COOKIE, InvalidHeaderValue, SET_COOKIE};
use axum::http::{HeaderMap, HeaderValue};
use common::api::paths;
use std::time::Duration;

/// A guest's secret.
pub const GUEST: &str = "hubbub_session";
/// An account's access token.
pub const ACCESS: &str = "hubbub_access";
/// An account's refresh token. It only goes where it is used.
pub const REFRESH: &str = "hubbub_refresh";

const EVERYWHERE: &str = "/";

/// How cookies are written.
#[derive(Debug, Clone, Copy)]
pub struct Cookies {
    /// Whether the server is reached over TLS, so that they never go without.
    pub secure: bool,
}

/// The value of the request's cookie of this name.
pub fn cookie<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers
        .get_all(COOKIE)
        .iter()
        .filter_map(|cookies| cookies.to_str().ok())
        .flat_map(|cookies| cookies.split(';'))
        .filter_map(|cookie| cookie.trim().split_once('='))
        .find_map(|(key, value)| (key == name).then_some(value))
}

/// Whether the request has any cookie of ours.
pub fn has_any(headers: &HeaderMap) -> bool {
    let names = [GUEST, ACCESS, REFRESH];
    headers.contains_key(COOKIE) && names.iter().any(|name| cookie(headers, name).is_some())
}

impl Cookies {
    /// Sets a guest's cookie.
    pub fn keep_guest(self, headers: &mut HeaderMap, secret: &str) {
        self.set(headers, GUEST, secret, EVERYWHERE, GUEST_STAY);
    }

    /// Takes a guest's cookie away.
    pub fn drop_guest(self, headers: &mut HeaderMap) {
        self.set(headers, GUEST, "", EVERYWHERE, Duration::ZERO);
    }

    /// Sets an account's cookies. Both live as long as the sign-in: a token that has run out tells
    /// the server that there is something to refresh.
    pub fn keep_account(self, headers: &mut HeaderMap, issued: &Issued) {
        let life = issued.refresh_life;
        self.set(headers, ACCESS, issued.access.expose(), EVERYWHERE, life);
        self.set(
            headers,
            REFRESH,
            issued.refresh.expose(),
            paths::SESSION,
            life,
        );
    }

    /// Takes an account's cookies away.
    pub fn drop_account(self, headers: &mut HeaderMap) {
        self.set(headers, ACCESS, "", EVERYWHERE, Duration::ZERO);
        self.set(headers, REFRESH, "", paths::SESSION, Duration::ZERO);
    }

    /// Out of reach of scripts, and not sent along by pages of other sites.
    fn set(self, headers: &mut HeaderMap, name: &str, value: &str, path: &str, life: Duration) {
        let secure = if self.secure { "; Secure" } else { "" };
        let seconds = life.as_secs();
        let cookie = format!(
            "{name}={value}; Path={path}; HttpOnly; SameSite=Strict; Max-Age={seconds}{secure}"
        );
        let cookie: Result<HeaderValue, InvalidHeaderValue> = cookie.try_into();
        // Names, paths and tokens are ASCII.
        if let Ok(mut cookie) = cookie {
            cookie.set_sensitive(true);
            headers.append(SET_COOKIE, cookie);
        }
    }
}

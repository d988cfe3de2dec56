//! Routes: parsing addresses, and writing them.

use common::text::{RoomName, TextError};

/// A place in the page, by its address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Route {
    /// `/`: wherever the reader was last.
    Home,
    /// `/r/general`
    Room(RoomName),
    /// `/invite#…`: the door that an invitation opens. What opens it stands behind the `#`, which
    /// is no part of the path.
    Invite,
    /// `/r/…` with something that cannot be a room's name.
    BadRoom(TextError),
    /// `/account`: the reader's own.
    Account,
    /// `/admin`, `/admin/keys`, `/admin/audit`: what admins look after.
    Admin(AdminPart),
    /// Anything else.
    Unknown,
}

/// A part of what admins look after.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AdminPart {
    /// The accounts.
    Accounts,
    /// The keys of programs.
    Keys,
    /// Who did what.
    Audit,
}

impl AdminPart {
    /// All of them, in the order in which they are shown.
    pub const ALL: [Self; 3] = [Self::Accounts, Self::Keys, Self::Audit];

    /// Its address.
    #[must_use]
    pub fn path(self) -> &'static str {
        match self {
            Self::Accounts => "/admin",
            Self::Keys => "/admin/keys",
            Self::Audit => "/admin/audit",
        }
    }

    /// Its name for people.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Accounts => "Accounts",
            Self::Keys => "Keys",
            Self::Audit => "Audit log",
        }
    }
}

impl Route {
    /// Reads a percent-decoded path. Total: every address is some place.
    #[must_use]
    pub fn parse(path: &str) -> Self {
        let path = path.strip_suffix('/').unwrap_or(path);
        match path.strip_prefix("/r/") {
            _ if path.is_empty() => Self::Home,
            Some(name) => match name.parse::<RoomName>() {
                Ok(room) if room.is_broadcast() => Self::BadRoom(TextError::Reserved),
                Ok(room) => Self::Room(room),
                Err(error) => Self::BadRoom(error),
            },
            None => Self::named(path),
        }
    }

    /// The places that have an address of their own.
    fn named(path: &str) -> Self {
        let part = AdminPart::ALL.into_iter().find(|part| part.path() == path);
        match part {
            Some(part) => Self::Admin(part),
            None if path == "/account" => Self::Account,
            None if path == "/invite" => Self::Invite,
            None => Self::Unknown,
        }
    }

    /// The room, where the place is one.
    #[must_use]
    pub fn room(&self) -> Option<&RoomName> {
        match self {
            Self::Room(room) => Some(room),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use wasm_bindgen_test::wasm_bindgen_test;

    #[wasm_bindgen_test]
    fn every_address_is_some_place() {
        let room = |name: &str| Route::Room(name.parse().unwrap());
        for (path, expected) in [
            ("/", Route::Home),
            ("", Route::Home),
            ("/r/general", room("general")),
            ("/r/general/", room("general")),
            ("/r/two words", room("two words")),
            ("/r/日本", room("日本")),
            ("/r/$broadcast", Route::BadRoom(TextError::Reserved)),
            ("/r/a/b", Route::BadRoom(TextError::Forbidden('/'))),
            ("/invite", Route::Invite),
            ("/invite/", Route::Invite),
            ("/invite/x", Route::Unknown),
            ("/r/$0123456789abc", room("$0123456789abc")),
            ("/account", Route::Account),
            ("/account/", Route::Account),
            ("/admin", Route::Admin(AdminPart::Accounts)),
            ("/admin/keys", Route::Admin(AdminPart::Keys)),
            ("/admin/audit", Route::Admin(AdminPart::Audit)),
            ("/admin/else", Route::Unknown),
            ("/r", Route::Unknown),
            ("/elsewhere", Route::Unknown),
        ] {
            assert_eq!(Route::parse(path), expected, "for {path:?}");
        }
    }
}

//! Where the reader is: addresses to values, and back.

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
    /// Anything else.
    Unknown,
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
            ("/r", Route::Unknown),
            ("/elsewhere", Route::Unknown),
        ] {
            assert_eq!(Route::parse(path), expected, "for {path:?}");
        }
    }
}

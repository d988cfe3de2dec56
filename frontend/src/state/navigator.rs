//! The reader's place, and the ways to another. (A handful of addresses need no router: the usual
//! crate for it weighs as much as the whole page.)

use super::route::Route;
use crate::platform::history;
use common::text::RoomName;
use leptos::ev;
use leptos::prelude::*;

/// Knows the reader's place and changes it.
#[derive(Clone, Copy)]
pub struct Navigator {
    route: RwSignal<Route>,
}

impl Navigator {
    /// Reads the address bar and follows it.
    #[must_use]
    pub fn new() -> Self {
        let route = RwSignal::new(Route::parse(&history::path()));
        let listener = window_event_listener(ev::popstate, move |_| {
            let context = Route::parse(&history::path());
            if route.with_untracked(|old| *old != context) {
                route.set(context);
            }
        });
        on_cleanup(move || listener.remove());
        Self { route }
    }

    /// The place, tracked.
    #[must_use]
    pub fn route(self) -> Route {
        self.route.get()
    }

    /// The room the reader is in, tracked.
    #[must_use]
    pub fn room(self) -> Option<RoomName> {
        self.route.with(|route| route.room().cloned())
    }

    /// Goes to a room; Back returns from it.
    pub fn go(self, room: &RoomName) {
        if self
            .route
            .with_untracked(|route| route.room() != Some(room))
        {
            history::push(&room_path(room));
            self.route.set(Route::Room(room.clone()));
        }
    }

    /// Goes to a place by its address; Back returns from it.
    pub fn visit(self, path: &str) {
        let context = Route::parse(path);
        if self.route.with_untracked(|route| *route != context) {
            history::push(path);
            self.route.set(context);
        }
    }

    /// Goes to a room in place of the present address.
    pub fn redirect(self, room: &RoomName) {
        history::replace(&room_path(room));
        self.route.set(Route::Room(room.clone()));
    }

    /// Goes to the start in place of the present address.
    pub fn home(self) {
        history::replace("/");
        self.route.set(Route::Home);
    }
}

impl Default for Navigator {
    fn default() -> Self {
        Self::new()
    }
}

/// A room's address.
#[must_use]
pub fn room_path(room: &RoomName) -> String {
    // The sign before a hidden room's name needs no escape in a path (RFC 3986, section 3.3).
    let name = history::escaped(room.as_str()).replace("%24", "$");
    format!("/r/{name}")
}

//! The rooms on the server that the reader may want to see.

use crate::api;
use crate::platform::page;
use common::api::RoomSummary;
use leptos::prelude::*;
use leptos::task::spawn_local;
use std::time::Duration;

/// How often the list is fetched again while somebody is looking.
const REFRESH: Duration = Duration::from_secs(20);

/// Owner of the list.
#[derive(Clone, Copy)]
pub struct ServerRooms {
    list: RwSignal<Vec<RoomSummary>>,
}

impl ServerRooms {
    /// An empty list that keeps itself fresh.
    #[must_use]
    pub fn new() -> Self {
        let rooms = Self {
            list: RwSignal::new(Vec::new()),
        };
        let refresh = move || {
            if page::is_visible() {
                rooms.refresh();
            }
        };
        if let Ok(timer) = set_interval_with_handle(refresh, REFRESH) {
            on_cleanup(move || timer.clear());
        }
        rooms
    }

    /// Fetches the list. A failure leaves the old one: the badge tells of the connection.
    pub fn refresh(self) {
        spawn_local(async move {
            if let Ok(rooms) = api::rooms().await {
                // The page may be gone by now; then there is nothing to set.
                if self.list.try_with_untracked(|old| *old != rooms) == Some(true) {
                    self.list.set(rooms);
                }
            }
        });
    }

    /// The list, tracked.
    #[must_use]
    pub fn list(self) -> Vec<RoomSummary> {
        self.list.get()
    }
}

impl Default for ServerRooms {
    fn default() -> Self {
        Self::new()
    }
}

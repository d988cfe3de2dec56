//! The list of rooms on the server that the user can see, and their names.

use super::hub::Hub;
use super::room_label::RoomLabel;
use super::saved_state;
use common::api::RoomSummary;
use common::client::Command;
use common::room::RoomSettings;
use common::text::RoomName;
use leptos::prelude::*;

/// Owner of the list.
#[derive(Clone, Copy)]
pub struct ServerRooms {
    hub: Hub,
    /// None before the server has told it for the first time.
    list: RwSignal<Option<Vec<RoomSummary>>>,
    /// The labels of hidden rooms as they were last seen, so that a page that has just been opened does not
    /// show what nobody can read.
    known: RwSignal<Vec<RoomLabel>>,
    /// Hidden rooms in which something was said before this browser first heard of them.
    fresh: RwSignal<Vec<RoomName>>,
}

impl ServerRooms {
    /// The list that the server keeps up to date.
    #[must_use]
    pub fn new(hub: Hub) -> Self {
        let rooms = Self {
            hub,
            list: RwSignal::new(None),
            known: RwSignal::new(saved_state::room_labels()),
            fresh: RwSignal::new(Vec::new()),
        };
        Effect::new(move |_| {
            if let Some(list) = hub.room_list() {
                rooms.take(list);
            }
        });
        rooms
    }

    /// Gets the list now: the reader has changed something in it.
    pub fn refresh(self) {
        self.hub.send(Command::ReloadRooms);
    }

    /// Takes a list in.
    fn take(self, rooms: Vec<RoomSummary>) {
        let hidden = || rooms.iter().filter(|one| one.room.is_hidden());
        let room_labels: Vec<RoomLabel> = hidden().map(RoomLabel::listed).collect();
        let is_known = |room: &RoomName| {
            let is_it = |label: &RoomLabel| label.room() == room;
            self.known.with_untracked(|known| known.iter().any(is_it))
        };
        let fresh: Vec<RoomName> = hidden()
            .filter(|one| one.head.0 > 0 && !is_known(&one.room))
            .map(|one| one.room.clone())
            .collect();
        if !fresh.is_empty() {
            self.fresh.update(|all| all.extend(fresh));
        }
        saved_state::set_room_labels(&room_labels);
        self.known.set(room_labels);
        self.list.set(Some(rooms));
    }

    /// The server has just said what a room is, before the list does.
    pub fn learn(self, settings: &RoomSettings) {
        let label = RoomLabel::set(settings);
        if label.room().is_hidden() {
            self.known.update(|known| {
                known.retain(|one| one.room() != label.room());
                known.push(label);
            });
            self.known
                .with_untracked(|known| saved_state::set_room_labels(known));
        }
    }

    /// The list, tracked.
    #[must_use]
    pub fn list(self) -> Vec<RoomSummary> {
        self.list.get().unwrap_or_default()
    }

    /// Whether a room is on the list, tracked; nothing before there is one.
    #[must_use]
    pub fn has(self, room: &RoomName) -> Option<bool> {
        self.list.with(|list| {
            let list = list.as_ref()?;
            Some(list.iter().any(|one| one.room == *room))
        })
    }

    /// What a room looks like from outside, tracked.
    #[must_use]
    pub fn label(self, room: &RoomName) -> RoomLabel {
        let listed = self.list.with(|list| {
            let found = list.iter().flatten().find(|one| one.room == *room);
            found.map(RoomLabel::listed)
        });
        let known = || {
            let is_it = |label: &&RoomLabel| label.room() == room;
            self.known.with(|known| known.iter().find(is_it).cloned())
        };
        listed
            .or_else(known)
            .unwrap_or_else(|| RoomLabel::unknown(room.clone()))
    }

    /// Whether a room holds something that was said before this browser knew of it; tracked.
    #[must_use]
    pub fn is_fresh(self, room: &RoomName) -> bool {
        self.fresh.with(|fresh| fresh.contains(room))
    }

    /// The reader has gone into a room.
    pub fn visited(self, room: &RoomName) {
        if self.fresh.with_untracked(|fresh| fresh.contains(room)) {
            self.fresh.update(|fresh| fresh.retain(|one| one != room));
        }
    }
}

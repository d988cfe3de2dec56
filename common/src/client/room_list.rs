//! The list of rooms, as the server keeps it up to date.

use super::backoff::after_refusal;
use super::input::Millis;
use super::insertion_sort::sort;
use crate::api::RoomSummary;
use crate::error::ErrorFrame;
use crate::reply::RoomsUpdate;

/// The list that the server told last, and whether it is to be asked for.
#[derive(Debug, Clone, Default)]
pub(super) struct RoomListState {
    rooms: Option<Vec<RoomSummary>>,
    version: u64,
    /// When the server is to be asked, if it is.
    due: Option<Millis>,
    /// Refusals in a row that may be repeated.
    tries: u32,
}

impl RoomListState {
    pub(super) fn rooms(&self) -> Option<&[RoomSummary]> {
        self.rooms.as_deref()
    }

    pub(super) fn due(&self) -> Option<Millis> {
        self.due
    }

    /// The list is to be had anew.
    pub(super) fn want(&mut self) {
        self.due = Some(Millis::default());
    }

    pub(super) fn asked(&mut self) {
        self.due = None;
    }

    pub(super) fn refused(&mut self, error: &ErrorFrame, now: Millis) {
        if error.retryable {
            self.due = Some(now.plus(after_refusal(self.tries, error.retry_after_ms)));
            self.tries = self.tries.saturating_add(1);
        }
    }

    /// Takes an update in. Says whether the list is another one now.
    pub(super) fn update(&mut self, update: RoomsUpdate) -> bool {
        if update.complete {
            self.tries = 0;
            self.version = update.version;
            let is_new = self.rooms.as_ref() != Some(&update.rooms);
            self.rooms = Some(update.rooms);
            return is_new;
        }
        // One that was on its way when the list was asked for is in the list.
        let Some(rooms) = self
            .rooms
            .as_mut()
            .filter(|_| update.version > self.version)
        else {
            return false;
        };
        if update.version != self.version + 1 {
            self.want();
            return false;
        }
        self.version = update.version;
        let is_named = |room: &RoomSummary| {
            let mut changed = update.rooms.iter().map(|new| &new.room);
            update.gone.contains(&room.room) || changed.any(|new| *new == room.room)
        };
        rooms.retain(|room| !is_named(room));
        rooms.extend(update.rooms.iter().cloned());
        sort(rooms, |a, b| a.last_at > b.last_at);
        true
    }
}

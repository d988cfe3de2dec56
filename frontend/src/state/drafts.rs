//! Unsent drafts, per room.

use super::saved_state;
use common::text::RoomName;
use leptos::prelude::*;

/// One room's draft. It survives a change of room and a reload.
#[derive(Clone, Copy)]
pub struct Draft {
    room: StoredValue<RoomName>,
    text: RwSignal<String>,
}

impl Draft {
    /// What was begun in this room.
    #[must_use]
    pub fn of(room: RoomName) -> Self {
        let text = RwSignal::new(saved_state::draft(&room));
        Self {
            room: StoredValue::new(room),
            text,
        }
    }

    /// The text, tracked.
    #[must_use]
    pub fn get(self) -> String {
        self.text.get()
    }

    /// Reads the text, tracked, without copying it.
    pub fn with<T>(self, read: impl FnOnce(&str) -> T) -> T {
        self.text.with(|text| read(text))
    }

    /// Changes the text.
    pub fn set(self, text: String) {
        self.room
            .with_value(|room| saved_state::set_draft(room, &text));
        self.text.set(text);
    }

    /// Puts words back that could not be sent, above what was begun since.
    pub fn restore(self, words: &str) {
        let begun = self.text.get_untracked();
        let text = if begun.is_empty() {
            words.to_owned()
        } else {
            format!("{words}\n{begun}")
        };
        self.set(text);
    }
}

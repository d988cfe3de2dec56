//! One room as the reader stands to it: what it is called, what holds there, what the reader may do.

use super::hub::Hub;
use super::room_label::RoomLabel;
use super::rooms::ServerRooms;
use common::client::{RoomPart, RoomStatus, RoomView};
use common::room::{RoomAction, RoomKind, RoomSettings};
use common::text::RoomName;
use leptos::prelude::*;

/// The parts of a room that it depends on.
const PARTS: &[RoomPart] = &[RoomPart::Status, RoomPart::Settings];

/// One room as the reader stands to it.
#[derive(Clone, Copy)]
pub struct RoomContext {
    room: StoredValue<RoomName>,
    /// What holds there. While the room is being joined again: what held before.
    pub settings: Memo<RoomSettings>,
    /// What it is called.
    pub label: Memo<RoomLabel>,
}

impl RoomContext {
    /// A room, as it is told from now on.
    #[must_use]
    pub fn of(room: RoomName) -> Self {
        let hub = expect_context::<Hub>();
        let rooms = expect_context::<ServerRooms>();
        let room = StoredValue::new(room);
        let settings = Memo::new(move |before: Option<&RoomSettings>| {
            let told = room
                .with_value(|room| hub.with_room(room, PARTS, told))
                .flatten();
            told.or_else(|| before.cloned())
                .unwrap_or_else(|| unknown(room.get_value()))
        });
        let label = Memo::new(move |_| {
            let is_told = |view: RoomView<'_>| view.settings().map(RoomLabel::set);
            room.with_value(|room| {
                let told = hub.with_room(room, PARTS, is_told).flatten();
                told.unwrap_or_else(|| rooms.label(room))
            })
        });
        Self {
            room,
            settings,
            label,
        }
    }

    /// Which room.
    #[must_use]
    pub fn room(self) -> RoomName {
        self.room.get_value()
    }

    /// Whether the reader may do something there, as things are now; tracked.
    #[must_use]
    pub fn may(self, action: RoomAction) -> bool {
        self.settings.read().may(action)
    }

    /// The same, for what is drawn anew when it changes, and not whenever anything is set.
    #[must_use]
    pub fn can(self, action: RoomAction) -> Memo<bool> {
        Memo::new(move |_| self.may(action))
    }

    /// Who may come in; likewise.
    #[must_use]
    pub fn door(self) -> Memo<RoomKind> {
        Memo::new(move |_| self.settings.read().door)
    }

    /// What it is called, tracked.
    #[must_use]
    pub fn name(self) -> String {
        self.label.read().name().to_owned()
    }
}

/// What the server says. Of a hidden room it always says something; of a public one nothing, where
/// nothing holds but what holds everywhere.
fn told(view: RoomView<'_>) -> Option<RoomSettings> {
    let is_plain = *view.state() == RoomStatus::Live && !view.name().is_hidden();
    let plain = || is_plain.then(|| RoomSettings::default_for(view.name().clone()));
    view.settings().cloned().or_else(plain)
}

/// What holds before anything is said.
fn unknown(room: RoomName) -> RoomSettings {
    if room.is_hidden() {
        RoomSettings {
            door: RoomKind::Private,
            may: Vec::new(),
            ..RoomSettings::default_for(room)
        }
    } else {
        RoomSettings::default_for(room)
    }
}

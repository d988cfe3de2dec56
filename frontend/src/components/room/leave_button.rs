//! Leaves the room.

use crate::components::controls::icon::{Glyph, Icon};
use crate::state::hub::Hub;
use crate::state::navigator::Navigator;
use crate::state::room_context::RoomContext;
use crate::state::saved_state;
use common::client::Command;
use common::text::RoomName;
use leptos::prelude::*;

/// Leaves a room and goes to another one the reader is in, or to the start.
pub fn leave(hub: Hub, navigator: Navigator, room: &RoomName) {
    let other = untrack(|| hub.lines())
        .into_iter()
        .map(|line| line.room)
        .find(|one| one != room);
    match other {
        Some(other) => navigator.redirect(&other),
        None => navigator.home(),
    }
    hub.send(Command::CloseRoom { room: room.clone() });
    if saved_state::last_room().as_ref() == Some(room) {
        saved_state::forget_last_room();
    }
}

/// A button that leaves a room: an icon in the header, words in a drawer. Hidden rooms are left for
/// good or not at all, which is asked where one learns about them.
#[component]
pub fn LeaveButton(
    /// The room.
    room: RoomName,
    /// Whether it has words.
    #[prop(optional)]
    words: bool,
) -> impl IntoView {
    let hub = expect_context::<Hub>();
    let navigator = expect_context::<Navigator>();
    let label = RoomContext::of(room.clone()).label;
    let label = move || format!("Leave {}", label.read().name());
    if room.is_hidden() {
        return ().into_any();
    }
    let act = move |_| leave(hub, navigator, &room);
    if words {
        view! {
            <button type="button" class="button leave" on:click=act>
                <Icon glyph=Glyph::Leave />
                "Leave room"
            </button>
        }
        .into_any()
    } else {
        view! {
            <button
                type="button"
                class="icon-button leave not-small"
                aria-label=label
                title="Leave room"
                on:click=act
            >
                <Icon glyph=Glyph::Leave />
            </button>
        }
        .into_any()
    }
}

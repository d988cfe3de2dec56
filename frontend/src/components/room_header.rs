//! The bar above a conversation: which room, how the connection is, who is here.

use crate::components::badge::Badge;
use crate::components::icon::{Glyph, Icon};
use crate::components::leave_button::LeaveButton;
use crate::state::hub::Hub;
use crate::state::ui::{Drawer, Ui};
use crate::state::words::people;
use common::text::RoomName;
use leptos::prelude::*;

/// The bar above a conversation.
#[component]
pub fn RoomHeader(
    /// The room.
    room: RoomName,
) -> impl IntoView {
    let hub = expect_context::<Hub>();
    let ui = expect_context::<Ui>();
    let counted = room.clone();
    let count = Memo::new(move |_| {
        hub.with_room(&counted, |view| view.presence().count())
            .unwrap_or_default()
    });
    let is_open =
        move || ui.drawer.get() == Some(Drawer::People) || (ui.wide.get() && ui.people_open.get());
    view! {
        <header class="bar room-header">
            <OpenRooms />
            <h1 class="room-title">
                <Icon glyph=Glyph::Hash size=17 />
                <span class="name" title=room.to_string() dir="auto">{room.to_string()}</span>
            </h1>
            <div class="bar-space"></div>
            <Badge />
            <button
                type="button"
                class="icon-button counted people-toggle"
                id="people-toggle"
                data-count=move || count.get().to_string()
                aria-label=move || format!("{} here", people(count.get()))
                aria-expanded=move || is_open().to_string()
                aria-controls="people"
                title="Who is here"
                on:click=move |_| ui.toggle_people()
            >
                <Icon glyph=Glyph::People />
                <span aria-hidden="true">{count}</span>
            </button>
            <LeaveButton room />
        </header>
    }
}

/// The bar where there is no room.
#[component]
pub fn PlainHeader() -> impl IntoView {
    view! {
        <header class="bar">
            <OpenRooms />
            <div class="bar-space"></div>
            <Badge />
        </header>
    }
}

/// The way to the list of rooms, where that is a drawer.
#[component]
fn OpenRooms() -> impl IntoView {
    let hub = expect_context::<Hub>();
    let ui = expect_context::<Ui>();
    let label = move || match hub.unread() {
        0 => "Rooms".to_owned(),
        unread => format!("Rooms, {unread} unread"),
    };
    view! {
        <button
            type="button"
            class="icon-button only-small open-rooms"
            id="open-rooms"
            aria-label=label
            aria-expanded=move || (ui.drawer.get() == Some(Drawer::Rooms)).to_string()
            aria-controls="sidebar"
            data-unread=move || (hub.unread() > 0).to_string()
            on:click=move |_| ui.drawer.set(Some(Drawer::Rooms))
        >
            <Icon glyph=Glyph::Menu size=20 />
        </button>
    }
}

//! The header above a conversation: room, connection, members online.

use crate::components::controls::icon::{Glyph, Icon};
use crate::components::controls::room_icon::RoomIcon;
use crate::components::room::leave_button::LeaveButton;
use crate::components::sidebar::connection_badge::Badge;
use crate::state::error_text::people;
use crate::state::hub::Hub;
use crate::state::room_context::RoomContext;
use crate::state::ui::{DialogKind, Drawer, RoomLeaf, Ui};
use common::client::RoomPart;
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
    let context = RoomContext::of(room.clone());
    let counted = room.clone();
    let count = Memo::new(move |_| {
        hub.with_room(&counted, &[RoomPart::Presence], |view| {
            view.presence().count()
        })
        .unwrap_or_default()
    });
    let is_open = move || {
        ui.drawer.get() == Some(Drawer::MemberPanel) || (ui.wide.get() && ui.people_open.get())
    };
    view! {
        <header class="bar room-header">
            <OpenRooms />
            <RoomTitle context />
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
                <Icon glyph=Glyph::MemberPanel />
                <span aria-hidden="true">{count}</span>
            </button>
            <button
                type="button"
                class="icon-button about-room not-small"
                aria-label="About this room"
                aria-haspopup="dialog"
                title="About this room"
                on:click=move |_| ui.ask(DialogKind::About(RoomLeaf::About))
            >
                <Icon glyph=Glyph::Info />
            </button>
            <LeaveButton room />
        </header>
    }
}

/// What the room is called and about. It leads to all there is to know.
#[component]
fn RoomTitle(context: RoomContext) -> impl IntoView {
    let ui = expect_context::<Ui>();
    let label = context.label;
    let state = Memo::new(move |_| {
        let settings = context.settings.read();
        match (settings.archived, settings.locked) {
            (true, _) => Some("archived"),
            (false, true) => Some("locked"),
            (false, false) => None,
        }
    });
    let topic = Memo::new(move |_| label.read().topic.as_ref().map(ToString::to_string));
    view! {
        <div class="room-heading">
            <h1 class="room-title">
                <button
                    type="button"
                    class="room-name"
                    aria-haspopup="dialog"
                    title="About this room"
                    on:click=move |_| ui.ask(DialogKind::About(RoomLeaf::About))
                >
                    <RoomIcon label size=17 />
                    <span class="name" dir="auto">{move || context.name()}</span>
                    {move || label.read().kind().map(|kind| view! { <span class="unseen">", "{kind}</span> })}
                </button>
                {move || state.get().map(|state| view! { <span class="tag">{state}</span> })}
            </h1>
            {move || topic.get().map(|topic| view! {
                <p class="topic" dir="auto" title=topic.clone()>{topic.clone()}</p>
            })}
        </div>
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

//! The rooms: the reader's own, the others on the server, and the way to a new one.

pub mod connection_badge;
pub mod profile_bar;
pub mod room_link;

use crate::components::controls::icon::{Glyph, Icon, Mark};
use crate::components::controls::page_link::PageLink;
use crate::components::sidebar::profile_bar::ProfileBar;
use crate::components::sidebar::room_link::RoomLink;
use crate::state::hub::{Hub, RoomLine};
use crate::state::rooms::ServerRooms;
use crate::state::route::AdminPart;
use crate::state::ui::{DialogKind, Drawer, Ui};
use common::api::RoomSummary;
use common::role::Role;
use common::room::RoomKind;
use leptos::prelude::*;

/// Other rooms that the sidebar names; the dialog takes any name.
const OTHERS_MAX: usize = 50;

/// The list of rooms.
#[component]
pub fn Sidebar() -> impl IntoView {
    let ui = expect_context::<Ui>();
    view! {
        <nav
            class="sidebar"
            id="sidebar"
            tabindex="-1"
            aria-label="Rooms"
            inert=move || ui.drawer.get() == Some(Drawer::MemberPanel)
        >
            <div class="bar">
                <span class="wordmark">
                    <Mark size=26 />
                    "Hubbub"
                </span>
                <div class="bar-space"></div>
                <button
                    type="button"
                    class="icon-button only-small"
                    aria-label="Close the list of rooms"
                    on:click=move |_| ui.drawer.set(None)
                >
                    <Icon glyph=Glyph::Close />
                </button>
            </div>
            <div class="scroll">
                <OwnRooms />
                <Conversations />
                <OtherRooms />
            </div>
            <div class="sidebar-foot">
                <button
                    type="button"
                    class="room-link announce"
                    on:click=move |_| ui.ask(DialogKind::Announce)
                >
                    <Icon glyph=Glyph::Megaphone size=16 />
                    <span class="name">"Announce to everyone"</span>
                </button>
                <AdminLink />
                <ProfileBar />
            </div>
        </nav>
    }
}

/// Whether a room the reader is in is a conversation with somebody alone.
fn is_direct(rooms: ServerRooms, line: &RoomLine) -> bool {
    line.room.is_hidden() && rooms.label(&line.room).door == RoomKind::Direct
}

/// The rooms the reader is in, or talks to somebody alone in.
fn lines(hub: Hub, rooms: ServerRooms, direct: bool) -> Memo<Vec<RoomLine>> {
    Memo::new(move |_| {
        let mut lines = hub.lines();
        lines.retain(|line| is_direct(rooms, line) == direct);
        lines
    })
}

fn line(line: RoomLine) -> impl IntoView {
    view! { <RoomLink room=line.room unread=line.unread is_refused=line.is_refused /> }
}

/// The way to what admins look after.
#[component]
fn AdminLink() -> impl IntoView {
    let hub = expect_context::<Hub>();
    move || {
        (hub.role() == Role::Admin).then(|| {
            view! {
                <PageLink path=AdminPart::Accounts.path() class="room-link admin-link">
                    <Icon glyph=Glyph::Shield size=16 />
                    <span class="name">"Administration"</span>
                </PageLink>
            }
        })
    }
}

/// The rooms the reader is in.
#[component]
fn OwnRooms() -> impl IntoView {
    let ui = expect_context::<Ui>();
    let lines = lines(expect_context(), expect_context(), false);
    view! {
        <section class="sidebar-section own-rooms" aria-labelledby="own-rooms-title">
            <div class="section-head">
                <h2 id="own-rooms-title">"Your rooms"</h2>
                <button
                    type="button"
                    class="icon-button small create-room"
                    aria-label="Create or join a room"
                    title="Create or join a room"
                    on:click=move |_| ui.ask(DialogKind::Room)
                >
                    <Icon glyph=Glyph::Plus size=16 />
                </button>
            </div>
            <ul class="room-list">
                <For
                    each=move || lines.get()
                    key=RoomLine::clone
                    children=line
                />
            </ul>
        </section>
    }
}

/// Whom the reader talks to alone.
#[component]
fn Conversations() -> impl IntoView {
    let lines = lines(expect_context(), expect_context(), true);
    view! {
        <section
            class="sidebar-section conversations"
            aria-labelledby="conversations-title"
            hidden=move || lines.read().is_empty()
        >
            <div class="section-head">
                <h2 id="conversations-title">"Direct conversations"</h2>
            </div>
            <ul class="room-list">
                <For
                    each=move || lines.get()
                    key=RoomLine::clone
                    children=line
                />
            </ul>
        </section>
    }
}

/// The rooms on the server that the reader is not in.
#[component]
fn OtherRooms() -> impl IntoView {
    let hub = expect_context::<Hub>();
    let rooms = expect_context::<ServerRooms>();
    let others = Memo::new(move |_| -> Vec<RoomSummary> {
        let own = hub.lines();
        let is_other = |one: &RoomSummary| {
            // What is hidden is the reader's own, and about to be opened.
            !one.room.is_hidden() && own.iter().all(|line| line.room != one.room)
        };
        rooms
            .list()
            .into_iter()
            .filter(is_other)
            .take(OTHERS_MAX)
            .collect()
    });
    view! {
        <section
            class="sidebar-section other-rooms"
            aria-labelledby="other-rooms-title"
            hidden=move || others.read().is_empty()
        >
            <div class="section-head">
                <h2 id="other-rooms-title">"More rooms here"</h2>
            </div>
            <ul class="room-list">
                <For
                    each=move || others.get()
                    key=|one| (one.room.clone(), one.online)
                    children=|one| view! { <RoomLink room=one.room online=Some(one.online) /> }
                />
            </ul>
        </section>
    }
}

//! The sidebar: the user's rooms, other rooms on the server, and creating a new one.

pub mod connection_badge;
pub mod profile_bar;
pub mod room_link;

use crate::components::controls::icon::{Glyph, Icon, Mark};
use crate::components::controls::keyed_list::{KeyedList, list_items};
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
use common::text::RoomName;
use leptos::prelude::*;
use std::sync::Arc;

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

/// Whether a room is a conversation with one other person.
fn is_direct(rooms: ServerRooms, line: &RoomLine) -> bool {
    line.room.is_hidden() && rooms.label(&line.room).door == RoomKind::Direct
}

/// A line of a section.
#[derive(Clone, PartialEq, Eq)]
struct SectionLine {
    room: RoomName,
    unread: usize,
    is_refused: bool,
    online: Option<usize>,
}

impl SectionLine {
    /// Says all that is shown: a line that changes is drawn anew.
    fn key(&self) -> String {
        let Self {
            room,
            unread,
            is_refused,
            online,
        } = self;
        format!("{room} {unread} {is_refused} {online:?}")
    }

    fn view(self) -> AnyView {
        let Self {
            room,
            unread,
            is_refused,
            online,
        } = self;
        view! { <RoomLink room unread is_refused online /> }.into_any()
    }
}

impl From<RoomLine> for SectionLine {
    fn from(line: RoomLine) -> Self {
        Self {
            room: line.room,
            unread: line.unread,
            is_refused: line.is_refused,
            online: None,
        }
    }
}

impl From<RoomSummary> for SectionLine {
    fn from(summary: RoomSummary) -> Self {
        Self {
            room: summary.room,
            unread: 0,
            is_refused: false,
            online: Some(summary.online),
        }
    }
}

/// The rooms that the reader is in; or, where `direct`, the conversations with one other person.
fn own_lines(direct: bool) -> Memo<Vec<SectionLine>> {
    let hub = expect_context::<Hub>();
    let rooms = expect_context::<ServerRooms>();
    Memo::new(move |_| {
        let lines = hub.lines().into_iter();
        let lines = lines.filter(|line| is_direct(rooms, line) == direct);
        lines.map(SectionLine::from).collect()
    })
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

/// Rooms under a heading.
#[component]
fn RoomSection(
    /// Its class, and the start of its heading's id.
    name: &'static str,
    title: &'static str,
    lines: Memo<Vec<SectionLine>>,
    /// Whether it shows without rooms, too.
    #[prop(optional)]
    always: bool,
    /// A button beside the heading.
    #[prop(default = ().into_any())]
    action: AnyView,
) -> impl IntoView {
    let title_id = format!("{name}-title");
    let items = move || list_items(lines.get(), SectionLine::key, SectionLine::view);
    view! {
        <section
            class=format!("sidebar-section {name}")
            aria-labelledby=title_id
            hidden=move || !always && lines.read().is_empty()
        >
            <div class="section-head">
                <h2 id=title_id.clone()>{title}</h2>
                {action}
            </div>
            <ul class="room-list">
                <KeyedList items=Arc::new(items) />
            </ul>
        </section>
    }
}

/// The rooms the reader is in.
#[component]
fn OwnRooms() -> impl IntoView {
    let ui = expect_context::<Ui>();
    let create = view! {
        <button
            type="button"
            class="icon-button small create-room"
            aria-label="Create or join a room"
            title="Create or join a room"
            on:click=move |_| ui.ask(DialogKind::Room)
        >
            <Icon glyph=Glyph::Plus size=16 />
        </button>
    };
    let (lines, action) = (own_lines(false), create.into_any());
    view! { <RoomSection name="own-rooms" title="Your rooms" lines always=true action /> }
}

/// Whom the reader talks to alone.
#[component]
fn Conversations() -> impl IntoView {
    let lines = own_lines(true);
    view! { <RoomSection name="conversations" title="Direct conversations" lines /> }
}

/// The rooms on the server that the reader is not in.
#[component]
fn OtherRooms() -> impl IntoView {
    let hub = expect_context::<Hub>();
    let rooms = expect_context::<ServerRooms>();
    let lines = Memo::new(move |_| -> Vec<SectionLine> {
        let own = hub.lines();
        let is_other = |one: &RoomSummary| {
            // What is hidden is the reader's own, and about to be opened.
            !one.room.is_hidden() && own.iter().all(|line| line.room != one.room)
        };
        let others = rooms.list().into_iter().filter(is_other);
        others.take(OTHERS_MAX).map(SectionLine::from).collect()
    });
    view! { <RoomSection name="other-rooms" title="Other rooms" lines /> }
}

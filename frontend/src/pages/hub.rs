//! The main page of a signed-in user: rooms, conversation, dialogs.

use crate::components::announcements::banner::Announcement;
use crate::components::controls::lazy::Lazy;
use crate::components::room::header::{PlainHeader, RoomHeader};
use crate::components::room::member_panel::MemberPanel;
use crate::components::sidebar::Sidebar;
use crate::pages::home::{BadAddress, Home};
use crate::pages::room::RoomPage;
use crate::platform::{dom, page};
use crate::socket::Socket;
use crate::state::hub::{Hub, RoomLine};
use crate::state::lazy_view::{LazyView, LazyViews};
use crate::state::navigator::Navigator;
use crate::state::room_context::RoomContext;
use crate::state::rooms::ServerRooms;
use crate::state::route::Route;
use crate::state::saved_state;
use crate::state::session::{Me, SessionState};
use crate::state::slow_mode::SlowModeTimer;
use crate::state::ui::{DialogKind, Drawer, Ui};
use common::CloseCode;
use common::client::{Command, Status};
use leptos::ev;
use leptos::prelude::*;
use leptos::task::spawn_local;

/// How a connection stands whose sign-in was ended.
const ENDED: Status = Status::Stopped {
    code: Some(CloseCode::SignInEnded as u16),
};

/// The page of a reader with a name.
#[component]
pub fn HubPage(
    /// The reader.
    me: Me,
) -> impl IntoView {
    saved_state::set_owner(&me.user.id);
    let hub = Hub::start(me, Box::new(Socket::open));
    let rooms = ServerRooms::new(hub);
    let navigator = expect_context::<Navigator>();
    let ui = expect_context::<Ui>();
    provide_context(hub);
    provide_context(rooms);
    provide_context(SlowModeTimer::new());
    open_remembered_rooms(hub, navigator);
    follow_connection(hub);
    follow_list(hub, rooms, navigator);
    follow_title(hub, navigator);
    follow_drawer(ui, navigator);
    load_ahead(hub);

    // Dialogs keep the page behind them inert by themselves; drawers need a word.
    let is_behind = move || ui.drawer.get().is_some();
    view! {
        <a
            class="skip-link"
            href="#main"
            on:click=move |event| {
                event.prevent_default();
                dom::focus_id("main");
            }
        >
            "Skip to the conversation"
        </a>
        <div
            class="shell"
            data-drawer=move || match ui.drawer.get() {
                Some(Drawer::Rooms) => Some("rooms"),
                Some(Drawer::MemberPanel) => Some("people"),
                None => None,
            }
            data-people=move || {
                let has_people = ui.people_open.get() && navigator.room().is_some();
                if has_people { "open" } else { "closed" }
            }
        >
            <Sidebar />
            <main class="main" id="main" tabindex="-1" inert=is_behind>
                {move || match navigator.route() {
                    Route::Room(room) => view! { <RoomHeader room /> }.into_any(),
                    _ => view! { <PlainHeader /> }.into_any(),
                }}
                <Announcement />
                {move || match navigator.route() {
                    Route::Room(room) => view! { <RoomPage room /> }.into_any(),
                    Route::Account => view! { <Lazy view=LazyView::Account /> }.into_any(),
                    Route::Admin(part) => view! { <Lazy view=LazyView::Admin(part) /> }.into_any(),
                    Route::Home => view! { <Home /> }.into_any(),
                    Route::Invite => view! { <Lazy view=LazyView::Invite /> }.into_any(),
                    Route::BadRoom(error) => view! { <BadAddress error=Some(error) /> }.into_any(),
                    Route::Unknown => view! { <BadAddress error=None /> }.into_any(),
                }}
            </main>
            {move || navigator.room().map(|room| view! { <MemberPanel room /> })}
            <div class="scrim" on:click=move |_| ui.drawer.set(None)></div>
        </div>
        <OpenDialog />
    }
}

/// The dialog over the page, if there is one. It stays about the room where it was opened.
#[component]
fn OpenDialog() -> impl IntoView {
    let navigator = expect_context::<Navigator>();
    let ui = expect_context::<Ui>();
    move || {
        let room = untrack(|| navigator.room());
        let view = match ui.dialog.get()? {
            DialogKind::Room => LazyView::RoomDialog,
            DialogKind::About(leaf) => LazyView::RoomAbout(room?, leaf),
            DialogKind::Person(person) => LazyView::PersonDialog(room?, person),
            DialogKind::Announce => LazyView::AnnounceDialog,
            DialogKind::SignOut => LazyView::SignOut,
        };
        Some(view! { <Lazy view /> })
    }
}

/// Joins the rooms of the last visit. On the first one, and whenever the address names no room,
/// the reader is led somewhere.
fn open_remembered_rooms(hub: Hub, navigator: Navigator) {
    let remembered = saved_state::rooms();
    let last = saved_state::last_room();
    let is_first_visit = remembered.is_none();
    let rooms = remembered.unwrap_or_default();
    if untrack(|| navigator.route()) == Route::Home {
        let last = last.filter(|room| rooms.contains(room));
        let general = || {
            if is_first_visit {
                "general".parse().ok()
            } else {
                None
            }
        };
        if let Some(room) = last.or_else(|| rooms.first().cloned()).or_else(general) {
            navigator.redirect(&room);
        }
    }
    for room in rooms {
        hub.send(Command::OpenRoom { room });
    }
    // The room of the address is joined whether the reader was in it or not.
    Effect::new(move |_| {
        if let Some(room) = navigator.room() {
            saved_state::set_last_room(&room);
            hub.send(Command::OpenRoom { room });
        }
    });
}

/// When the server takes the connection for somebody else (the cookie has lapsed), the session is
/// asked for again; when it has ended the sign-in, so does the page.
fn follow_connection(hub: Hub) {
    let session = expect_context::<SessionState>();
    Effect::new(move |_| {
        let connection = hub.connection();
        if connection.user.is_some_and(|user| user != hub.me()) {
            session.check();
        } else if connection.status == ENDED {
            session.ended(&hub.stay());
        }
    });
}

/// Hidden rooms on the list are the reader's own: they are joined, so that what is said there is
/// heard. Those that are gone from the list and were not open to the reader on arrival go without a
/// word, unless the reader is looking at one; whoever was put out of a room while here is told.
fn follow_list(hub: Hub, rooms: ServerRooms, navigator: Navigator) {
    Effect::new(move |_| {
        let list = rooms.list();
        let lines = untrack(|| hub.lines());
        for one in list.iter().filter(|one| one.room.is_hidden()) {
            let line = lines.iter().find(|line| line.room == one.room);
            if line.is_none_or(|line| line.is_refused) {
                let room = one.room.clone();
                hub.send(Command::OpenRoom { room });
            }
        }
    });
    Effect::new(move |_| {
        let here = navigator.room();
        let is_gone = |line: &RoomLine| {
            line.is_unknown
                && line.room.is_hidden()
                && rooms.has(&line.room) == Some(false)
                && here.as_ref() != Some(&line.room)
        };
        for line in hub.lines().into_iter().filter(is_gone) {
            hub.send(Command::CloseRoom { room: line.room });
        }
    });
    Effect::new(move |_| {
        if let Some(room) = navigator.room() {
            rooms.visited(&room);
        }
    });
}

/// Fetches what is likely to be opened next, once the conversation is there.
fn load_ahead(hub: Hub) {
    let views = expect_context::<LazyViews>();
    Effect::new(move |is_started: Option<bool>| {
        let is_started = is_started.unwrap_or_default();
        if !is_started && hub.is_live() {
            let load = (views.load_ahead)();
            // Where it fails, it is fetched when it is opened.
            spawn_local(async {
                let _ = load.await;
            });
            return true;
        }
        is_started
    });
}

fn follow_title(hub: Hub, navigator: Navigator) {
    let label = Memo::new(move |_| navigator.room().map(|room| RoomContext::of(room).label));
    Effect::new(move |_| {
        let unread = match hub.unread() {
            0 => String::new(),
            unread => format!("({unread}) "),
        };
        let name = label.get().map(|label| label.read().name().to_owned());
        let context = name.map(|name| format!("{name} · ")).unwrap_or_default();
        page::set_title(&format!("{unread}{context}Hubbub"));
    });
}

/// A drawer takes the keyboard, and closes on Escape. Drawers and dialogs close when the user goes
/// elsewhere.
fn follow_drawer(ui: Ui, navigator: Navigator) {
    Effect::new(move |before: Option<Option<Drawer>>| {
        let drawer = ui.drawer.get();
        let opener = |drawer| match drawer {
            Drawer::Rooms => "open-rooms",
            Drawer::MemberPanel => "people-toggle",
        };
        match (drawer, before.flatten()) {
            (Some(Drawer::Rooms), _) => dom::focus_id("sidebar"),
            (Some(Drawer::MemberPanel), _) => dom::focus_id("people"),
            (None, Some(closed)) => dom::focus_id(opener(closed)),
            (None, None) => {}
        }
        drawer
    });
    Effect::new(move |is_later: Option<bool>| {
        let _ = navigator.route();
        ui.drawer.set(None);
        // A dialog is about the place where it was opened.
        if is_later == Some(true) {
            ui.dialog.set(None);
        }
        true
    });
    let escape = window_event_listener(ev::keydown, move |event| {
        if event.key() == "Escape" && ui.drawer.get_untracked().is_some() {
            ui.drawer.set(None);
        }
    });
    on_cleanup(move || escape.remove());
}

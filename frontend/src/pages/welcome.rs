//! Coming in: the first thing a newcomer sees, and whoever was signed out. The address stays, so
//! that a link to a room leads there afterwards.

use crate::components::account::entry_tabs::EntryTabs;
use crate::components::account::guest_form::GuestForm;
use crate::components::controls::icon::Mark;
use crate::components::controls::lazy::Lazy;
use crate::platform::{dom, page};
use crate::state::entry::EntryMethod;
use crate::state::lazy_view::LazyView;
use crate::state::navigator::Navigator;
use crate::state::saved_state;
use crate::state::session::{SessionEnd, SessionState};
use leptos::prelude::*;

/// The page for one who is nobody yet.
#[component]
pub fn Welcome(
    /// Why the reader is nobody any more.
    #[prop(default = None)]
    session_end: Option<SessionEnd>,
) -> impl IntoView {
    let session = expect_context::<SessionState>();
    let navigator = expect_context::<Navigator>();
    let wanted = RwSignal::new(None::<EntryMethod>);
    let offered = Signal::derive(move || EntryMethod::offered(session.ways()));
    let chosen = Memo::new(move |_| {
        wanted
            .get()
            .filter(|way| offered.read().contains(way))
            .unwrap_or_else(|| EntryMethod::first(session.ways(), session_end))
    });
    let choose = Callback::new(move |way| wanted.set(Some(way)));

    page::set_title("Hubbub");
    // A form may have to be fetched first; a user who is elsewhere on the page by then stays there.
    let focus = Callback::new(move |()| {
        if dom::focused_id().is_none() {
            dom::focus_id(chosen.get_untracked().first_field());
        }
    });
    Effect::new(move |_| focus.run(()));
    view! {
        <main class="alone">
            <div class="welcome" data-way=move || chosen.get().key()>
                <div class="welcome-head">
                    <Mark size=44 />
                    <h1>"Hubbub"</h1>
                    <p class="welcome-line">
                        {move || welcome_line(chosen.get(), room_named(navigator))}
                    </p>
                </div>
                {session_end.and_then(session_end_text).map(|words| view! { <Ended words /> })}
                <div class="welcome-card">
                    {move || (offered.read().len() > 1).then(|| view! {
                        <EntryTabs offered chosen choose />
                    })}
                    <div class="way-in" id="way-in" role="tabpanel" aria-labelledby=move || {
                        format!("way-{}", chosen.get().key())
                    }>
                        {move || match chosen.get() {
                            EntryMethod::Guest => view! { <GuestForm /> }.into_any(),
                            EntryMethod::SignIn => view! { <Lazy view=LazyView::SignIn ready=focus /> }.into_any(),
                            EntryMethod::SignUp => view! { <Lazy view=LazyView::SignUp ready=focus /> }.into_any(),
                        }}
                    </div>
                </div>
                <p class="welcome-foot">{move || foot(chosen.get(), session.ways().claimed)}</p>
            </div>
        </main>
    }
}

/// The room that the address leads to, where it has a name that people know.
fn room_named(navigator: Navigator) -> Option<String> {
    let room = navigator.room().filter(|room| !room.is_hidden())?;
    Some(room.to_string())
}

fn welcome_line(way: EntryMethod, room: Option<String>) -> String {
    match (way, room) {
        (EntryMethod::Guest, Some(room)) => format!("Choose a name to join #{room}."),
        (EntryMethod::SignIn, Some(room)) => format!("Sign in to join #{room}."),
        (EntryMethod::SignUp, Some(room)) => format!("Create an account to join #{room}."),
        (_, None) => "Live rooms with a complete history.".to_owned(),
    }
}

fn foot(way: EntryMethod, claimed: bool) -> &'static str {
    match way {
        EntryMethod::Guest => {
            "No account, no password. This browser remembers you until you sign out."
        }
        EntryMethod::SignIn => "If you have forgotten your password, ask an admin to reset it.",
        EntryMethod::SignUp if !claimed => {
            "There is no account on this server yet. The first one becomes admin."
        }
        EntryMethod::SignUp => "An account keeps your name on all your devices.",
    }
}

/// What has become of the reader's stay; nothing where the reader wants it so.
fn session_end_text(session_end: SessionEnd) -> Option<&'static str> {
    match session_end {
        SessionEnd::Ended => Some("You were signed out, here or on another device. "),
        SessionEnd::Released => {
            Some("You signed out in another tab, or your session has expired. ")
        }
        SessionEnd::Changing => None,
    }
}

/// The reader was signed out.
#[component]
fn Ended(words: &'static str) -> impl IntoView {
    let unsent = saved_state::has_unsent();
    view! {
        <div class="strip session-end" role="alert">
            <p>
                {words}
                {unsent.then_some("Unsent messages are kept and sent when you sign in again.")}
            </p>
        </div>
    }
}

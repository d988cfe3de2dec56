//! Choosing a name: the first thing a newcomer sees. The address stays, so that a link to a room
//! leads there afterwards.

use crate::components::field::TextField;
use crate::components::icon::Mark;
use crate::platform::{dom, page};
use crate::state::navigator::Navigator;
use crate::state::session::SessionState;
use crate::state::words::{api_words, name_words};
use common::limits::NAME_CHARS_MAX;
use common::text::UserName;
use leptos::ev::SubmitEvent;
use leptos::prelude::*;
use leptos::task::spawn_local;

/// The page for one who has no name yet.
#[component]
pub fn Welcome() -> impl IntoView {
    let session = expect_context::<SessionState>();
    let navigator = expect_context::<Navigator>();
    let name = RwSignal::new(String::new());
    let error = RwSignal::new(None::<String>);
    let is_busy = RwSignal::new(false);

    page::set_title("Hubbub");
    Effect::new(|_| dom::focus_id("name"));
    let refuse = move |words: String| {
        error.set(Some(words));
        dom::focus_id("name");
    };
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        if is_busy.get_untracked() {
            return;
        }
        match name.with_untracked(|name| name.trim().parse::<UserName>()) {
            Err(reason) => refuse(name_words(reason)),
            Ok(name) => {
                is_busy.set(true);
                spawn_local(async move {
                    if let Err(reason) = session.sign_in(name).await {
                        is_busy.set(false);
                        refuse(api_words(&reason));
                    }
                });
            }
        }
    };
    let note = format!("Up to {NAME_CHARS_MAX} characters. Everybody here sees it.");

    view! {
        <main class="alone">
            <div class="welcome">
                <div class="welcome-head">
                    <Mark size=44 />
                    <h1>"Hubbub"</h1>
                    <p class="welcome-line">
                        {move || match navigator.room() {
                            Some(room) => format!("Choose a name, and you are in #{room}."),
                            None => "Rooms to talk in, with a memory.".to_owned(),
                        }}
                    </p>
                </div>
                <form on:submit=submit novalidate>
                    <TextField
                        id="name"
                        label="Your name"
                        placeholder="Ada"
                        autocomplete="nickname"
                        note
                        value=name
                        error
                    />
                    <button type="submit" class="button primary" aria-disabled=move || is_busy.get().to_string()>
                        {move || if is_busy.get() { "One moment…" } else { "Enter" }}
                    </button>
                </form>
                <p class="welcome-foot">
                    "No account, no password. This browser remembers you until you sign out."
                </p>
            </div>
        </main>
    }
}

//! Choosing a name, as a guest.

use crate::components::controls::field::TextField;
use crate::platform::dom;
use crate::state::error_text::{api_error_text, name_error_text};
use crate::state::session::SessionState;
use common::limits::NAME_CHARS_MAX;
use common::text::UserName;
use leptos::ev::SubmitEvent;
use leptos::prelude::*;
use leptos::task::spawn_local;

/// The form.
#[component]
pub fn GuestForm() -> impl IntoView {
    let session = expect_context::<SessionState>();
    let name = RwSignal::new(String::new());
    let error = RwSignal::new(None::<String>);
    let is_busy = RwSignal::new(false);
    let refuse = move |words: String| {
        let _ = error.try_set(Some(words));
        dom::focus_id("name");
    };
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        if is_busy.get_untracked() {
            return;
        }
        match name.with_untracked(|name| name.trim().parse::<UserName>()) {
            Err(reason) => refuse(name_error_text(reason)),
            Ok(name) => {
                is_busy.set(true);
                spawn_local(async move {
                    if let Err(reason) = session.continue_as_guest(name).await {
                        let _ = is_busy.try_set(false);
                        refuse(api_error_text(&reason));
                    }
                });
            }
        }
    };
    let note = format!("Up to {NAME_CHARS_MAX} characters. Everyone here sees it.");
    view! {
        <form class="guest-form" on:submit=submit novalidate>
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
    }
}

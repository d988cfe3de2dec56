//! Signing in to an existing account.

use crate::components::controls::field::TextField;
use crate::components::controls::password_field::PasswordField;
use crate::platform::dom;
use crate::state::error_text::{api_error_text, name_error_text};
use crate::state::session::SessionState;
use common::text::UserName;
use common::token::Password;
use leptos::ev::SubmitEvent;
use leptos::prelude::*;
use leptos::task::spawn_local;

/// The form.
#[component]
pub fn SignInForm() -> impl IntoView {
    let session = expect_context::<SessionState>();
    let name = RwSignal::new(String::new());
    let password = RwSignal::new(String::new());
    let name_error = RwSignal::new(None::<String>);
    let password_error = RwSignal::new(None::<String>);
    let is_busy = RwSignal::new(false);
    let refuse = move |words: String| {
        let _ = is_busy.try_set(false);
        let _ = password_error.try_set(Some(words));
        dom::focus_id("sign-in-password");
    };
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        if is_busy.get_untracked() {
            return;
        }
        let name = match name.with_untracked(|name| name.trim().parse::<UserName>()) {
            Ok(name) => name,
            Err(reason) => {
                name_error.set(Some(name_error_text(reason)));
                dom::focus_id("sign-in-name");
                return;
            }
        };
        let password = password.get_untracked();
        if password.is_empty() {
            refuse("Type the password.".to_owned());
            return;
        }
        is_busy.set(true);
        spawn_local(async move {
            if let Err(reason) = session.sign_in(name, Password::from(password)).await {
                refuse(api_error_text(&reason));
            }
        });
    };
    view! {
        <form class="sign-in-form" method="post" on:submit=submit novalidate>
            <TextField
                id="sign-in-name"
                label="Name"
                placeholder=""
                autocomplete="username"
                note=""
                value=name
                error=name_error
            />
            <PasswordField
                id="sign-in-password"
                label="Password"
                autocomplete="current-password"
                value=password
                error=password_error
            />
            <button type="submit" class="button primary" aria-disabled=move || is_busy.get().to_string()>
                {move || if is_busy.get() { "One moment…" } else { "Sign in" }}
            </button>
        </form>
    }
}

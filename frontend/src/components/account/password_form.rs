//! Changing the user's password.

use crate::api;
use crate::components::controls::password_field::PasswordField;
use crate::platform::dom;
use crate::state::error_text::{api_error_text, password_error_text};
use crate::state::hub::Hub;
use common::ErrorCode;
use common::token::Password;
use leptos::ev::SubmitEvent;
use leptos::prelude::*;
use leptos::task::spawn_local;

/// What is typed, and what is wrong with it.
#[derive(Clone, Copy)]
struct Typed {
    present: RwSignal<String>,
    new: RwSignal<String>,
    present_error: RwSignal<Option<String>>,
    new_error: RwSignal<Option<String>>,
    is_busy: RwSignal<bool>,
    is_done: RwSignal<bool>,
}

impl Typed {
    fn refuse(self, is_present: bool, words: String) {
        let (error, id) = if is_present {
            (self.present_error, "present-password")
        } else {
            (self.new_error, "new-password")
        };
        let _ = error.try_set(Some(words));
        dom::focus_id(id);
    }

    fn submit(self, changed: Callback<()>) {
        self.is_done.set(false);
        let (present, new) = (self.present.get_untracked(), self.new.get_untracked());
        if present.is_empty() {
            return self.refuse(true, "Type your current password.".to_owned());
        }
        if let Some(words) = password_error_text(&new) {
            return self.refuse(false, words);
        }
        self.is_busy.set(true);
        spawn_local(async move {
            let (present, new) = (Password::from(present), Password::from(new));
            let done = api::account::change_password(present, new).await;
            let _ = self.is_busy.try_set(false);
            match done {
                Ok(()) => {
                    let _ = self.present.try_set(String::new());
                    let _ = self.new.try_set(String::new());
                    let _ = self.is_done.try_set(true);
                    changed.run(());
                }
                Err(error) if error.code() == Some(ErrorCode::SignInRefused) => {
                    self.refuse(true, "This is not your current password.".to_owned());
                }
                Err(error) => self.refuse(false, api_error_text(&error)),
            }
        });
    }
}

/// The form.
#[component]
pub fn PasswordForm(
    /// Told when the password has changed, and other sign-ins have ended.
    changed: Callback<()>,
) -> impl IntoView {
    let name = expect_context::<Hub>().me().name.to_string();
    let typed = Typed {
        present: RwSignal::new(String::new()),
        new: RwSignal::new(String::new()),
        present_error: RwSignal::new(None),
        new_error: RwSignal::new(None),
        is_busy: RwSignal::new(false),
        is_done: RwSignal::new(false),
    };
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        if !typed.is_busy.get_untracked() {
            typed.submit(changed);
        }
    };
    view! {
        <section class="sheet-section" aria-labelledby="password-title">
            <h2 id="password-title">"Password"</h2>
            <p class="sheet-words">"Changing your password signs you out on all other devices."</p>
            <form class="password-form" method="post" on:submit=submit novalidate>
                // For password managers, which ask whose password it is.
                <input
                    class="unseen"
                    type="text"
                    autocomplete="username"
                    tabindex="-1"
                    aria-hidden="true"
                    readonly
                    prop:value=name
                />
                <PasswordField
                    id="present-password"
                    label="Current password"
                    autocomplete="current-password"
                    value=typed.present
                    error=typed.present_error
                />
                <PasswordField
                    id="new-password"
                    label="New password"
                    autocomplete="new-password"
                    note="At least 8 characters."
                    value=typed.new
                    error=typed.new_error
                />
                <div class="sheet-actions">
                    <button
                        type="submit"
                        class="button"
                        aria-disabled=move || typed.is_busy.get().to_string()
                    >
                        "Change password"
                    </button>
                    <span class="done" role="status">
                        {move || typed.is_done.get().then_some("Password changed.")}
                    </span>
                </div>
            </form>
        </section>
    }
}

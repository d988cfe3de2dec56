//! The user's profile on the account page.

use crate::api;
use crate::components::account::sign_out_dialog::sign_out;
use crate::components::controls::avatar::Avatar;
use crate::platform::clock;
use crate::state::error_text::role_text;
use crate::state::fetched::{FetchState, Fetched};
use crate::state::hub::Hub;
use crate::state::session::SessionState;
use crate::state::ui::Ui;
use common::api::AccountSummary;
use leptos::prelude::*;

/// Name, role, since when, and the way out.
#[component]
pub fn Profile() -> impl IntoView {
    let hub = expect_context::<Hub>();
    let ui = expect_context::<Ui>();
    let session = expect_context::<SessionState>();
    let stay = hub.stay();
    let account = Fetched::<AccountSummary>::new();
    if stay.has_account() {
        account.fetch(api::account::account());
    }
    let error = RwSignal::new(None::<String>);
    let has_account = stay.has_account();
    let since = move || match account.get() {
        FetchState::Ready(account) => {
            format!("Account since {}.", clock::date_text(account.created_at))
        }
        _ if has_account => "Account.".to_owned(),
        _ => "A name in this browser until you sign out.".to_owned(),
    };
    let user = stay.user;
    view! {
        <section class="sheet-section profile" aria-label="Profile">
            <Avatar user=user.id.clone() name=user.name.clone() />
            <div class="profile-words">
                <p class="profile-name" dir="auto">{user.name.to_string()}</p>
                <p class="profile-role" data-role=move || hub.role().as_str()>
                    {move || role_text(hub.role())} ". " {since}
                </p>
            </div>
            <button
                type="button"
                class="button small sign-out-here"
                on:click=move |_| sign_out(hub, ui, session, move |words| {
                    let _ = error.try_set(Some(words));
                })
            >
                "Sign out"
            </button>
            <p class="field-note sheet-note" data-kind="error" role="alert">{move || error.get()}</p>
        </section>
    }
}

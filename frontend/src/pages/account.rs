//! The account page: profile, password, sign-ins; for a guest, creating an account.

use crate::api;
use crate::components::account::password_form::PasswordForm;
use crate::components::account::profile::Profile;
use crate::components::account::sign_in_list::{SignInList, SignIns};
use crate::components::account::sign_up_form::SignUpForm;
use crate::state::hub::Hub;
use crate::state::session::SessionState;
use leptos::prelude::*;

/// The page.
#[component]
pub fn AccountPage() -> impl IntoView {
    let has_account = expect_context::<Hub>().stay().has_account();
    view! {
        <div class="sheet account">
            <div class="sheet-body">
                <h1>"Your account"</h1>
                <Profile />
                {if has_account {
                    view! { <OwnAccount /> }.into_any()
                } else {
                    view! { <BecomeAccount /> }.into_any()
                }}
            </div>
        </div>
    }
}

#[component]
fn OwnAccount() -> impl IntoView {
    let sign_ins = SignIns::new();
    let fetch = Callback::new(move |()| sign_ins.fetch(api::account::sign_ins()));
    fetch.run(());
    view! {
        <SignInList sign_ins />
        <PasswordForm changed=fetch />
    }
}

/// A guest may make an account of the name, or sign in to one there is.
#[component]
fn BecomeAccount() -> impl IntoView {
    let session = expect_context::<SessionState>();
    let name = expect_context::<Hub>().me().name;
    let form = move || {
        if session.ways().sign_up {
            view! { <SignUpForm guest=Some(name.clone()) /> }.into_any()
        } else {
            view! { <p class="sheet-words">"On this server, admins create accounts."</p> }
                .into_any()
        }
    };
    view! {
        <section class="sheet-section become" aria-labelledby="become-title">
            <h2 id="become-title">"Turn into an account"</h2>
            <p class="sheet-words">
                "An account keeps your name, rooms and messages on all your devices."
            </p>
            <div class="way-in">{form}</div>
            <p class="sheet-words">
                "Already have an account? "
                <button type="button" class="text-button change" on:click=move |_| session.change()>
                    "Sign in to this account"
                </button>
            </p>
        </section>
    }
}

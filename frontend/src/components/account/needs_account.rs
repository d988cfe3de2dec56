//! Tells a guest that a feature requires an account, with a link to create one.

use crate::components::controls::dialog::DialogHandle;
use crate::state::navigator::Navigator;
use leptos::prelude::*;

/// What it takes, and the way there.
#[component]
pub fn NeedsAccount(
    /// What it takes, in words.
    words: &'static str,
    /// Closes the dialog that it stands in.
    handle: DialogHandle,
) -> impl IntoView {
    let navigator = expect_context::<Navigator>();
    let go = move |_| {
        handle.close();
        navigator.visit("/account");
    };
    view! {
        <p class="form-line needs-account">
            {words} " "
            <button type="button" class="text-button" on:click=go>"Create an account"</button>
        </p>
    }
}

//! The user: name, theme, signing out.

use crate::components::account::sign_out_dialog::sign_out;
use crate::components::controls::avatar::Avatar;
use crate::components::controls::icon::{Glyph, Icon};
use crate::components::controls::page_link::PageLink;
use crate::state::hub::Hub;
use crate::state::session::SessionState;
use crate::state::ui::{Theme, Ui};
use leptos::prelude::*;

/// The foot of the sidebar.
#[component]
pub fn ProfileBar() -> impl IntoView {
    let hub = expect_context::<Hub>();
    let ui = expect_context::<Ui>();
    let session = expect_context::<SessionState>();
    let me = hub.me();
    let theme = move || match ui.theme.get() {
        Theme::Auto => (Glyph::Auto, "Theme: as the system"),
        Theme::Light => (Glyph::Sun, "Theme: light"),
        Theme::Dark => (Glyph::Moon, "Theme: dark"),
    };
    view! {
        <div class="me">
            <PageLink path="/account" class="me-link" label="Your account">
                <Avatar user=me.id.clone() name=me.name.clone() small=true />
                <span class="me-name" dir="auto">{me.name.to_string()}</span>
            </PageLink>
            <button
                type="button"
                class="icon-button theme"
                aria-label=move || theme().1
                title=move || theme().1
                on:click=move |_| ui.next_theme()
            >
                {move || view! { <Icon glyph=theme().0 size=17 /> }}
            </button>
            <button
                type="button"
                class="icon-button sign-out"
                aria-label="Sign out"
                title="Sign out"
                // Where the server cannot be told, the badge says why nothing happens.
                on:click=move |_| sign_out(hub, ui, session, |_| ())
            >
                <Icon glyph=Glyph::Leave size=17 />
            </button>
        </div>
    }
}

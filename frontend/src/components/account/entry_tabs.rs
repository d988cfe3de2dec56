//! The tabs of the ways to enter.

use crate::platform::dom;
use crate::state::entry::EntryMethod;
use leptos::ev::{KeyboardEvent, MouseEvent};
use leptos::prelude::*;

/// A row of tabs. The arrows lead from one to the next, as they do in all rows of tabs.
#[component]
pub fn EntryTabs(
    /// What there is to choose from.
    offered: Signal<Vec<EntryMethod>>,
    /// What is chosen.
    chosen: Memo<EntryMethod>,
    /// Chooses.
    choose: Callback<EntryMethod>,
) -> impl IntoView {
    let on_key = |event: KeyboardEvent| dom::move_focus_along(&event, ".ways");
    let tab = move |way: EntryMethod| {
        let on_click = move |event: MouseEvent| {
            choose.run(way);
            // A pointer goes on in the form; a key has not left the tabs yet.
            if event.detail() > 0 {
                request_animation_frame(move || dom::focus_id(way.first_field()));
            }
        };
        let is_chosen = move || chosen.get() == way;
        view! {
            <button
                type="button"
                role="tab"
                class="way"
                id=format!("way-{}", way.key())
                data-way=way.key()
                aria-selected=move || is_chosen().to_string()
                aria-controls="way-in"
                tabindex=move || if is_chosen() { "0" } else { "-1" }
                on:focus=move |_| choose.run(way)
                on:click=on_click
            >
                {way.label()}
            </button>
        }
    };
    view! {
        <div class="ways" role="tablist" aria-label="How to sign in" on:keydown=on_key>
            {move || offered.get().into_iter().map(tab).collect_view()}
        </div>
    }
}

//! A row of leaves of which one is open. The arrows lead from one to the next, as screen readers
//! expect it of tabs (WAI-ARIA Authoring Practices, “Tabs”).

use crate::platform::dom;
use leptos::ev::KeyboardEvent;
use leptos::prelude::*;

/// A leaf: its key, and what it is called.
pub type Tab<T> = (T, &'static str, &'static str);

/// The row of leaves.
#[component]
pub fn Tabs<T>(
    /// What the leaves are of.
    label: &'static str,
    /// The leaves.
    tabs: Memo<Vec<Tab<T>>>,
    /// The open one.
    open: RwSignal<T>,
) -> impl IntoView
where
    T: Copy + PartialEq + Send + Sync + 'static,
{
    let on_key = |event: KeyboardEvent| dom::move_focus_along(&event, ".tabs");
    let tab = move |(leaf, key, words): Tab<T>| {
        let is_open = move || open.get() == leaf;
        view! {
            <button
                type="button"
                class="tab"
                role="tab"
                id=format!("tab-{key}")
                data-tab=key
                aria-selected=move || is_open().to_string()
                aria-controls="leaf"
                tabindex=move || if is_open() { "0" } else { "-1" }
                on:focus=move |_| open.set(leaf)
                on:click=move |_| open.set(leaf)
            >
                {words}
            </button>
        }
    };
    view! {
        <div class="tabs" role="tablist" aria-label=label on:keydown=on_key>
            {move || tabs.get().into_iter().map(tab).collect_view()}
        </div>
    }
}

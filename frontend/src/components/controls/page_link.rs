//! A link to a page that is not a room.

use crate::state::navigator::Navigator;
use crate::state::route::Route;
use leptos::ev::MouseEvent;
use leptos::prelude::*;

/// A real link, so that it opens in a new tab as links do.
#[component]
pub fn PageLink(
    /// The address.
    path: &'static str,
    /// Its classes.
    class: &'static str,
    /// What it is called where its words are not enough.
    #[prop(optional)]
    label: Option<&'static str>,
    /// What stands in it.
    children: Children,
) -> impl IntoView {
    let navigator = expect_context::<Navigator>();
    let follow = move |event: MouseEvent| {
        let is_plain = event.button() == 0
            && !(event.ctrl_key() || event.meta_key() || event.shift_key() || event.alt_key());
        if is_plain {
            event.prevent_default();
            navigator.visit(path);
        }
    };
    let is_here = move || navigator.route() == Route::parse(path);
    view! {
        <a
            class=class
            href=path
            title=label
            aria-current=move || is_here().then_some("page")
            on:click=follow
        >
            {children()}
            {label.map(|label| view! { <span class="unseen">", " {label}</span> })}
        </a>
    }
}

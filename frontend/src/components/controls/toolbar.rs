//! A toolbar: the arrow keys move between its buttons.

use crate::platform::dom;
use leptos::ev::KeyboardEvent;
use leptos::html;
use leptos::prelude::*;

/// A row of buttons.
#[component]
pub fn Toolbar(
    /// Its own class.
    class: &'static str,
    /// What it is for.
    label: &'static str,
    /// Whether it takes the keyboard as it comes.
    takes_keyboard: bool,
    /// The buttons.
    children: Children,
) -> impl IntoView {
    let node = NodeRef::<html::Div>::new();
    Effect::new(move |_| {
        if let Some(node) = node.get()
            && takes_keyboard
        {
            dom::focus_first(&node, "button");
        }
    });
    let on_key = |event: KeyboardEvent| dom::move_focus_along(&event, ".toolbar");
    view! {
        <div
            class=format!("toolbar {class}")
            role="toolbar"
            aria-label=label
            node_ref=node
            on:keydown=on_key
        >
            {children()}
        </div>
    }
}

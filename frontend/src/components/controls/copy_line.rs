//! A line of text with a button that copies it, such as a link.

use crate::components::controls::icon::{Glyph, Icon};
use crate::platform::{clipboard, dom};
use leptos::html;
use leptos::prelude::*;
use leptos::task::spawn_local;

/// The line, and a button that copies it where the browser lets pages do that.
#[component]
pub fn CopyLine(
    /// The field's id.
    id: &'static str,
    /// What it is.
    label: &'static str,
    /// The text.
    #[prop(into)]
    text: Signal<String>,
) -> impl IntoView {
    let node = NodeRef::<html::Input>::new();
    let result = RwSignal::new(None::<bool>);
    Effect::new(move |_| {
        text.track();
        result.set(None);
    });
    let copy = move |_| {
        let text = text.get_untracked();
        spawn_local(async move {
            let is_done = clipboard::copy(&text).await;
            let _ = result.try_set(Some(is_done));
        });
    };
    let words = move || match result.get() {
        None => "Copy",
        Some(true) => "Copied",
        Some(false) => "Not allowed",
    };
    view! {
        <div class="field copy-line">
            <label for=id>{label}</label>
            <div class="copy-row">
                <input
                    id=id
                    type="text"
                    readonly
                    node_ref=node
                    prop:value=move || text.get()
                    on:focus=move |_| {
                        if let Some(node) = node.get_untracked() {
                            dom::select_all(&node);
                        }
                    }
                />
                {clipboard::is_there().then(|| view! {
                    <button type="button" class="button copy" data-copied=move || {
                        result.get().map(|is_done| is_done.to_string())
                    } on:click=copy>
                        {move || {
                            let glyph = if result.get() == Some(true) { Glyph::Check } else { Glyph::Copy };
                            view! { <Icon glyph size=16 /> }
                        }}
                        <span aria-live="polite">{words}</span>
                    </button>
                })}
            </div>
        </div>
    }
}

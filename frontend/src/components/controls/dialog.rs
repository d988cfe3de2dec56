//! A dialog over the page: the browser's own, which holds the keyboard inside, closes on Escape
//! and gives the keyboard back.

use crate::platform::dom;
use crate::state::ui::Ui;
use leptos::html;
use leptos::prelude::*;

/// Closes the dialog it was given by.
#[derive(Clone, Copy)]
pub struct DialogHandle(NodeRef<html::Dialog>);

impl DialogHandle {
    /// Makes a handle, to be given to a [`Dialog`].
    #[must_use]
    pub fn new() -> Self {
        Self(NodeRef::new())
    }

    /// Closes the dialog; it then leaves the page.
    pub fn close(self) {
        if let Some(node) = self.0.get_untracked() {
            dom::close_dialog(&node);
        }
    }
}

impl Default for DialogHandle {
    fn default() -> Self {
        Self::new()
    }
}

/// The frame of a dialog. It opens when it comes onto the page.
#[component]
pub fn Dialog(
    /// By which it is closed.
    handle: DialogHandle,
    /// Its own class.
    class: &'static str,
    /// Its heading, which is also its name.
    #[prop(into)]
    title: Signal<String>,
    /// What stands under the heading.
    children: Children,
) -> impl IntoView {
    let ui = expect_context::<Ui>();
    let node = handle.0;
    Effect::new(move |_| {
        if let Some(node) = node.get() {
            dom::open_dialog(&node);
        }
    });
    let title_id = format!("{class}-title");
    let labelled_by = title_id.clone();
    view! {
        <dialog
            node_ref=node
            class=format!("dialog {class}")
            aria-labelledby=labelled_by
            on:close=move |_| ui.dialog.set(None)
            on:click=move |event| {
                if node.get_untracked().is_some_and(|dialog| dom::is_backdrop(&event, &dialog)) {
                    handle.close();
                }
            }
        >
            <div class="dialog-body">
                <h2 id=title_id dir="auto">{title}</h2>
                {children()}
            </div>
        </dialog>
    }
}

//! A button for an action that is hard to undo: it asks for confirmation in place.

use crate::platform::dom;
use leptos::html;
use leptos::prelude::*;

/// The button, and the question it turns into.
#[component]
pub fn ConfirmButton(
    /// Its own class.
    class: &'static str,
    /// What the button says.
    label: &'static str,
    /// What is asked then.
    #[prop(into)]
    question: Signal<String>,
    /// What the button says that does it.
    yes: &'static str,
    /// Does it.
    act: Callback<()>,
) -> impl IntoView {
    let asks = RwSignal::new(false);
    let (question_node, button_node) =
        (NodeRef::<html::Div>::new(), NodeRef::<html::Button>::new());
    Effect::new(move |_| {
        if let Some(node) = question_node.get() {
            dom::focus_first(&node, "button");
        }
    });
    let keep = move |_| {
        asks.set(false);
        request_animation_frame(move || {
            if let Some(node) = button_node.get_untracked() {
                dom::focus(&node);
            }
        });
    };
    let sure = move |_| {
        asks.set(false);
        act.run(());
    };
    move || match asks.get() {
        false => view! {
            <button
                type="button"
                class=format!("button small {class}")
                node_ref=button_node
                on:click=move |_| asks.set(true)
            >
                {label}
            </button>
        }
        .into_any(),
        true => view! {
            <div class="confirm" role="alertdialog" aria-label=question node_ref=question_node>
                <p>{question}</p>
                <button type="button" class="button small danger yes" on:click=sure>{yes}</button>
                <button type="button" class="button small no" on:click=keep>"No"</button>
            </div>
        }
        .into_any(),
    }
}

//! Asks once whether a message is to be deleted, in its place.

use crate::components::timeline::emoji_picker::is_by_key;
use crate::platform::dom;
use crate::state::hub::Hub;
use crate::state::message_actions::MessageActions;
use common::client::Command;
use common::ids::Seq;
use common::user::User;
use leptos::ev::KeyboardEvent;
use leptos::html;
use leptos::prelude::*;

/// The question.
#[component]
pub fn ConfirmDelete(
    /// The message.
    seq: Seq,
    /// Who wrote it.
    author: User,
) -> impl IntoView {
    let actions = expect_context::<MessageActions>();
    let hub = expect_context::<Hub>();
    let question = match author.id == hub.me().id {
        true => "Delete this message for everyone?".to_owned(),
        false => format!(
            "Delete this message by {} for everyone? Its content is permanently erased.",
            author.name
        ),
    };
    let label = question.clone();
    let node = NodeRef::<html::Div>::new();
    Effect::new(move |_| {
        if let Some(node) = node.get() {
            dom::focus_first(&node, "button");
        }
    });
    let delete = move |_| {
        actions.close_and_return(seq, false);
        hub.send(Command::Delete {
            room: actions.room(),
            target: seq,
        });
    };
    let on_key = move |event: KeyboardEvent| {
        if event.key() == "Escape" {
            event.stop_propagation();
            actions.close_and_return(seq, true);
        }
    };
    view! {
        <div
            class="confirm"
            role="alertdialog"
            aria-label=label
            node_ref=node
            on:keydown=on_key
        >
            <p dir="auto">{question}</p>
            <button type="button" class="button small danger confirm-delete" on:click=delete>
                "Delete"
            </button>
            <button
                type="button"
                class="button small cancel-delete"
                on:click=move |event| actions.close_and_return(seq, is_by_key(&event))
            >
                "Keep"
            </button>
        </div>
    }
}

//! Editing a message in place: Enter saves, Escape cancels.

use crate::platform::dom;
use crate::state::compose::{KeyAction, content, counter, key_action};
use crate::state::hub::Hub;
use crate::state::message_actions::{MessageActions, edit_id};
use crate::state::message_row::MessageRow;
use common::client::Command;
use common::ids::Seq;
use common::text::TextError;
use leptos::ev::KeyboardEvent;
use leptos::html;
use leptos::prelude::*;

/// The field, in the place of the message's words.
#[component]
pub fn EditField(
    /// The message.
    shown: Memo<MessageRow>,
) -> impl IntoView {
    let actions = expect_context::<MessageActions>();
    let hub = expect_context::<Hub>();
    let seq = shown.with_untracked(|shown| shown.message.seq);
    let is_too_long = RwSignal::new(false);
    let field = NodeRef::<html::Textarea>::new();
    Effect::new(move |_| {
        if let Some(field) = field.get() {
            dom::focus(&field);
        }
    });
    let save = move || save(hub, actions, shown, is_too_long);
    let on_key = move |event: KeyboardEvent| {
        let (key, shift) = (event.key(), event.shift_key());
        if key_action(&key, shift, event.is_composing(), event.key_code()) == KeyAction::Send {
            event.prevent_default();
            save();
        } else if key == "Escape" && !event.is_composing() {
            event.stop_propagation();
            actions.end_edit(seq);
        }
    };
    view! {
        <form class="edit-form" on:submit=move |event| {
                event.prevent_default();
                save();
            }
            aria-label="Edit your message">
            <div class="composer-box">
                <div class="grower" data-text=move || actions.words.get()>
                    <textarea
                        node_ref=field
                        rows="1"
                        id=edit_id(seq)
                        autocomplete="off"
                        enterkeyhint="done"
                        dir="auto"
                        aria-label="Message text"
                        aria-invalid=move || is_too_long.get().to_string()
                        prop:value=move || actions.words.get()
                        on:input:target=move |event| {
                            actions.words.set(event.target().value());
                            is_too_long.set(false);
                        }
                        on:keydown=on_key
                    ></textarea>
                </div>
            </div>
            <EditFoot actions seq is_too_long />
        </form>
    }
}

fn save(hub: Hub, actions: MessageActions, shown: Memo<MessageRow>, is_too_long: RwSignal<bool>) {
    let seq = shown.with_untracked(|shown| shown.message.seq);
    let limits = untrack(|| hub.limits());
    match actions
        .words
        .with_untracked(|words| content(words, &limits))
    {
        Ok(words) => {
            let message = shown.with_untracked(|shown| shown.message.clone());
            actions.end_edit(seq);
            if message.content.as_ref() != Some(&words) {
                hub.send(Command::Edit {
                    room: actions.room(),
                    target: seq,
                    content: Some(words),
                    data: message.data.clone(),
                });
            }
        }
        // Nothing is left of it: then it is to be deleted, perhaps.
        Err(TextError::Empty) => {
            actions.ask_deletion(seq);
        }
        Err(_) => is_too_long.set(true),
    }
}

/// The buttons under the field, and what there is to say about the text.
#[component]
fn EditFoot(actions: MessageActions, seq: Seq, is_too_long: RwSignal<bool>) -> impl IntoView {
    let hub = expect_context::<Hub>();
    let count = Memo::new(move |_| actions.words.with(|words| counter(words, &hub.limits())));
    view! {
        <div class="edit-foot">
            <button type="submit" class="button small primary save-edit">"Save"</button>
            <button
                type="button"
                class="button small cancel-edit"
                on:click=move |_| actions.end_edit(seq)
            >
                "Cancel"
            </button>
            <p class="edit-note" data-kind=move || is_too_long.get().then_some("error") aria-live="polite">
                {move || if is_too_long.get() {
                    "This is too long for one message.".into_any()
                } else {
                    view! {
                        <span class="not-small">
                            <kbd>"Enter"</kbd>" saves, "<kbd>"Esc"</kbd>" cancels"
                        </span>
                    }
                    .into_any()
                }}
            </p>
            {move || count.get().map(|count| view! {
                <span class="counter" data-over=count.is_over.to_string()>{count.text}</span>
            })}
        </div>
    }
}

//! The reactions to a message: how many people put each there, and who. A click puts the reader's
//! own there, or takes it away.

use crate::components::controls::keyed_list::{KeyedList, list_items};
use crate::platform::dom;
use crate::state::hub::Hub;
use crate::state::message_actions::{MessageActions, more_id};
use crate::state::message_row::MessageRow;
use common::event::Reaction;
use common::text::Emoji;
use leptos::ev::MouseEvent;
use leptos::prelude::*;
use std::sync::Arc;

/// The reactions to a message.
#[component]
pub fn Reactions(
    /// The message.
    shown: Memo<MessageRow>,
) -> impl IntoView {
    let all = Memo::new(move |_| {
        let reactions = &shown.read().message.reactions;
        reactions
            .iter()
            .map(|one| one.emoji.clone())
            .collect::<Vec<_>>()
    });
    let is_there = Memo::new(move |_| !all.read().is_empty());
    let items = move || {
        list_items(all.get(), ToString::to_string, move |emoji| {
            view! { <Chip shown emoji /> }.into_any()
        })
    };
    move || {
        is_there.get().then(|| {
            view! {
                <ul class="reactions" aria-label="Reactions">
                    <KeyedList items=Arc::new(items) />
                </ul>
            }
        })
    }
}

/// One reaction.
#[component]
fn Chip(shown: Memo<MessageRow>, emoji: Emoji) -> impl IntoView {
    let actions = expect_context::<MessageActions>();
    let me = StoredValue::new(expect_context::<Hub>().me().id);
    let (text, of) = (emoji.to_string(), emoji.clone());
    // How many, whether the reader is among them, whether that is on its way, and who they are.
    let state = Memo::new(move |_| {
        let shown = shown.read();
        let is_it = |one: &&Reaction| one.emoji == of;
        let users = shown
            .message
            .reactions
            .iter()
            .find(is_it)
            .map(|one| one.users.clone());
        let users = users.unwrap_or_default();
        me.with_value(|me| {
            let who = actions.names.read().list(&users, me);
            (users.len(), users.contains(me), shown.is_reacting(&of), who)
        })
    });
    let target = emoji.clone();
    let toggle = move |event: MouseEvent| {
        let message = shown.with_untracked(|shown| shown.message.clone());
        let (count, is_mine, ..) = state.get_untracked();
        actions.toggle(&message, target.clone());
        if is_mine && count == 1 && event.detail() == 0 {
            // This button goes away under the keyboard.
            dom::focus_id(&more_id(message.seq));
        }
    };
    let spoken = text.clone();
    view! {
        <li>
            <button
                type="button"
                class="reaction"
                data-emoji=emoji.to_string()
                data-state=move || state.read().2.then_some("pending")
                aria-pressed=move || state.read().1.to_string()
                aria-label=move || {
                    let state = state.read();
                    format!("{spoken} {}: {}", state.0, state.3)
                }
                title=move || state.read().3.clone()
                on:click=toggle
            >
                <span class="emoji">{text}</span>
                " "
                <span class="count">{move || state.read().0}</span>
            </button>
        </li>
    }
}

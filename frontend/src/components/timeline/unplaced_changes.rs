//! Refused changes of messages that are not in view: they wait for the reader's word as well.

use crate::components::controls::keyed_list::{KeyedList, list_items};
use crate::components::controls::lazy::Lazy;
use crate::state::lazy_view::LazyView;
use crate::state::message_actions::MessageActions;
use crate::state::message_row::Change;
use common::client::RoomView;
use leptos::prelude::*;
use std::sync::Arc;

/// These changes, above the place to write.
#[component]
pub fn UnplacedChanges() -> impl IntoView {
    let actions = expect_context::<MessageActions>();
    let changes = Memo::new(move |_| {
        let find = |view: RoomView<'_>| {
            view.refused_changes()
                .filter_map(Change::of)
                .collect::<Vec<_>>()
        };
        actions.read(find).unwrap_or_default()
    });
    let items = move || {
        list_items(
            changes.get(),
            |change| change.id.to_string(),
            |change| view! { <Lazy view=LazyView::RefusedChange(change, false) /> }.into_any(),
        )
    };
    move || {
        (!changes.read().is_empty()).then(|| {
            view! {
                <section class="stray-changes" aria-label="Changes to messages that are not in view">
                    <KeyedList items=Arc::new(items) />
                </section>
            }
        })
    }
}

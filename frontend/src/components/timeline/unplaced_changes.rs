//! Refused changes of messages that are not in view: they wait for the reader's word as well.

use crate::components::timeline::refused_change::RefusedChange;
use crate::state::message_actions::MessageActions;
use crate::state::message_row::Change;
use common::client::RoomView;
use leptos::prelude::*;

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
    move || {
        (!changes.read().is_empty()).then(|| {
            view! {
                <section class="stray-changes" aria-label="Changes of messages that are out of sight">
                    <For
                        each=move || changes.get()
                        key=|change| change.id.clone()
                        children=|change| view! { <RefusedChange change is_obsolete=false /> }
                    />
                </section>
            }
        })
    }
}

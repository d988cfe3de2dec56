//! Bans and mutes of a room.

use crate::api;
use crate::components::controls::fetched::{Loaded, Show};
use crate::components::controls::result_note::{ResultNote, ResultText};
use crate::components::room::sanction_line::SanctionLine;
use crate::state::fetched::Fetched;
use crate::state::room_context::RoomContext;
use common::api::rooms::SanctionSummary;
use leptos::prelude::*;

/// The leaf.
#[component]
pub fn Sanctions(
    /// The room.
    context: RoomContext,
) -> impl IntoView {
    let sanctions = Fetched::new();
    let outcome = RwSignal::new(ResultText::None);
    let load = Callback::new(move |()| {
        let room = context.room();
        sanctions.fetch(async move { api::rooms::sanctions(&room).await });
    });
    load.run(());
    let show = Show::new(move |all: Vec<SanctionSummary>| match all.is_empty() {
        true => view! { <p class="list-note">"Nobody is banned or muted here."</p> }.into_any(),
        false => view! {
            <ul class="list sanctions">
                {all.into_iter().map(|one| view! {
                    <SanctionLine room=context.room() one outcome lifted=load />
                }).collect_view()}
            </ul>
        }
        .into_any(),
    });
    view! {
        <Loaded fetched=sanctions again=load show />
        <ResultNote outcome />
    }
}

//! Who is banned or muted in a room.

use crate::api;
use crate::components::controls::result_note::{ResultNote, ResultText};
use crate::components::room::sanction_line::SanctionLine;
use crate::state::fetched::Fetched;
use crate::state::room_context::RoomContext;
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
        sanctions.load(async move { api::rooms::sanctions(&room).await });
    });
    load.run(());
    view! {
        {move || match sanctions.get() {
            None => view! { <p class="list-note" role="status">"Loading"</p> }.into_any(),
            Some(Err(words)) => {
                view! { <p class="field-note" data-kind="error" role="alert">{words}</p> }.into_any()
            }
            Some(Ok(all)) if all.is_empty() => {
                view! { <p class="list-note">"Nobody is banned or muted here."</p> }.into_any()
            }
            Some(Ok(all)) => view! {
                <ul class="list sanctions">
                    {all.into_iter().map(|one| view! {
                        <SanctionLine room=context.room() one outcome lifted=load />
                    }).collect_view()}
                </ul>
            }
            .into_any(),
        }}
        <ResultNote outcome />
    }
}

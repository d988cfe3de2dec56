//! An active ban or mute, and lifting it.

use crate::api;
use crate::components::controls::result_note::ResultText;
use crate::state::room_text::{refusal, sanction_text};
use crate::state::ui::Ui;
use common::api::rooms::SanctionSummary;
use common::room::SanctionKind;
use common::text::RoomName;
use leptos::prelude::*;
use leptos::task::spawn_local;

/// One of them.
#[component]
pub fn SanctionLine(
    /// Where it holds.
    room: RoomName,
    /// What it is.
    one: SanctionSummary,
    /// Whether it says whom it concerns.
    #[prop(default = true)]
    named: bool,
    /// Says how it went.
    outcome: RwSignal<ResultText>,
    /// Told when it is lifted.
    lifted: Callback<()>,
) -> impl IntoView {
    let ui = expect_context::<Ui>();
    let now = ui.minute.get_untracked();
    let who = one.user.name.to_string();
    let words = sanction_text(&one, now);
    let kind = match one.kind {
        SanctionKind::Ban => "ban",
        SanctionKind::Mute => "mute",
    };
    let (id, name) = (one.id.clone(), who.clone());
    let lift = move |_| {
        let (room, id, name) = (room.clone(), id.clone(), name.clone());
        spawn_local(async move {
            let done = api::rooms::lift(&room, &id).await;
            let words = done.map_err(|error| refusal(&error));
            let is_done = words.is_ok();
            let words = words.map(|()| match kind {
                "ban" => format!("{name} is no longer banned."),
                _ => format!("{name} is no longer muted."),
            });
            let _ = outcome.try_set(Some(words));
            if is_done {
                lifted.try_run(());
            }
        });
    };
    view! {
        <li class="list-line sanction" data-user=one.user.id.to_string() data-kind=kind>
            <div class="list-words">
                {named.then(|| view! { <strong class="name" dir="auto">{who}</strong> })}
                <span class="list-note" dir="auto">{words}</span>
            </div>
            <button type="button" class="button small lift" on:click=lift>"Lift"</button>
        </li>
    }
}

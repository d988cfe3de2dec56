//! Choosing a user's role in a room.

use crate::api;
use crate::components::controls::result_note::ResultText;
use crate::state::room_context::RoomContext;
use crate::state::room_text::{refusal, room_role_text};
use common::room::RoomRole;
use common::user::User;
use leptos::prelude::*;
use leptos::task::spawn_local;

/// The choice. To be nothing at all one has to be put out.
#[component]
pub fn RoleChoice(
    /// The room.
    context: RoomContext,
    /// Who.
    person: User,
    /// What they are.
    standing: Memo<RoomRole>,
    /// Says how it went.
    outcome: RwSignal<ResultText>,
    /// Told when it is done.
    changed: Callback<()>,
) -> impl IntoView {
    let id = format!("standing-{}", person.id);
    let choices = move || {
        let is_offered = move |one: &RoomRole| *one >= RoomRole::Member || *one == standing.get();
        RoomRole::ALL.into_iter().filter(is_offered)
    };
    let option = move |one: RoomRole| {
        view! {
            <option value=one.as_str() selected=move || standing.get() == one>
                {room_role_text(one)}
            </option>
        }
    };
    let label = format!("Role of {} in this room", person.name);
    let choose = move |word: String| {
        let wanted = RoomRole::from(word);
        let (room, person) = (context.room(), person.clone());
        spawn_local(async move {
            let answer = api::rooms::set_member_role(&room, &person.id, wanted).await;
            let word = room_role_text(wanted).to_lowercase();
            let done = |()| format!("{}: {word} now.", person.name);
            let _ = outcome.try_set(Some(answer.map(done).map_err(|error| refusal(&error))));
            // Also where it was refused: then the choice goes back to what holds.
            changed.try_run(());
        });
    };
    view! {
        <div class="field standing">
            <label for=id.clone() class="unseen">{label}</label>
            <select id=id on:change:target=move |event| choose(event.target().value())>
                // Anew after each try: a refused one must not seem to hold.
                {move || {
                    outcome.track();
                    choices().map(option).collect_view()
                }}
            </select>
        </div>
    }
}

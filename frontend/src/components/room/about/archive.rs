//! Archiving a room, and restoring it.

use crate::api;
use crate::components::controls::confirm_button::ConfirmButton;
use crate::components::controls::result_note::ResultText;
use crate::state::room_context::RoomContext;
use crate::state::room_text::refusal;
use crate::state::rooms::ServerRooms;
use common::api::rooms::ChangeRoom;
use leptos::prelude::*;
use leptos::task::spawn_local;

/// The way to archive a room, and to bring it back.
#[component]
pub fn Archive(
    /// The room.
    context: RoomContext,
    /// Says how it went.
    outcome: RwSignal<ResultText>,
) -> impl IntoView {
    let rooms = expect_context::<ServerRooms>();
    let set = move |archived: bool| {
        let room = context.room();
        let change = ChangeRoom {
            archived: Some(archived),
            ..ChangeRoom::default()
        };
        spawn_local(async move {
            let answer = api::rooms::change(&room, &change).await;
            let words = answer
                .map_err(|error| refusal(&error))
                .map(|_| match archived {
                    true => "The room is archived.".to_owned(),
                    false => "The room is open again.".to_owned(),
                });
            let _ = outcome.try_set(Some(words));
            rooms.refresh();
        });
    };
    let archive = Callback::new(move |()| set(true));
    let is_archived = Memo::new(move |_| context.settings.read().archived);
    let question = Signal::<String>::from(
        "Archive this room? Messages stay readable, but nobody can write any more.".to_owned(),
    );
    view! {
        <div class="archive">
            {move || match is_archived.get() {
                false => view! {
                    <ConfirmButton class="archive-room" label="Archive…" question yes="Archive" act=archive />
                }
                .into_any(),
                true => view! {
                    <button type="button" class="button small unarchive" on:click=move |_| set(false)>
                        "Restore"
                    </button>
                }
                .into_any(),
            }}
        </div>
    }
}

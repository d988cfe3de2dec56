//! A room: its timeline and the place to write, or the reason why there is neither.

use crate::components::composer::Composer;
use crate::components::leave_button::LeaveButton;
use crate::components::stray_changes::StrayChanges;
use crate::components::timeline::Timeline;
use crate::state::acts::Acts;
use crate::state::hub::Hub;
use crate::state::words::sentence;
use common::client::{Command, RoomState, RoomView};
use common::text::RoomName;
use leptos::prelude::*;

/// A room's conversation.
#[component]
pub fn RoomPage(
    /// The room.
    room: RoomName,
) -> impl IntoView {
    let hub = expect_context::<Hub>();
    let source = room.clone();
    let refusal = Memo::new(move |_| {
        let refused = |view: RoomView<'_>| match view.state() {
            RoomState::Refused(error) => Some(error.message.clone()),
            _ => None,
        };
        hub.with_room(&source, refused).flatten()
    });
    provide_context(Acts::new(hub, room.clone()));
    move || match refusal.get() {
        None => view! {
            <Timeline room=room.clone() />
            <StrayChanges />
            <Composer room=room.clone() />
        }
        .into_any(),
        Some(words) => view! { <Refused room=room.clone() words /> }.into_any(),
    }
}

/// The server does not let the reader in.
#[component]
fn Refused(room: RoomName, words: String) -> impl IntoView {
    let hub = expect_context::<Hub>();
    let again = room.clone();
    view! {
        <div class="notice" role="alert">
            <h2>"You cannot enter this room"</h2>
            <p>{sentence(&words)}</p>
            <div class="notice-actions">
                <button
                    type="button"
                    class="button primary retry-join"
                    on:click=move |_| hub.send(Command::OpenRoom { room: again.clone() })
                >
                    "Try again"
                </button>
                <LeaveButton room words=true />
            </div>
        </div>
    }
}

//! A room: its timeline and the place to write, or the reason why there is neither.

use crate::components::composer::Composer;
use crate::components::room::leave_button::leave;
use crate::components::timeline::Timeline;
use crate::components::timeline::unplaced_changes::UnplacedChanges;
use crate::state::hub::Hub;
use crate::state::message_actions::MessageActions;
use crate::state::navigator::Navigator;
use crate::state::room_context::RoomContext;
use crate::state::room_text::frame_error_text;
use common::client::{Command, RoomPart, RoomStatus, RoomView};
use common::error::{ErrorCode, ErrorFrame};
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
            RoomStatus::Refused(error) => Some(error.clone()),
            _ => None,
        };
        hub.with_room(&source, &[RoomPart::Status], refused)
            .flatten()
    });
    provide_context(MessageActions::new(hub, room.clone()));
    move || match refusal.get() {
        None => view! {
            <Timeline room=room.clone() />
            <UnplacedChanges />
            <Composer room=room.clone() />
        }
        .into_any(),
        Some(error) => view! { <Refused room=room.clone() error /> }.into_any(),
    }
}

/// What to say to a reader whom the server does not let in, and whether another try makes sense.
fn notice(error: &ErrorFrame, name: &str, is_hidden: bool) -> (String, String, bool) {
    match error.code {
        ErrorCode::Banned => {
            let title = format!("You are banned from {name}");
            // Another try tells for how long and why; and perhaps it was lifted.
            (title, frame_error_text(error), true)
        }
        ErrorCode::NotJoined if is_hidden => (
            format!("You were removed from {name}"),
            "You are no longer a member. A member can invite you again.".to_owned(),
            false,
        ),
        ErrorCode::NotJoined => (
            format!("You were removed from {name}"),
            "A moderator removed you from this room. You can rejoin.".to_owned(),
            true,
        ),
        ErrorCode::NoSuchRoom => (
            "There is no such room".to_owned(),
            "Or it is private and you are not a member. A member can invite you.".to_owned(),
            false,
        ),
        _ => (
            format!("You cannot enter {name}"),
            frame_error_text(error),
            true,
        ),
    }
}

/// The server does not let the reader in.
#[component]
fn Refused(room: RoomName, error: ErrorFrame) -> impl IntoView {
    let hub = expect_context::<Hub>();
    let navigator = expect_context::<Navigator>();
    let name = untrack(|| RoomContext::of(room.clone()).label.read().written());
    let (title, words, may_try) = notice(&error, &name, room.is_hidden());
    let again = room.clone();
    let try_again = may_try.then(|| {
        view! {
            <button
                type="button"
                class="button primary retry-join"
                on:click=move |_| hub.send(Command::OpenRoom { room: again.clone() })
            >
                {if error.code == ErrorCode::NotJoined { "Rejoin" } else { "Try again" }}
            </button>
        }
    });
    view! {
        <div class="notice" role="alert">
            <h2>{title}</h2>
            <p>{words}</p>
            <div class="notice-actions">
                {try_again}
                <button
                    type="button"
                    class="button go-on"
                    class:primary=!may_try
                    on:click=move |_| leave(hub, navigator, &room)
                >
                    "Go to my other rooms"
                </button>
            </div>
        </div>
    }
}

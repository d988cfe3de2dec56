//! A room's description, and leaving it permanently.

use crate::api;
use crate::components::controls::confirm_button::ConfirmButton;
use crate::components::controls::copy_line::CopyLine;
use crate::components::controls::dialog::DialogHandle;
use crate::components::controls::result_note::{ResultNote, ResultText};
use crate::components::room::leave_button::leave;
use crate::platform::history;
use crate::state::hub::Hub;
use crate::state::navigator::{Navigator, room_path};
use crate::state::room_context::RoomContext;
use crate::state::room_text::{duration_text, refusal, room_kind_text};
use crate::state::rooms::ServerRooms;
use common::room::{RoomKind, RoomRole, RoomSettings};
use leptos::prelude::*;
use leptos::task::spawn_local;

/// What holds in a room, sentence by sentence.
fn facts(settings: &RoomSettings) -> Vec<String> {
    let mut facts = vec![room_kind_text(settings.door).to_owned()];
    if settings.archived {
        facts.push("This room is archived: nobody can write in it.".to_owned());
    } else if settings.locked {
        facts.push("This room is locked: only moderators and owners can write.".to_owned());
    }
    if settings.slow_mode_ms > 0 {
        let span = duration_text(settings.slow_mode_ms);
        facts.push(format!(
            "Slow mode: each person can write once every {span}."
        ));
    }
    match settings.standing {
        RoomRole::Owner => facts.push("You are its owner.".to_owned()),
        RoomRole::Moderator => facts.push("You are one of its moderators.".to_owned()),
        RoomRole::Outsider | RoomRole::Member => {}
    }
    facts
}

/// The leaf.
#[component]
pub fn About(
    /// The room.
    context: RoomContext,
    /// Closes the dialog.
    handle: DialogHandle,
) -> impl IntoView {
    let topic = move || {
        let settings = context.settings.read();
        settings.topic.as_ref().map(ToString::to_string)
    };
    let door = context.door();
    let has_own_name = !context.room().is_hidden();
    let name = context.room().to_string();
    let link = history::full(&room_path(&context.room()));
    let is_titled = move || context.settings.read().title.is_some();
    view! {
        <div class="about">
            {move || topic().map(|topic| view! { <p class="about-topic" dir="auto">{topic}</p> })}
            {has_own_name.then(|| {
                let name = name.clone();
                move || is_titled().then(|| view! {
                    <p class="list-note">"Name in links: #"{name.clone()}</p>
                })
            })}
            <ul class="facts">
                {move || facts(&context.settings.read()).into_iter().map(|fact| view! {
                    <li>{fact}</li>
                }).collect_view()}
            </ul>
            {move || (door.get() != RoomKind::Direct).then(|| {
                let label = match door.get() {
                    RoomKind::Public => "Link to this room",
                    _ => "Link to this room, for its members",
                };
                view! { <CopyLine id="room-link" label text=link.clone() /> }
            })}
            {move || (door.get() == RoomKind::Private).then(|| view! {
                <LeaveForGood context handle />
            })}
        </div>
    }
}

/// A private room is left permanently: rejoining takes an invitation.
#[component]
fn LeaveForGood(context: RoomContext, handle: DialogHandle) -> impl IntoView {
    let hub = expect_context::<Hub>();
    let navigator = expect_context::<Navigator>();
    let rooms = expect_context::<ServerRooms>();
    let outcome = RwSignal::new(ResultText::None);
    let question = Signal::derive(move || {
        format!(
            "Leave {} permanently? You need an invitation to return.",
            context.name()
        )
    });
    let act = Callback::new(move |()| {
        let room = context.room();
        spawn_local(async move {
            match api::rooms::remove_member(&room, &hub.me().id).await {
                Ok(()) => {
                    handle.close();
                    leave(hub, navigator, &room);
                    rooms.refresh();
                }
                Err(error) => {
                    let _ = outcome.try_set(Some(Err(refusal(&error))));
                }
            }
        });
    });
    view! {
        <div class="about-leave">
            <ConfirmButton class="leave-for-good" label="Leave permanently…" question yes="Leave" act />
            <ResultNote outcome />
        </div>
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use wasm_bindgen_test::wasm_bindgen_test;

    #[wasm_bindgen_test]
    fn what_holds_in_a_room_is_told_in_sentences() {
        let settings = RoomSettings {
            locked: true,
            slow_mode_ms: 30_000,
            standing: RoomRole::Owner,
            ..RoomSettings::default_for("garden".parse().unwrap())
        };
        let facts = facts(&settings).join(" ");
        for words in [
            "Public room",
            "locked",
            "once every 30 seconds",
            "its owner",
        ] {
            assert!(facts.contains(words), "{words} in {facts}");
        }
    }
}

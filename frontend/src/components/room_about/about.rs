//! What a room is, and the way out of it for good.

use crate::api;
use crate::components::copy_line::CopyLine;
use crate::components::dialog::DialogHandle;
use crate::components::leave_button::leave;
use crate::components::note::{Note, Outcome};
use crate::components::sure::Sure;
use crate::platform::history;
use crate::state::hub::Hub;
use crate::state::navigator::{Navigator, room_path};
use crate::state::place::Place;
use crate::state::room_words::{door_words, refusal, span_words};
use crate::state::rooms::ServerRooms;
use common::room::{RoomKind, RoomRole, RoomSettings};
use leptos::prelude::*;
use leptos::task::spawn_local;

/// What holds in a room, sentence by sentence.
fn facts(settings: &RoomSettings) -> Vec<String> {
    let mut facts = vec![door_words(settings.door).to_owned()];
    if settings.archived {
        facts.push("It is archived: nobody may write here any more.".to_owned());
    } else if settings.locked {
        facts.push("It is locked: only those who look after it may write.".to_owned());
    }
    if settings.slow_mode_ms > 0 {
        let span = span_words(settings.slow_mode_ms);
        facts.push(format!("Slow mode: everybody may write once every {span}."));
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
    place: Place,
    /// Closes the dialog.
    handle: DialogHandle,
) -> impl IntoView {
    let topic = move || {
        let settings = place.settings.read();
        settings.topic.as_ref().map(ToString::to_string)
    };
    let door = place.door();
    let has_own_name = !place.room().is_hidden();
    let name = place.room().to_string();
    let link = history::full(&room_path(&place.room()));
    let is_titled = move || place.settings.read().title.is_some();
    view! {
        <div class="about">
            {move || topic().map(|topic| view! { <p class="about-topic" dir="auto">{topic}</p> })}
            {has_own_name.then(|| {
                let name = name.clone();
                move || is_titled().then(|| view! {
                    <p class="list-note">"Its name, in links: #"{name.clone()}</p>
                })
            })}
            <ul class="facts">
                {move || facts(&place.settings.read()).into_iter().map(|fact| view! {
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
                <LeaveForGood place handle />
            })}
        </div>
    }
}

/// A private room is left for good: whoever left comes back only when invited.
#[component]
fn LeaveForGood(place: Place, handle: DialogHandle) -> impl IntoView {
    let hub = expect_context::<Hub>();
    let navigator = expect_context::<Navigator>();
    let rooms = expect_context::<ServerRooms>();
    let outcome = RwSignal::new(Outcome::None);
    let question = Signal::derive(move || {
        format!(
            "Leave {} for good? You can come back only if somebody invites you.",
            place.name()
        )
    });
    let act = Callback::new(move |()| {
        let room = place.room();
        spawn_local(async move {
            match api::rooms::put_out(&room, &hub.me().id).await {
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
            <Sure class="leave-for-good" label="Leave for good…" question yes="Leave" act />
            <Note outcome />
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
            "public room",
            "locked",
            "once every 30 seconds",
            "its owner",
        ] {
            assert!(facts.contains(words), "{words} in {facts}");
        }
    }
}

//! Creates or joins a public room, which for Hubbub is the same, or makes a private one.

use crate::components::account::needs_account::NeedsAccount;
use crate::components::controls::dialog::{Dialog, DialogHandle};
use crate::components::controls::field::TextField;
use crate::components::controls::tabs::{Tab, Tabs};
use crate::components::room::sanction_form::line;
use crate::platform::dom;
use crate::state::error_text::name_error_text;
use crate::state::room_entry::RoomEntry;
use common::limits::LINE_CHARS_MAX;
use common::room::RoomKind;
use common::text::{RoomName, TextError, Title};
use leptos::ev::SubmitEvent;
use leptos::prelude::*;
use leptos::task::spawn_local;

/// The two kinds of room that can be made.
const KINDS: [Tab<RoomKind>; 2] = [
    (RoomKind::Public, "public", "Public"),
    (RoomKind::Private, "private", "Private"),
];

/// Reads what was typed as a room's name; a leading `#` is how people write rooms.
fn parse(typed: &str) -> Result<RoomName, TextError> {
    let typed = typed.trim();
    let room: RoomName = typed.strip_prefix('#').unwrap_or(typed).trim().parse()?;
    if room.is_broadcast() || room.is_hidden() {
        Err(TextError::Reserved)
    } else {
        Ok(room)
    }
}

/// The dialog.
#[component]
pub fn RoomDialog() -> impl IntoView {
    let handle = DialogHandle::new();
    let kind = RwSignal::new(RoomKind::Public);
    let tabs = Memo::new(|_| KINDS.to_vec());
    view! {
        <Dialog handle class="room-dialog" title="Create or join a room">
            <Tabs label="Type of room" tabs open=kind />
            <div class="leaf" id="leaf" role="tabpanel">
                {move || match kind.get() {
                    RoomKind::Public => view! { <PublicForm handle /> }.into_any(),
                    _ => view! { <PrivateForm handle /> }.into_any(),
                }}
            </div>
        </Dialog>
    }
}

/// A name that somebody has typed, and the room whose name is hard to tell from it.
#[derive(Clone)]
struct Similar {
    room: RoomName,
    existing: RoomName,
}

/// Asks which of two similar names is meant.
#[component]
fn SimilarChoice(similar: Similar, enter: Callback<RoomName>) -> impl IntoView {
    let Similar { room, existing } = similar;
    let (join, create) = (format!("Join {existing}"), format!("Create {room}"));
    let words = format!("A room named {existing} already exists.");
    view! {
        <p class="field-note similar-room" role="alert">{words}</p>
        <div class="dialog-actions">
            <button
                type="button"
                class="button create-anyway"
                on:click=move |_| enter.run(room.clone())
            >
                {create}
            </button>
            <button
                type="button"
                class="button primary join-similar"
                on:click=move |_| enter.run(existing.clone())
            >
                {join}
            </button>
        </div>
    }
}

/// By its name: one that is not there yet is made.
#[component]
fn PublicForm(handle: DialogHandle) -> impl IntoView {
    let entry_ways = RoomEntry::here();
    let name = RwSignal::new(String::new());
    let error = RwSignal::new(None::<String>);
    let refuse = move |words| {
        let _ = error.try_set(Some(words));
        dom::focus_id("room-name");
    };
    let similar = RwSignal::new(None::<Similar>);
    let enter = Callback::new(move |room: RoomName| {
        spawn_local(async move {
            match entry_ways.public(room).await {
                Ok(()) => handle.close(),
                Err(words) => refuse(words),
            }
        });
    });
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        match name.with_untracked(|name| parse(name)) {
            Ok(room) => spawn_local(async move {
                match entry_ways.similar_to(&room).await {
                    Some(existing) => {
                        let _ = similar.try_set(Some(Similar { room, existing }));
                    }
                    None => enter.run(room),
                }
            }),
            Err(reason) => refuse(name_error_text(reason)),
        }
    };
    view! {
        <form on:submit=submit novalidate>
            <TextField
                id="room-name"
                label="Name of the room"
                placeholder="garden"
                note="If the room does not exist, it is created. Anyone here can join it."
                value=name
                error
            />
            {move || match similar.get() {
                None => view! { <Actions handle verb="Join" /> }.into_any(),
                Some(similar) => view! { <SimilarChoice similar enter /> }.into_any(),
            }}
        </form>
    }
}

/// By a title, for those who are invited.
#[component]
fn PrivateForm(handle: DialogHandle) -> impl IntoView {
    let entry_ways = RoomEntry::here();
    let (title, topic) = (RwSignal::new(String::new()), RwSignal::new(String::new()));
    let (title_error, topic_error) = (RwSignal::new(None), RwSignal::new(None));
    let refuse = move |words| {
        let _ = title_error.try_set(Some(words));
        dom::focus_id("new-title");
    };
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        let title = match title.with_untracked(|title| title.trim().parse::<Title>()) {
            Ok(title) => title,
            Err(reason) => return refuse(name_error_text(reason)),
        };
        match topic.with_untracked(|topic| line(topic)) {
            Ok(topic) => spawn_local(async move {
                match entry_ways.private(title, topic).await {
                    Ok(()) => handle.close(),
                    Err(words) => refuse(words),
                }
            }),
            Err(reason) => {
                topic_error.set(Some(name_error_text(reason)));
                dom::focus_id("new-topic");
            }
        }
    };
    view! {
        <form on:submit=submit novalidate>
            <TextField
                id="new-title"
                label="Title"
                placeholder="Board"
                note="Only people you invite can see it."
                value=title
                error=title_error
            />
            <TextField
                id="new-topic"
                label="Topic (optional)"
                placeholder=""
                note=format!("What the room is about. At most {LINE_CHARS_MAX} characters.")
                value=topic
                error=topic_error
            />
            {move || entry_ways.why_not().map(|words| view! {
                <NeedsAccount words handle />
            })}
            <Actions handle verb="Create room" />
        </form>
    }
}

#[component]
fn Actions(handle: DialogHandle, verb: &'static str) -> impl IntoView {
    view! {
        <div class="dialog-actions">
            <button type="button" class="button" on:click=move |_| handle.close()>"Cancel"</button>
            <button type="submit" class="button primary">{verb}</button>
        </div>
    }
}

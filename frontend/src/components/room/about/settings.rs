//! Changing a room's settings.

use super::archive::Archive;
use crate::api;
use crate::components::controls::choice::{Choice, Options};
use crate::components::controls::field::TextField;
use crate::components::controls::result_note::{ResultNote, ResultText};
use crate::platform::dom;
use crate::state::error_text::name_error_text;
use crate::state::room_context::RoomContext;
use crate::state::room_text::refusal;
use crate::state::rooms::ServerRooms;
use common::api::rooms::ChangeRoom;
use common::limits::{LINE_CHARS_MAX, TITLE_CHARS_MAX};
use common::room::{RoomAction, RoomSettings};
use common::text::{Line, TextError, Title};
use leptos::ev::SubmitEvent;
use leptos::prelude::*;
use leptos::task::spawn_local;

/// How much time may lie between two messages of one user, in milliseconds.
const INTERVALS: Options = &[
    ("0", "Off"),
    ("5000", "5 seconds"),
    ("10000", "10 seconds"),
    ("30000", "30 seconds"),
    ("60000", "1 minute"),
    ("300000", "5 minutes"),
    ("900000", "15 minutes"),
    ("3600000", "1 hour"),
];

/// Key of the pace nearest to what holds, which a program may have set to anything.
fn pace_key(ms: u64) -> String {
    let intervals = INTERVALS.iter().map(|(key, _)| *key);
    let near = intervals.min_by_key(|key| key.parse::<u64>().unwrap_or_default().abs_diff(ms));
    near.unwrap_or_default().to_owned()
}

/// What is typed, as a change of what holds: what is the same is left out.
fn change(
    now: &RoomSettings,
    title: &str,
    topic: &str,
    locked: bool,
    interval: &str,
) -> ChangeRoom {
    let text = |typed: &str, held: Option<&str>| {
        let typed = typed.trim();
        (typed != held.unwrap_or_default()).then(|| typed.to_owned())
    };
    let is_same_pace = interval == pace_key(now.slow_mode_ms);
    ChangeRoom {
        title: text(title, now.title.as_ref().map(Title::as_str)),
        topic: text(topic, now.topic.as_ref().map(Line::as_str)),
        locked: (locked != now.locked).then_some(locked),
        slow_mode_ms: interval.parse().ok().filter(|_| !is_same_pace),
        archived: None,
    }
}

/// What is wrong with what was typed, and where.
fn check(change: &ChangeRoom) -> Option<(&'static str, TextError)> {
    let fault = |text: &Option<String>, parse: fn(&str) -> Result<(), TextError>| {
        let text = text.as_deref().filter(|text| !text.is_empty())?;
        parse(text).err()
    };
    let title = fault(&change.title, |text| text.parse::<Title>().map(drop));
    let topic = fault(&change.topic, |text| text.parse::<Line>().map(drop));
    title
        .map(|error| ("room-title", error))
        .or_else(|| topic.map(|error| ("room-topic", error)))
}

/// The leaf. It begins with what holds when it is opened.
#[component]
pub fn Settings(
    /// The room.
    context: RoomContext,
) -> impl IntoView {
    let outcome = RwSignal::new(ResultText::None);
    let (can_set, can_archive) = (
        context.can(RoomAction::ChangeSettings),
        context.can(RoomAction::Archive),
    );
    view! {
        {move || can_set.get().then(|| view! { <Form context outcome /> })}
        <ResultNote outcome />
        {move || can_archive.get().then(|| view! { <Archive context outcome /> })}
    }
}

#[component]
fn Form(context: RoomContext, outcome: RwSignal<ResultText>) -> impl IntoView {
    let rooms = expect_context::<ServerRooms>();
    let held = context.settings.get_untracked();
    let text = |held: Option<String>| RwSignal::new(held.unwrap_or_default());
    let title = text(held.title.as_ref().map(ToString::to_string));
    let topic = text(held.topic.as_ref().map(ToString::to_string));
    let (title_error, topic_error) = (RwSignal::new(None), RwSignal::new(None));
    let locked = RwSignal::new(held.locked);
    let interval = RwSignal::new(pace_key(held.slow_mode_ms));
    let is_hidden = held.room.is_hidden();
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        let change = change(
            &context.settings.get_untracked(),
            &title.get_untracked(),
            &topic.get_untracked(),
            locked.get_untracked(),
            &interval.get_untracked(),
        );
        if is_hidden && change.title.as_deref() == Some("") {
            title_error.set(Some(name_error_text(TextError::Empty)));
            return dom::focus_id("room-title");
        }
        if let Some((field, error)) = check(&change) {
            let note = if field == "room-title" {
                title_error
            } else {
                topic_error
            };
            note.set(Some(name_error_text(error)));
            return dom::focus_id(field);
        }
        let room = context.room();
        spawn_local(async move {
            let answer = api::rooms::change(&room, &change).await;
            if let Ok(settings) = &answer {
                rooms.learn(settings);
                rooms.refresh();
            }
            let words = answer.map(|_| "Saved. Everyone here sees it now.".to_owned());
            let _ = outcome.try_set(Some(words.map_err(|error| refusal(&error))));
        });
    };
    view! {
        <form class="room-settings" on:submit=submit novalidate>
            <TextField
                id="room-title"
                label="Title"
                placeholder=""
                note=format!("The name that people see. At most {TITLE_CHARS_MAX} characters.")
                value=title
                error=title_error
            />
            <TextField
                id="room-topic"
                label="Topic"
                placeholder=""
                note=format!("What the room is about. At most {LINE_CHARS_MAX} characters.")
                value=topic
                error=topic_error
            />
            <label class="check">
                <input
                    type="checkbox"
                    id="room-locked"
                    prop:checked=move || locked.get()
                    on:change:target=move |event| locked.set(event.target().checked())
                />
                <span>"Locked: only moderators and owners can write"</span>
            </label>
            <Choice id="room-pace" label="Slow mode: minimum time between two messages of one person" options=INTERVALS value=interval />
            <div class="dialog-actions">
                <button type="submit" class="button primary save-settings">"Save"</button>
            </div>
        </form>
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use wasm_bindgen_test::wasm_bindgen_test;

    #[wasm_bindgen_test]
    fn only_what_was_changed_is_sent_and_an_empty_text_takes_away() {
        let held = RoomSettings {
            title: Some("The garden".parse().unwrap()),
            topic: Some("Roses".parse().unwrap()),
            slow_mode_ms: 29_000,
            ..RoomSettings::default_for("garden".parse().unwrap())
        };
        let same = change(&held, " The garden ", "Roses", false, "30000");
        assert_eq!(same, ChangeRoom::default());
        let changed = change(&held, "The garden", " ", true, "0");
        let expected = ChangeRoom {
            topic: Some(String::new()),
            locked: Some(true),
            slow_mode_ms: Some(0),
            ..ChangeRoom::default()
        };
        assert_eq!(changed, expected);
        assert_eq!(check(&changed), None);
        let long = change(&held, &"x".repeat(65), "Roses", false, "30000");
        assert_eq!(check(&long).map(|(field, _)| field), Some("room-title"));
    }
}

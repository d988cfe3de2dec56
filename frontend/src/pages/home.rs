//! The pages without a room: the start page, and the page for unknown addresses.

use crate::components::controls::icon::Mark;
use crate::state::error_text::name_error_text;
use crate::state::hub::Hub;
use crate::state::navigator::Navigator;
use crate::state::ui::{DialogKind, Ui};
use common::text::{RoomName, TextError};
use leptos::prelude::*;

/// The start.
#[component]
pub fn Home() -> impl IntoView {
    let hub = expect_context::<Hub>();
    move || {
        let (title, words) = if hub.lines().is_empty() {
            let words = "Join one of the rooms in the list, or open a new one and tell the others \
                         its name.";
            ("You are in no room", words)
        } else {
            (
                "Choose a room",
                "Select a room from the list, or create a new one.",
            )
        };
        view! { <EmptyPage title words=words.to_owned() /> }
    }
}

/// An address that leads nowhere.
#[component]
pub fn BadAddress(
    /// What is wrong with the name of the room, if it is one.
    error: Option<TextError>,
) -> impl IntoView {
    let words = match error {
        Some(error) => format!(
            "This is not a valid room address. {}",
            name_error_text(error)
        ),
        None => "There is no page at this address.".to_owned(),
    };
    view! { <EmptyPage title="Page not found" words /> }
}

#[component]
fn EmptyPage(title: &'static str, words: String) -> impl IntoView {
    let navigator = expect_context::<Navigator>();
    let ui = expect_context::<Ui>();
    let general = move |_| {
        if let Ok(room) = "general".parse::<RoomName>() {
            navigator.go(&room);
        }
    };
    view! {
        <div class="notice">
            <Mark size=44 />
            <h1>{title}</h1>
            <p>{words}</p>
            <div class="notice-actions">
                <button type="button" class="button primary" on:click=general>
                    "Go to general"
                </button>
                <button
                    type="button"
                    class="button"
                    on:click=move |_| ui.ask(DialogKind::Room)
                >
                    "Create or join a room"
                </button>
            </div>
        </div>
    }
}

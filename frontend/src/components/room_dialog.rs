//! Creates or joins a room: for Hubbub it is the same.

use crate::components::dialog::{Dialog, DialogHandle};
use crate::components::field::TextField;
use crate::platform::dom;
use crate::state::navigator::Navigator;
use crate::state::words::name_words;
use common::text::{RoomName, TextError};
use leptos::ev::SubmitEvent;
use leptos::prelude::*;

/// Reads what was typed as a room's name; a leading `#` is how people write rooms.
fn parse(typed: &str) -> Result<RoomName, TextError> {
    let typed = typed.trim();
    let room: RoomName = typed.strip_prefix('#').unwrap_or(typed).trim().parse()?;
    if room.is_broadcast() {
        Err(TextError::Reserved)
    } else {
        Ok(room)
    }
}

/// The dialog.
#[component]
pub fn RoomDialog() -> impl IntoView {
    let navigator = expect_context::<Navigator>();
    let handle = DialogHandle::new();
    let name = RwSignal::new(String::new());
    let error = RwSignal::new(None::<String>);
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        match name.with_untracked(|name| parse(name)) {
            Ok(room) => {
                handle.close();
                navigator.go(&room);
            }
            Err(reason) => {
                error.set(Some(name_words(reason)));
                dom::focus_id("room-name");
            }
        }
    };
    view! {
        <Dialog handle class="room-dialog" title="Create or join a room">
            <form on:submit=submit novalidate>
                <TextField
                    id="room-name"
                    label="Name of the room"
                    placeholder="garden"
                    note="A room that does not exist yet is created. Anybody here may join it."
                    value=name
                    error
                />
                <div class="dialog-actions">
                    <button type="button" class="button" on:click=move |_| handle.close()>
                        "Cancel"
                    </button>
                    <button type="submit" class="button primary">"Join"</button>
                </div>
            </form>
        </Dialog>
    }
}

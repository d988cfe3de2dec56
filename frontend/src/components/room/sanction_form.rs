//! Banning or muting a user: duration and reason.

use crate::api;
use crate::components::controls::choice::{Choice, SPANS, span_ms};
use crate::components::controls::field::TextField;
use crate::components::controls::result_note::ResultText;
use crate::platform::dom;
use crate::state::error_text::name_error_text;
use crate::state::room_text::refusal;
use common::api::rooms::CreateSanction;
use common::room::SanctionKind;
use common::text::{Line, RoomName, TextError};
use common::user::User;
use leptos::ev::SubmitEvent;
use leptos::prelude::*;
use leptos::task::spawn_local;

/// Reads an optional line.
///
/// # Errors
/// Why it cannot be one.
pub fn line(typed: &str) -> Result<Option<Line>, TextError> {
    match typed.trim() {
        "" => Ok(None),
        typed => typed.parse().map(Some),
    }
}

/// What is done, in words: the button, and what it says when it is done.
fn words(kind: SanctionKind, name: &str) -> (&'static str, String, String) {
    match kind {
        SanctionKind::Ban => (
            "Ban",
            format!("{name} is removed and cannot rejoin for this time."),
            format!("{name} is banned from this room."),
        ),
        SanctionKind::Mute => (
            "Mute",
            format!("{name} can read here, but not write, for this time."),
            format!("{name} is muted in this room."),
        ),
    }
}

/// The form.
#[component]
pub fn SanctionForm(
    /// Where.
    room: RoomName,
    /// Whom.
    person: User,
    /// What.
    kind: SanctionKind,
    /// Says how it went.
    outcome: RwSignal<ResultText>,
    /// Told when it is done.
    done: Callback<()>,
) -> impl IntoView {
    let span = RwSignal::new("3600000".to_owned());
    let (reason, error) = (RwSignal::new(String::new()), RwSignal::new(None));
    let address = RwSignal::new(false);
    let (verb, what, result) = words(kind, person.name.as_str());
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        let reason = match reason.with_untracked(|typed| line(typed)) {
            Ok(reason) => reason,
            Err(why) => {
                error.set(Some(name_error_text(why)));
                dom::focus_id("sanction-reason");
                return;
            }
        };
        let sanction = CreateSanction {
            user: person.id.clone(),
            kind,
            address: address.get_untracked(),
            for_ms: span.with_untracked(|key| span_ms(key)),
            reason,
        };
        let (room, result) = (room.clone(), result.clone());
        spawn_local(async move {
            let answer = api::rooms::sanction(&room, &sanction).await;
            let is_done = answer.is_ok();
            let answer = answer.map_err(|error| refusal(&error)).map(|()| result);
            let _ = outcome.try_set(Some(answer));
            if is_done {
                done.try_run(());
            }
        });
    };
    view! {
        <form class="sanction-form" on:submit=submit novalidate>
            <p class="form-line">{what}</p>
            <Choice id="sanction-span" label="Duration" options=SPANS value=span />
            <TextField
                id="sanction-reason"
                label="Reason (optional)"
                placeholder=""
                note="The user is told the reason."
                value=reason
                error
            />
            {(kind == SanctionKind::Ban).then(|| view! {
                <label class="check">
                    <input
                        type="checkbox"
                        id="sanction-address"
                        on:change:target=move |event| address.set(event.target().checked())
                    />
                    <span>
                        "Also ban everyone from the same network address. Other people may share it."
                    </span>
                </label>
            })}
            <button type="submit" class="button danger do-sanction">{verb}</button>
        </form>
    }
}

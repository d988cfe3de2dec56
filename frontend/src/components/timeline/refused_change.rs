//! A change that the server has refused: what it was, why, and the choice to retry or discard it.

use crate::components::timeline::send_status::Refusal;
use crate::state::hub::Hub;
use crate::state::message_row::{Change, ChangeKind};
use crate::state::room_text::frame_error_text;
use common::client::Command;
use leptos::prelude::*;

/// A refused change.
#[component]
pub fn RefusedChange(
    /// The change.
    change: Change,
    /// Whether there is nothing left to decide: then it goes without a word.
    is_obsolete: bool,
) -> impl IntoView {
    let hub = expect_context::<Hub>();
    if is_obsolete {
        let id = change.id;
        Effect::new(move |_| hub.send(Command::Discard { id: id.clone() }));
        return ().into_any();
    }
    let what = match &change.what {
        ChangeKind::Edit(_) => "Not edited.".to_owned(),
        ChangeKind::Delete => "Not deleted.".to_owned(),
        ChangeKind::React(emoji, true) => format!("{emoji} was not added."),
        ChangeKind::React(emoji, false) => format!("{emoji} was not removed."),
    };
    let words = match change.what {
        ChangeKind::Edit(words) => Some(words),
        _ => None,
    };
    let reason = change.refused.map(|error| frame_error_text(&error));
    let reason = reason.unwrap_or_default();
    view! {
        <div class="refused-change" data-id=change.id.to_string()>
            // What was written must not be out of sight: it may be wanted elsewhere.
            {words.map(|words| view! { <q class="refused-words" dir="auto">{words}</q> })}
            <Refusal id=change.id.clone() what reason />
        </div>
    }
    .into_any()
}

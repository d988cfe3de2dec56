//! A change that the server will not have: what it was, why not, and two ways out.

use crate::components::send_note::Refusal;
use crate::state::hub::Hub;
use crate::state::room_words::frame_words;
use crate::state::shown::{Change, What};
use common::client::Command;
use leptos::prelude::*;

/// A refused change.
#[component]
pub fn RefusedChange(
    /// The change.
    change: Change,
    /// Whether there is nothing left to decide: then it goes without a word.
    is_moot: bool,
) -> impl IntoView {
    let hub = expect_context::<Hub>();
    if is_moot {
        let id = change.id;
        Effect::new(move |_| hub.send(Command::Discard { id: id.clone() }));
        return ().into_any();
    }
    let what = match &change.what {
        What::Edit(_) => "Not edited.".to_owned(),
        What::Delete => "Not deleted.".to_owned(),
        What::React(emoji, true) => format!("{emoji} was not put there."),
        What::React(emoji, false) => format!("{emoji} was not taken away."),
    };
    let words = match change.what {
        What::Edit(words) => Some(words),
        _ => None,
    };
    let reason = change.refused.map(|error| frame_words(&error));
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

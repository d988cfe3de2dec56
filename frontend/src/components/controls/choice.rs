//! A labelled choice of one among a few.

use leptos::prelude::*;

/// What can be chosen: a key for programs, and the words.
pub type Options = &'static [(&'static str, &'static str)];

/// A labelled choice.
#[component]
pub fn Choice(
    /// The field's id.
    id: &'static str,
    /// What is chosen.
    label: &'static str,
    /// Among what.
    options: Options,
    /// Key of what is chosen.
    value: RwSignal<String>,
) -> impl IntoView {
    let option = move |&(key, words): &(&'static str, &'static str)| {
        view! { <option value=key selected=move || *value.read() == *key>{words}</option> }
    };
    view! {
        <div class="field">
            <label for=id>{label}</label>
            <select id=id on:change:target=move |event| value.set(event.target().value())>
                {options.iter().map(option).collect_view()}
            </select>
        </div>
    }
}

/// The lengths of time that bans, mutes and invitations are chosen from; the key is in milliseconds,
/// and empty for no end.
pub const SPANS: Options = &[
    ("600000", "10 minutes"),
    ("3600000", "1 hour"),
    ("86400000", "1 day"),
    ("604800000", "7 days"),
    ("2592000000", "30 days"),
    ("", "Permanently"),
];

/// The milliseconds that a key of [`SPANS`] stands for; none for no end.
#[must_use]
pub fn span_ms(key: &str) -> Option<u64> {
    key.parse().ok()
}

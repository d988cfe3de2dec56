//! A line that says how something went that the reader has tried.

use leptos::prelude::*;

/// How it went: well, or not.
pub type ResultText = Option<Result<String, String>>;

/// The line. It is always there, so that nothing jumps when it speaks and all of it is read out.
#[component]
pub fn ResultNote(
    /// What it says.
    outcome: RwSignal<ResultText>,
) -> impl IntoView {
    view! {
        <p
            class="field-note act-note"
            data-kind=move || outcome.with(|outcome| match outcome {
                Some(Err(_)) => Some("error"),
                Some(Ok(_)) => Some("done"),
                None => None,
            })
            role="status"
        >
            {move || outcome.get().map(|outcome| outcome.unwrap_or_else(|words| words))}
        </p>
    }
}

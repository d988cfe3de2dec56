//! Something that is fetched over HTTP: on its way, here, or not to be had.

use crate::state::fetched::{FetchState, Fetched};
use leptos::prelude::*;

/// Shows it as soon as it is here.
#[component]
pub fn Loaded<T: Clone + Send + Sync + 'static>(
    /// What is fetched.
    fetched: Fetched<T>,
    /// Fetches it again.
    again: Callback<()>,
    /// Its view.
    show: Show<T>,
) -> impl IntoView {
    move || match fetched.get() {
        FetchState::Waiting => {
            view! { <p class="sheet-wait" role="status">"Loading"</p> }.into_any()
        }
        FetchState::Ready(value) => (show.0)(value),
        FetchState::Failed(words) => view! {
            <div class="sheet-failed" role="alert">
                <p>{words}</p>
                <button type="button" class="button small" on:click=move |_| again.run(())>
                    "Try again"
                </button>
            </div>
        }
        .into_any(),
    }
}

/// How to show what was fetched.
pub struct Show<T>(Box<dyn Fn(T) -> AnyView + Send>);

impl<T> Show<T> {
    /// Shows it like this.
    pub fn new<V: IntoAny>(show: impl Fn(T) -> V + Send + 'static) -> Self {
        Self(Box::new(move |value| show(value).into_any()))
    }
}

/// Why the last change was not made.
#[component]
pub fn Refused<T: Clone + Send + Sync + 'static>(
    /// What was to be changed.
    fetched: Fetched<T>,
) -> impl IntoView {
    view! {
        <p class="field-note sheet-note" data-kind="error" role="alert">
            {move || fetched.note()}
        </p>
    }
}

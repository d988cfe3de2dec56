//! Placeholders while messages are loading.

use leptos::prelude::*;

/// A few grey lines.
#[component]
pub fn Skeleton() -> impl IntoView {
    let row = || view! { <div class="skeleton-row"><i></i><i></i></div> };
    view! {
        <div class="skeleton" aria-hidden="true">
            {(0..5).map(|_| row()).collect_view()}
        </div>
        <span class="unseen" role="status">"Loading messages"</span>
    }
}

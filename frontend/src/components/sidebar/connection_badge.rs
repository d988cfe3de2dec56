//! The connection badge: tells the truth, in words.

use crate::platform::clock;
use crate::state::badge::badge_text;
use crate::state::hub::Hub;
use common::client::Status;
use leptos::prelude::*;
use std::time::Duration;

/// How often the countdown is looked at.
const COUNT: Duration = Duration::from_millis(250);

/// The connection badge.
#[component]
pub fn Badge() -> impl IntoView {
    let hub = expect_context::<Hub>();
    let now = RwSignal::new(clock::now());
    let text = Memo::new(move |_| badge_text(hub.status(), now.get()));

    // Counts only while there is something to count.
    Effect::new(move |_| {
        if matches!(hub.status(), Status::Retrying { .. }) {
            now.set(clock::now());
            if let Ok(timer) = set_interval_with_handle(move || now.set(clock::now()), COUNT) {
                on_cleanup(move || timer.clear());
            }
        }
    });

    view! {
        <div class="badge" data-status=move || text.read().status>
            <span aria-hidden="true">{move || text.read().shown.clone()}</span>
            <span class="unseen" role="status">{move || text.read().spoken}</span>
            {move || text.read().can_retry.then(|| view! {
                <button
                    type="button"
                    class="text-button retry-now not-small"
                    on:click=move |_| hub.retry_now()
                >
                    "Retry now"
                </button>
            })}
        </div>
    }
}

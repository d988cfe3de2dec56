//! The root component: it selects the page by who the user is.

use crate::chunks;
use crate::components::controls::icon::Mark;
use crate::pages::hub::HubPage;
use crate::pages::welcome::Welcome;
use crate::state::error_text::api_error_text;
use crate::state::navigator::Navigator;
use crate::state::session::{Session, SessionState};
use crate::state::ui::Ui;
use leptos::prelude::*;
use std::time::Duration;

/// How often a server that did not answer is asked again.
const AGAIN: Duration = Duration::from_secs(5);

/// The whole page.
#[component]
pub fn App() -> impl IntoView {
    let session = SessionState::new();
    provide_context(session);
    provide_context(Navigator::new());
    provide_context(Ui::new());
    chunks::provide();
    session.load();

    move || match session.get() {
        // The words that `index.html` brought stand there meanwhile.
        Session::Unknown => ().into_any(),
        Session::Nobody(session_end) => view! { <Welcome session_end /> }.into_any(),
        Session::Known(me) => view! { <HubPage me /> }.into_any(),
        Session::Failed(error) => view! { <Unreachable words=api_error_text(&error) /> }.into_any(),
    }
}

/// The server could not be asked who the reader is.
#[component]
fn Unreachable(
    /// What went wrong.
    words: String,
) -> impl IntoView {
    let session = expect_context::<SessionState>();
    if let Ok(timer) = set_interval_with_handle(move || session.load(), AGAIN) {
        on_cleanup(move || timer.clear());
    }
    view! {
        <main class="alone">
            <div class="notice" role="alert">
                <Mark size=40 />
                <h1>"Hubbub is not answering"</h1>
                <p>{words}</p>
                <button type="button" class="button primary" on:click=move |_| session.load()>
                    "Try again"
                </button>
            </div>
        </main>
    }
}

//! Shows a view as soon as its chunk is there, and offers another attempt where it cannot be fetched.

use crate::components::controls::dialog::{Dialog, DialogHandle};
use crate::platform::page;
use crate::state::lazy_view::{ChunkError, LazyView, LazyViews, Placement};
use futures_util::FutureExt;
use leptos::prelude::*;
use leptos::task::spawn_local;

/// Whether a chunk is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum ChunkStatus {
    Loading,
    Ready,
    Failed,
}

impl From<Result<(), ChunkError>> for ChunkStatus {
    fn from(loaded: Result<(), ChunkError>) -> Self {
        match loaded {
            Ok(()) => Self::Ready,
            Err(ChunkError) => Self::Failed,
        }
    }
}

/// The view, in the same frame if its chunk is there already.
#[component]
pub fn Lazy(
    /// Which view.
    view: LazyView,
    /// Called when the view is on the page.
    #[prop(optional)]
    ready: Option<Callback<()>>,
) -> impl IntoView {
    let status = RwSignal::new(ChunkStatus::Loading);
    let shown = StoredValue::new(view);
    let views = expect_context::<LazyViews>();
    let fetch = Callback::new(move |()| {
        let mut load = shown.with_value(views.load);
        if let Some(loaded) = load.as_mut().now_or_never() {
            status.set(loaded.into());
            return;
        }
        status.set(ChunkStatus::Loading);
        spawn_local(async move {
            let loaded = load.await;
            // The user may have left meanwhile.
            let _ = status.try_set(loaded.into());
        });
    });
    fetch.run(());
    Effect::new(move |_| {
        if let (ChunkStatus::Ready, Some(ready)) = (status.get(), ready) {
            ready.run(());
        }
    });
    let placement = shown.with_value(LazyView::placement);
    move || {
        match (status.get(), placement) {
        (ChunkStatus::Loading, _) => view! {
            <p
                class="lazy-wait"
                role="status"
                data-dialog=(placement == Placement::Dialog).to_string()
            >
                "Loading"
            </p>
        }
        .into_any(),
        (ChunkStatus::Ready, _) => (views.build)(shown.get_value()).into_any(),
        (ChunkStatus::Failed, Placement::Dialog) => view! { <FailedDialog fetch /> }.into_any(),
        (ChunkStatus::Failed, Placement::Page) => view! {
            <div class="notice load-failed" role="alert">
                <h1>{FAILED_TITLE}</h1>
                <Failed fetch />
            </div>
        }
        .into_any(),
        (ChunkStatus::Failed, Placement::Inline) => view! {
            <p class="field-note load-failed" role="alert">
                "This could not be loaded. "
                <button type="button" class="text-button retry-load" on:click=move |_| fetch.run(())>
                    "Try again"
                </button>
            </p>
        }
        .into_any(),
    }
    }
}

const FAILED_TITLE: &str = "This part of Hubbub could not be loaded";

/// The failure, for a view that would have been a dialog.
#[component]
fn FailedDialog(fetch: Callback<()>) -> impl IntoView {
    let title = Signal::derive(|| FAILED_TITLE.to_owned());
    view! {
        <Dialog handle=DialogHandle::new() class="load-failed" title>
            <Failed fetch />
        </Dialog>
    }
}

/// What can be done about it.
#[component]
fn Failed(fetch: Callback<()>) -> impl IntoView {
    view! {
        <p>
            "Check your connection and try again. If the server was updated since you opened this page, \
             reload the page."
        </p>
        <div class="notice-actions">
            <button type="button" class="button primary retry-load" on:click=move |_| fetch.run(())>
                "Try again"
            </button>
            <button type="button" class="button reload-page" on:click=move |_| page::reload()>
                "Reload the page"
            </button>
        </div>
    }
}

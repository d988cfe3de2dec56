//! Something that is fetched over HTTP when a page needs it.

use super::error_text::api_error_text;
use crate::api::ApiError;
use crate::platform::dom;
use leptos::prelude::*;
use leptos::task::spawn_local;
use std::future::Future;

/// What has come of it so far.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fetched<T> {
    /// On its way.
    Waiting,
    /// Here.
    Here(T),
    /// Not to be had, and why not, in words.
    Failed(String),
}

/// Owner of something that is fetched.
pub struct Loading<T: Send + Sync + 'static> {
    fetched: RwSignal<Fetched<T>>,
    note: RwSignal<Option<String>>,
}

impl<T: Send + Sync + 'static> Clone for Loading<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T: Send + Sync + 'static> Copy for Loading<T> {}

impl<T: Clone + Send + Sync + 'static> Loading<T> {
    /// Nothing is on its way yet.
    #[must_use]
    pub fn new() -> Self {
        Self {
            fetched: RwSignal::new(Fetched::Waiting),
            note: RwSignal::new(None),
        }
    }

    /// What there is, tracked.
    #[must_use]
    pub fn get(self) -> Fetched<T> {
        self.fetched.get()
    }

    /// Why the last change was not made, tracked.
    #[must_use]
    pub fn note(self) -> Option<String> {
        self.note.get()
    }

    /// Fetches it; what is here stays until the answer comes, and if that fails.
    pub fn fetch(self, fetching: impl Future<Output = Result<T, ApiError>> + 'static) {
        spawn_local(async move {
            let fetched = match fetching.await {
                Ok(value) => Fetched::Here(value),
                Err(error) => Fetched::Failed(api_error_text(&error)),
            };
            let keeps = matches!(fetched, Fetched::Failed(_))
                && self
                    .fetched
                    .try_with_untracked(|old| matches!(old, Fetched::Here(_)))
                    == Some(true);
            if !keeps {
                let _ = self.fetched.try_set(fetched);
            }
        });
    }

    /// Changes something over HTTP, and here once that is done. What the server will not have is
    /// noted.
    pub fn change<R>(
        self,
        acting: impl Future<Output = Result<R, ApiError>> + 'static,
        change: impl FnOnce(&mut T, R) + 'static,
    ) where
        R: 'static,
    {
        spawn_local(async move {
            match acting.await {
                Ok(answer) => {
                    let _ = self.note.try_set(None);
                    let focused = dom::focused_id();
                    let _ = self.fetched.try_update(|fetched| {
                        if let Fetched::Here(value) = fetched {
                            change(value, answer);
                        }
                    });
                    return_to(focused);
                }
                Err(error) => {
                    let _ = self.note.try_set(Some(api_error_text(&error)));
                    let focused = dom::focused_id();
                    // What is shown is drawn anew, as it still is.
                    self.fetched.try_update(|_| ());
                    return_to(focused);
                }
            }
        });
    }
}

/// Gives the keyboard back to where it was before things were drawn anew; where that is gone, to
/// the page.
fn return_to(id: Option<String>) {
    request_animation_frame(move || {
        if dom::focused_id().is_none() {
            dom::focus_id("main");
        }
        if let Some(id) = id {
            dom::focus_id(&id);
        }
    });
}

impl<T: Clone + Send + Sync + 'static> Default for Loading<T> {
    fn default() -> Self {
        Self::new()
    }
}

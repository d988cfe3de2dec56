//! Something that is fetched over HTTP when a view needs it.

use super::room_text::refusal;
use crate::api::ApiError;
use crate::platform::dom;
use leptos::prelude::*;
use leptos::task::spawn_local;
use std::future::Future;

/// How far the fetching has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FetchState<T> {
    /// On its way.
    Waiting,
    /// Here.
    Ready(T),
    /// Not to be had, and why not, in words.
    Failed(String),
}

/// Owner of something that is fetched.
pub struct Fetched<T: Send + Sync + 'static> {
    state: RwSignal<FetchState<T>>,
    note: RwSignal<Option<String>>,
}

impl<T: Send + Sync + 'static> Clone for Fetched<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T: Send + Sync + 'static> Copy for Fetched<T> {}

impl<T: Clone + Send + Sync + 'static> Fetched<T> {
    /// Nothing is on its way yet.
    #[must_use]
    pub fn new() -> Self {
        Self {
            state: RwSignal::new(FetchState::Waiting),
            note: RwSignal::new(None),
        }
    }

    /// What there is, tracked.
    #[must_use]
    pub fn get(self) -> FetchState<T> {
        self.state.get()
    }

    /// What was fetched, where it was; tracked.
    #[must_use]
    pub fn ready(self) -> Option<T> {
        match self.state.get() {
            FetchState::Ready(value) => Some(value),
            FetchState::Waiting | FetchState::Failed(_) => None,
        }
    }

    /// Why the last change was not made, tracked.
    #[must_use]
    pub fn note(self) -> Option<String> {
        self.note.get()
    }

    /// Fetches it; what is here stays until the answer comes, and if that fails.
    pub fn fetch(self, fetching: impl Future<Output = Result<T, ApiError>> + 'static) {
        spawn_local(async move {
            let state = match fetching.await {
                Ok(value) => FetchState::Ready(value),
                Err(error) => FetchState::Failed(refusal(&error)),
            };
            let keeps = matches!(state, FetchState::Failed(_))
                && self
                    .state
                    .try_with_untracked(|old| matches!(old, FetchState::Ready(_)))
                    == Some(true);
            if !keeps {
                let _ = self.state.try_set(state);
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
                    let _ = self.state.try_update(|state| {
                        if let FetchState::Ready(value) = state {
                            change(value, answer);
                        }
                    });
                    return_to(focused);
                }
                Err(error) => {
                    let _ = self.note.try_set(Some(refusal(&error)));
                    let focused = dom::focused_id();
                    // What is shown is drawn anew, as it still is.
                    self.state.try_update(|_| ());
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

impl<T: Clone + Send + Sync + 'static> Default for Fetched<T> {
    fn default() -> Self {
        Self::new()
    }
}

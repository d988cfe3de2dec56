//! Something that is asked of the server when it is looked at.

use super::room_text::refusal;
use crate::api::ApiError;
use leptos::prelude::*;
use leptos::task::spawn_local;
use std::future::Future;

/// What was fetched, or why not; nothing yet while the answer is on its way.
pub struct Fetched<T: Send + Sync + 'static>(RwSignal<Option<Result<T, String>>>);

impl<T: Send + Sync + 'static> Clone for Fetched<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T: Send + Sync + 'static> Copy for Fetched<T> {}

impl<T: Clone + Send + Sync + 'static> Fetched<T> {
    /// Nothing was asked yet.
    #[must_use]
    pub fn new() -> Self {
        Self(RwSignal::new(None))
    }

    /// Takes the answer in when it comes. What was there before stays until then.
    pub fn load(self, asked: impl Future<Output = Result<T, ApiError>> + 'static) {
        spawn_local(async move {
            let answer = asked.await.map_err(|error| refusal(&error));
            // Nobody may be looking any more.
            let _ = self.0.try_set(Some(answer));
        });
    }

    /// What was fetched, tracked.
    #[must_use]
    pub fn get(self) -> Option<Result<T, String>> {
        self.0.get()
    }

    /// What was fetched, where it was; tracked.
    #[must_use]
    pub fn ready(self) -> Option<T> {
        self.0.get()?.ok()
    }
}

impl<T: Clone + Send + Sync + 'static> Default for Fetched<T> {
    fn default() -> Self {
        Self::new()
    }
}

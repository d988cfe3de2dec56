//! A list whose items stay on the page while their keys do.
//!
//! Leptos compiles `For` anew for each type of item, some ten kilobytes each; this is one `For` for all
//! lists but the timeline.

use leptos::prelude::*;
use std::sync::Arc;

/// An item of a list.
#[derive(Clone)]
pub struct ListItem {
    key: String,
    view: Arc<dyn Fn() -> AnyView + Send + Sync>,
}

/// The items of these values. An item is drawn anew when its key is a new one.
pub fn list_items<T: Clone + Send + Sync + 'static>(
    values: Vec<T>,
    key: impl Fn(&T) -> String,
    view: impl Fn(T) -> AnyView + Clone + Send + Sync + 'static,
) -> Vec<ListItem> {
    values
        .into_iter()
        .map(|value| {
            let (key, view) = (key(&value), view.clone());
            let view = Arc::new(move || view(value.clone()));
            ListItem { key, view }
        })
        .collect()
}

/// The items, in their order.
#[component]
pub fn KeyedList(
    /// Called again when a signal that it reads changes.
    items: Arc<dyn Fn() -> Vec<ListItem> + Send + Sync>,
) -> impl IntoView {
    view! {
        <For
            each=move || items()
            key=|item| item.key.clone()
            children=|item: ListItem| (item.view)()
        />
    }
}

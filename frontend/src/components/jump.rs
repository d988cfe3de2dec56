//! The button that leads down to the newest messages.

use crate::components::icon::{Glyph, Icon};
use crate::state::stand::Stand;
use leptos::prelude::*;

/// The way down, for a reader who has scrolled up.
#[component]
pub fn Jump(
    /// How the timeline stands.
    stand: Memo<Stand>,
    /// Whether the newest row is in sight.
    at_bottom: RwSignal<bool>,
    /// Goes there.
    to_bottom: impl Fn() + Copy + Send + Sync + 'static,
) -> impl IntoView {
    let words = move || match stand.read().unread {
        0 => "Newest messages".to_owned(),
        1 => "1 new message".to_owned(),
        many => format!("{many} new messages"),
    };
    move || {
        (!at_bottom.get()).then(|| {
            view! {
                <button
                    type="button"
                    class="jump"
                    data-new=move || (stand.read().unread > 0).to_string()
                    on:click=move |_| to_bottom()
                >
                    <Icon glyph=Glyph::Down size=15 />
                    {words}
                </button>
            }
        })
    }
}

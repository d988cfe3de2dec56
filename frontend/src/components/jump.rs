//! The button that leads down to the newest messages.

use crate::components::icon::{Glyph, Icon};
use crate::components::scroll::Scroll;
use crate::state::stand::Stand;
use leptos::prelude::*;

/// The way down, for a reader who has scrolled up.
#[component]
pub fn Jump(
    /// How the timeline stands.
    stand: Memo<Stand>,
    /// Where it is.
    scroll: Scroll,
) -> impl IntoView {
    let words = move || match stand.read().unread {
        0 => "Newest messages".to_owned(),
        1 => "1 new message".to_owned(),
        many => format!("{many} new messages"),
    };
    move || {
        (!scroll.at_bottom.get()).then(|| {
            view! {
                <button
                    type="button"
                    class="jump"
                    data-new=move || (stand.read().unread > 0).to_string()
                    on:click=move |_| scroll.to_bottom()
                >
                    <Icon glyph=Glyph::Down size=15 />
                    {words}
                </button>
            }
        })
    }
}

//! The button that scrolls to the newest messages.

use crate::components::controls::icon::{Glyph, Icon};
use crate::components::timeline::scroll::Scroll;
use crate::state::timeline_status::TimelineStatus;
use leptos::prelude::*;

/// The way down, for a reader who has scrolled up.
#[component]
pub fn JumpToNewest(
    /// How the timeline stands.
    status: Memo<TimelineStatus>,
    /// Where it is.
    scroll: Scroll,
) -> impl IntoView {
    let words = move || match status.read().unread {
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
                    data-new=move || (status.read().unread > 0).to_string()
                    on:click=move |_| scroll.to_bottom()
                >
                    <Icon glyph=Glyph::Down size=15 />
                    {words}
                </button>
            }
        })
    }
}

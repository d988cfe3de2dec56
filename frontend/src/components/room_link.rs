//! A line of the sidebar that leads to a room.

use crate::components::icon::{Glyph, Icon};
use crate::state::navigator::{Navigator, room_path};
use common::text::RoomName;
use leptos::ev::MouseEvent;
use leptos::prelude::*;

/// A way to a room: a real link, so that it opens in a new tab as links do.
#[component]
pub fn RoomLink(
    /// The room.
    room: RoomName,
    /// Messages that were not seen.
    #[prop(optional)]
    unread: usize,
    /// People in it, where that is of interest.
    #[prop(default = None)]
    online: Option<usize>,
) -> impl IntoView {
    let navigator = expect_context::<Navigator>();
    let target = room.clone();
    let follow = move |event: MouseEvent| {
        let is_plain = event.button() == 0
            && !(event.ctrl_key() || event.meta_key() || event.shift_key() || event.alt_key());
        if is_plain {
            event.prevent_default();
            navigator.go(&target);
        }
    };
    let here = room.clone();
    view! {
        <li>
            <a
                class="room-link"
                href=room_path(&room)
                data-room=room.to_string()
                data-unread=(unread > 0).to_string()
                aria-current=move || (navigator.room().as_ref() == Some(&here)).then_some("page")
                on:click=follow
            >
                <Icon glyph=Glyph::Hash size=15 />
                <span class="name" dir="auto">{room.to_string()}</span>
                {(unread > 0).then(|| view! {
                    <span class="unread">
                        {if unread > 99 { "99+".to_owned() } else { unread.to_string() }}
                        <span class="unseen">" unread"</span>
                    </span>
                })}
                {online.filter(|&count| count > 0).map(|count| view! {
                    <span class="online">{count} <span class="unseen">" here"</span></span>
                })}
            </a>
        </li>
    }
}

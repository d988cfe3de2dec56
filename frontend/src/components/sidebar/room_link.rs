//! A room in the sidebar.

use crate::components::controls::room_icon::RoomIcon;
use crate::state::navigator::{Navigator, room_path};
use crate::state::room_context::RoomContext;
use crate::state::rooms::ServerRooms;
use common::text::RoomName;
use leptos::ev::MouseEvent;
use leptos::prelude::*;

/// A way to a room: a real link, so that it opens in a new tab as links do.
#[component]
pub fn RoomLink(
    /// The room.
    room: RoomName,
    /// Messages that were not seen.
    unread: usize,
    /// People in it, where that is of interest.
    online: Option<usize>,
    /// Whether the reader is not let in (any more).
    is_refused: bool,
) -> impl IntoView {
    let navigator = expect_context::<Navigator>();
    let rooms = expect_context::<ServerRooms>();
    let label = RoomContext::of(room.clone()).label;
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
    let news = room.clone();
    let is_fresh = Memo::new(move |_| unread == 0 && rooms.is_fresh(&news));
    view! {
        <li>
            <a
                class="room-link"
                href=room_path(&room)
                data-room=room.to_string()
                data-unread=move || (unread > 0 || is_fresh.get()).to_string()
                data-refused=is_refused.then_some("true")
                aria-current=move || (navigator.room().as_ref() == Some(&here)).then_some("page")
                on:click=follow
            >
                <RoomIcon label size=15 />
                <span class="name" dir="auto">{move || label.read().name().to_owned()}</span>
                {move || label.read().kind().map(|kind| view! { <span class="unseen">", "{kind}</span> })}
                {is_refused.then(|| view! { <span class="unseen">", no longer open to you"</span> })}
                {move || is_fresh.get().then(|| view! { <span class="unread">"New"</span> })}
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

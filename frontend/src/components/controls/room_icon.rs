//! The icon that shows the kind of a room.

use crate::components::controls::avatar::Avatar;
use crate::components::controls::icon::{Glyph, Icon};
use crate::state::room_label::RoomLabel;
use common::room::RoomKind;
use leptos::prelude::*;

/// A sign for a public room, a lock for a private one, the other one's label for a conversation.
#[component]
pub fn RoomIcon(
    /// The room.
    label: Memo<RoomLabel>,
    /// Its width and height in pixels.
    size: u32,
) -> impl IntoView {
    let shown = Memo::new(move |_| {
        let label = label.read();
        (label.door, label.with.clone())
    });
    move || match shown.get() {
        (RoomKind::Public, _) => view! { <Icon glyph=Glyph::Hash size /> }.into_any(),
        (RoomKind::Direct, Some(other)) => view! {
            <Avatar user=other.id name=other.name small=true />
        }
        .into_any(),
        (RoomKind::Private | RoomKind::Direct, _) => {
            view! { <Icon glyph=Glyph::Lock size /> }.into_any()
        }
    }
}

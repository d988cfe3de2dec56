//! The sign by which one tells what kind a room is.

use crate::components::avatar::Avatar;
use crate::components::icon::{Glyph, Icon};
use crate::state::face::Face;
use common::room::RoomKind;
use leptos::prelude::*;

/// A sign for a public room, a lock for a private one, the other one's face for a conversation.
#[component]
pub fn RoomMark(
    /// The room.
    face: Memo<Face>,
    /// Its width and height in pixels.
    size: u32,
) -> impl IntoView {
    let shown = Memo::new(move |_| {
        let face = face.read();
        (face.door, face.with.clone())
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

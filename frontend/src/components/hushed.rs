//! What stands in the place of the composer's field while the reader may not write.

use crate::components::icon::{Glyph, Icon};
use crate::state::hush::Hush;
use common::client::Millis;
use common::time::Timestamp;
use leptos::prelude::*;

/// Why the reader may not write.
#[component]
pub fn Hushed(
    /// Why.
    hush: Hush,
    /// The time.
    now: Millis,
    /// Whether something was begun, which is kept.
    has_draft: bool,
) -> impl IntoView {
    let glyph = match hush {
        Hush::Archived | Hush::Locked => Glyph::Lock,
        Hush::Muted { .. } | Hush::ReadOnly => Glyph::Info,
    };
    view! {
        <div class="hushed" data-why=hush.key() role="status">
            <Icon glyph />
            <p>
                {hush.words(Timestamp(now.0))}
                {has_draft.then_some(" What you had begun to write is kept.")}
            </p>
        </div>
    }
}

//! What replaces the composer while the user cannot write.

use crate::components::controls::icon::{Glyph, Icon};
use crate::state::write_block::WriteBlock;
use common::client::Millis;
use common::time::Timestamp;
use leptos::prelude::*;

/// Why the reader may not write.
#[component]
pub fn WriteBlocked(
    /// Why.
    write_block: WriteBlock,
    /// The time.
    now: Millis,
    /// Whether something was begun, which is kept.
    has_draft: bool,
) -> impl IntoView {
    let glyph = match write_block {
        WriteBlock::Archived | WriteBlock::Locked => Glyph::Lock,
        WriteBlock::Muted { .. } | WriteBlock::ReadOnly => Glyph::Info,
    };
    view! {
        <div class="hushed" data-why=write_block.key() role="status">
            <Icon glyph />
            <p>
                {write_block.words(Timestamp(now.0))}
                {has_draft.then_some(" Your draft is kept.")}
            </p>
        </div>
    }
}

//! The picker for reactions.

use crate::components::controls::icon::{Glyph, Icon};
use crate::components::controls::toolbar::Toolbar;
use crate::state::hub::Hub;
use crate::state::message_actions::MessageActions;
use crate::state::message_row::MessageRow;
use common::text::Emoji;
use leptos::ev::MouseEvent;
use leptos::prelude::*;

/// What one reacts with most, and how it is called.
const CHOICE: [(&str, &str); 8] = [
    ("👍", "Thumbs up"),
    ("❤️", "Heart"),
    ("😂", "Laughing"),
    ("🎉", "Celebration"),
    ("😮", "Surprise"),
    ("😢", "Sadness"),
    ("👀", "Looking"),
    ("✅", "Done"),
];

/// The palette.
#[component]
pub fn EmojiPicker(
    /// The message.
    shown: Memo<MessageRow>,
) -> impl IntoView {
    let actions = expect_context::<MessageActions>();
    let seq = shown.with_untracked(|shown| shown.message.seq);
    let choice = CHOICE
        .iter()
        .filter_map(|&(emoji, name)| Some((emoji.parse::<Emoji>().ok()?, name)));
    view! {
        <Toolbar class="palette" label="Choose a reaction" takes_keyboard=true>
            {choice.map(|(emoji, name)| view! { <Choice shown emoji name /> }).collect_view()}
            <button
                type="button"
                class="icon-button"
                aria-label="Close"
                title="Close"
                on:click=move |event| actions.close_and_return(seq, is_by_key(&event))
            >
                <Icon glyph=Glyph::Close size=16 />
            </button>
        </Toolbar>
    }
}

/// One of them. The reader's own are marked, and go away again.
#[component]
fn Choice(shown: Memo<MessageRow>, emoji: Emoji, name: &'static str) -> impl IntoView {
    let actions = expect_context::<MessageActions>();
    let me = expect_context::<Hub>().me().id;
    let (seq, text) = (
        shown.with_untracked(|shown| shown.message.seq),
        emoji.to_string(),
    );
    let (label, of) = (text.clone(), emoji.clone());
    let is_mine = move || shown.read().message.has_reaction(&of, &me).to_string();
    let choose = move |event: MouseEvent| {
        let message = shown.with_untracked(|shown| shown.message.clone());
        actions.toggle(&message, emoji.clone());
        actions.close_and_return(seq, is_by_key(&event));
    };
    view! {
        <button
            type="button"
            class="icon-button choice"
            data-emoji=label
            aria-label=name
            title=name
            aria-pressed=is_mine
            on:click=choose
        >
            {text}
        </button>
    }
}

/// Whether a button was pressed with a key: that also comes as a click, with no count.
#[must_use]
pub fn is_by_key(event: &MouseEvent) -> bool {
    event.detail() == 0
}

//! User text as text nodes and links, never as markup.

use crate::state::text_links::{Piece, pieces};
use leptos::prelude::*;

/// A text with its links.
#[component]
pub fn LinkedText(
    /// The text.
    text: String,
) -> impl IntoView {
    let views: Vec<AnyView> = pieces(&text)
        .into_iter()
        .map(|piece| match piece {
            Piece::Text(words) => words.to_owned().into_any(),
            Piece::Link(address) => view! {
                <a href=address.to_owned() target="_blank" rel="noopener noreferrer nofollow">
                    {address.to_owned()}
                </a>
            }
            .into_any(),
        })
        .collect();
    view! { <div class="rich-text" dir="auto">{views}</div> }
}

/// A message's data: its JSON, as it is.
#[component]
pub fn DataBlock(
    /// The JSON text.
    json: String,
) -> impl IntoView {
    view! { <pre class="data-block" aria-label="Data">{json}</pre> }
}

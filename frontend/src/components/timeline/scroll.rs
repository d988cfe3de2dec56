//! A timeline's scroll position.

use crate::platform::dom::{self, ScrollAnchor};
use leptos::html;
use leptos::prelude::*;

/// Owner of a timeline's place.
#[derive(Clone, Copy)]
pub struct Scroll {
    /// The element that scrolls.
    pub node: NodeRef<html::Div>,
    /// Whether the newest row is in sight.
    pub at_bottom: RwSignal<bool>,
    scroll_anchor: StoredValue<Option<ScrollAnchor>, LocalStorage>,
}

impl Scroll {
    /// At the newest row.
    #[must_use]
    pub fn new() -> Self {
        Self {
            node: NodeRef::new(),
            at_bottom: RwSignal::new(true),
            scroll_anchor: StoredValue::new_local(None),
        }
    }

    /// Goes to the newest row.
    pub fn to_bottom(self) {
        if let Some(node) = self.node.get_untracked() {
            dom::scroll_to_bottom(&node);
            self.at_bottom.set(true);
        }
    }

    /// Looks where the reader is; says whether that is near the oldest row.
    #[must_use]
    pub fn look(self) -> bool {
        let Some(node) = self.node.get_untracked() else {
            return false;
        };
        if self.at_bottom.get_untracked() != dom::is_at_bottom(&node) {
            self.at_bottom.update(|bottom| *bottom = !*bottom);
        }
        dom::is_near_top(&node)
    }

    /// Takes in that the rows have changed: stays at the newest one, or goes there when the reader
    /// `has_sent` one, or keeps what is on the screen in its place. Says whether the timeline is
    /// still on the page.
    #[must_use]
    pub fn settle(self, has_sent: bool) -> bool {
        let Some(node) = self.node.try_get_untracked().flatten() else {
            return false;
        };
        if has_sent || self.at_bottom.get_untracked() {
            dom::scroll_to_bottom(&node);
        } else if let Some(scroll_anchor) = self.scroll_anchor.get_value() {
            dom::restore_scroll(&node, &scroll_anchor);
        }
        self.scroll_anchor.set_value(dom::scroll_anchor(&node));
        true
    }
}

impl Default for Scroll {
    fn default() -> Self {
        Self::new()
    }
}

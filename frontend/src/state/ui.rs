//! The state of the interface: drawers, dialogs, theme, current time.

use super::saved_state;
use crate::platform::{clock, page};
use common::time::Timestamp;
use common::user::User;
use leptos::prelude::*;
use std::time::Duration;

/// A panel that lies over the conversation on a small screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Drawer {
    /// The list of rooms.
    Rooms,
    /// Who is here.
    MemberPanel,
}

/// A leaf of the dialog about a room.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RoomLeaf {
    /// What it is.
    About,
    /// What holds there.
    Settings,
    /// Who is a member, or looks after it.
    Members,
    /// By which links people may come in.
    Invitations,
    /// Who is banned or muted.
    Sanctions,
}

/// A dialog over the page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DialogKind {
    /// Create or join a room.
    Room,
    /// The room the reader is in.
    About(RoomLeaf),
    /// Somebody, in the room the reader is in.
    Person(User),
    /// Announce something to everyone.
    Announce,
    /// Sign out although something is unsent.
    SignOut,
}

/// Light, dark, or as the system is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Theme {
    /// As the system is.
    Auto,
    /// Always light.
    Light,
    /// Always dark.
    Dark,
}

impl Theme {
    /// The attribute that `tokens.css` looks for.
    #[must_use]
    pub fn attribute(self) -> Option<&'static str> {
        match self {
            Self::Auto => None,
            Self::Light => Some("light"),
            Self::Dark => Some("dark"),
        }
    }

    /// The next one in the round that a button makes.
    #[must_use]
    pub fn next(self) -> Self {
        match self {
            Self::Auto => Self::Light,
            Self::Light => Self::Dark,
            Self::Dark => Self::Auto,
        }
    }

    fn remembered() -> Self {
        match saved_state::theme().as_deref() {
            Some("light") => Self::Light,
            Some("dark") => Self::Dark,
            _ => Self::Auto,
        }
    }
}

/// Owner of all this.
#[derive(Clone, Copy)]
pub struct Ui {
    /// The open drawer.
    pub drawer: RwSignal<Option<Drawer>>,
    /// The open dialog.
    pub dialog: RwSignal<Option<DialogKind>>,
    /// Whether the people stand beside the conversation where there is room.
    pub people_open: RwSignal<bool>,
    /// The theme.
    pub theme: RwSignal<Theme>,
    /// Whether the window has room for three columns.
    pub wide: RwSignal<bool>,
    /// Whether the reader can see the page: its tab is in front.
    pub visible: RwSignal<bool>,
    /// The time, to the minute: day lines change at midnight.
    pub minute: RwSignal<Timestamp>,
}

impl Ui {
    /// The page as it was left, with its drawers closed.
    #[must_use]
    pub fn new() -> Self {
        let ui = Self {
            drawer: RwSignal::new(None),
            dialog: RwSignal::new(None),
            people_open: RwSignal::new(saved_state::people_open()),
            theme: RwSignal::new(Theme::remembered()),
            wide: RwSignal::new(page::is_wide()),
            visible: RwSignal::new(page::is_visible()),
            minute: RwSignal::new(clock::timestamp()),
        };
        let tick = move || ui.minute.set(clock::timestamp());
        if let Ok(timer) = set_interval_with_handle(tick, Duration::from_secs(60)) {
            on_cleanup(move || timer.clear());
        }
        let turned = window_event_listener_untyped("visibilitychange", move |_| {
            ui.visible.set(page::is_visible());
        });
        let resized = window_event_listener_untyped("resize", move |_| ui.resize());
        on_cleanup(move || {
            turned.remove();
            resized.remove();
        });
        Effect::new(move |_| page::set_root_attribute("data-theme", ui.theme.get().attribute()));
        ui
    }

    /// Takes in the window's new size. A drawer that has become a column closes.
    fn resize(self) {
        if self.wide.get_untracked() != page::is_wide() {
            self.wide.set(page::is_wide());
        }
        let is_column = match self.drawer.get_untracked() {
            Some(Drawer::Rooms) => !page::is_small(),
            Some(Drawer::MemberPanel) => page::is_wide(),
            None => false,
        };
        if is_column {
            self.drawer.set(None);
        }
    }

    /// Chooses the next theme.
    pub fn next_theme(self) {
        self.theme.update(|theme| *theme = theme.next());
        saved_state::set_theme(self.theme.get_untracked().attribute());
    }

    /// Shows or hides the people: as a column where there is room, as a drawer elsewhere.
    pub fn toggle_people(self) {
        if page::is_wide() {
            self.people_open.update(|open| *open = !*open);
            saved_state::set_people_open(self.people_open.get_untracked());
        } else {
            let is_open = self.drawer.get_untracked() == Some(Drawer::MemberPanel);
            self.drawer.set((!is_open).then_some(Drawer::MemberPanel));
        }
    }

    /// Opens a dialog; a drawer it was opened from closes.
    pub fn ask(self, dialog: DialogKind) {
        self.drawer.set(None);
        self.dialog.set(Some(dialog));
    }
}

impl Default for Ui {
    fn default() -> Self {
        Self::new()
    }
}

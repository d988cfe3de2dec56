//! What the reader is about to do with a message of the room: which one's toolbar is there, what
//! is open on it, and the edit that was begun. It stands apart from the rows, because those are
//! drawn anew when the log changes.

use crate::platform::{dom, page};
use crate::state::hub::Hub;
use crate::state::message_row::last_own;
use crate::state::reactor_names::ReactorNames;
use crate::state::room_context::RoomContext;
use common::client::{Command, RoomPart, RoomView};
use common::event::MessagePosted;
use common::ids::Seq;
use common::text::{Emoji, RoomName};
use leptos::prelude::*;

/// What is open on a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Panel {
    /// The toolbar.
    Menu,
    /// The reactions to choose from.
    EmojiPicker,
    /// The question whether it is to be deleted.
    Confirm,
    /// The field to edit it in.
    Edit,
}

/// Owner of all this, for one room.
#[derive(Clone, Copy)]
pub struct MessageActions {
    hub: Hub,
    room: StoredValue<RoomName>,
    /// What the reader may do in the room.
    pub context: RoomContext,
    /// The message under the pointer.
    hovered: RwSignal<Option<Seq>>,
    open: RwSignal<Option<(Seq, Panel)>>,
    editing: RwSignal<Option<Seq>>,
    /// The message at which the Tab key enters the timeline.
    at: RwSignal<Option<Seq>>,
    /// The words of the edit that was begun.
    pub words: RwSignal<String>,
    /// Who is who.
    pub names: Memo<ReactorNames>,
}

impl MessageActions {
    /// Nothing is open in this room.
    #[must_use]
    pub fn new(hub: Hub, room: RoomName) -> Self {
        let context = RoomContext::of(room.clone());
        let room = StoredValue::new(room);
        let names = Memo::new(move |_| {
            room.with_value(|room| hub.with_room(room, ReactorNames::PARTS, ReactorNames::of))
                .unwrap_or_default()
        });
        let actions = Self {
            hub,
            room,
            context,
            hovered: RwSignal::new(None),
            open: RwSignal::new(None),
            editing: RwSignal::new(None),
            at: RwSignal::new(None),
            words: RwSignal::new(String::new()),
            names,
        };
        actions.close_on_press_elsewhere();
        actions
    }

    /// The room.
    #[must_use]
    pub fn room(self) -> RoomName {
        self.room.get_value()
    }

    /// Reads the room's timeline, tracked; nothing while it is not open.
    pub fn read<T>(self, look: impl FnOnce(RoomView<'_>) -> T) -> Option<T> {
        self.room
            .with_value(|room| self.hub.with_room(room, &[RoomPart::Timeline], look))
    }

    /// What is open on a message, tracked. Under the pointer that is the toolbar, unless something
    /// else is open elsewhere.
    #[must_use]
    pub fn panel(self, seq: Seq) -> Option<Panel> {
        if self.editing.get() == Some(seq) {
            return Some(Panel::Edit);
        }
        match self.open.get() {
            Some((open, panel)) => (open == seq).then_some(panel),
            None => (self.hovered.get() == Some(seq)).then_some(Panel::Menu),
        }
    }

    /// Whether a toolbar was asked for, and is not merely under the pointer; tracked.
    #[must_use]
    pub fn is_open(self, seq: Seq) -> bool {
        self.open.get().is_some_and(|(open, _)| open == seq)
    }

    /// The pointer has come to a message, or has left it.
    pub fn hover(self, seq: Seq, is_there: bool) {
        if is_there {
            self.hovered.set(Some(seq));
        } else if self.hovered.get_untracked() == Some(seq) {
            self.hovered.set(None);
        }
    }

    /// Opens something on a message, in place of what is open.
    pub fn open(self, seq: Seq, panel: Panel) {
        self.open.set(Some((seq, panel)));
    }

    /// Closes what is open, save the field of an edit.
    pub fn close(self) {
        if self.open.get_untracked().is_some() {
            self.open.set(None);
        }
    }

    /// Closes what is open, and gives the keyboard to where the reader goes on: a key leads on from
    /// the message, a pointer back to writing.
    pub fn close_and_return(self, seq: Seq, by_key: bool) {
        self.close();
        if by_key {
            return_to(more_id(seq));
        } else if page::has_pointer() {
            return_to("composer-text".to_owned());
        }
    }

    fn close_on_press_elsewhere(self) {
        let listener = window_event_listener(leptos::ev::pointerdown, move |event| {
            if self.open.get_untracked().is_some()
                && !dom::is_inside(&event, ".message-acts, .confirm")
            {
                self.close();
            }
        });
        on_cleanup(move || listener.remove());
    }

    /// Begins to edit a message. An edit that was begun before is not lost: it is led to instead.
    pub fn edit(self, seq: Seq, words: &str) {
        self.close();
        match self.editing.get_untracked() {
            Some(begun) => dom::focus_id(&edit_id(begun)),
            None => {
                self.words.set(words.to_owned());
                self.editing.set(Some(seq));
            }
        }
    }

    /// Begins to edit the reader's last message. Says whether there is one.
    #[must_use]
    pub fn edit_last(self) -> bool {
        let me = self.hub.me().id;
        let may = |action| untrack(|| self.context.may(action));
        let find = |view: RoomView<'_>| {
            last_own(view.message_views().map(|shown| shown.message), &me, may)
        };
        let last = untrack(|| self.read(find)).flatten();
        if let Some((seq, words)) = &last {
            self.edit(*seq, words);
        }
        last.is_some()
    }

    /// Ends an edit that has left nothing: then the message is to be deleted, perhaps.
    pub fn ask_deletion(self, seq: Seq) {
        self.editing.set(None);
        self.open(seq, Panel::Confirm);
    }

    /// Ends an edit, and gives the keyboard back.
    pub fn end_edit(self, seq: Seq) {
        if self.editing.get_untracked() == Some(seq) {
            self.editing.set(None);
            let writes_on = page::has_pointer();
            return_to(if writes_on {
                "composer-text".to_owned()
            } else {
                more_id(seq)
            });
        }
    }

    /// Puts a reaction of the reader's to a message, or takes it away.
    pub fn toggle(self, message: &MessagePosted, emoji: Emoji) {
        let on = !message.has_reaction(&emoji, &self.hub.me().id);
        self.hub.send(Command::React {
            room: self.room(),
            target: message.seq,
            emoji,
            on,
        });
    }

    /// The Tab key enters the timeline here from now on.
    pub fn set_focus_target(self, seq: Seq) {
        self.at.set(Some(seq));
    }

    /// Where the Tab key enters the timeline, tracked: at the message where it last was, else at
    /// the newest.
    #[must_use]
    pub fn toolbar_entry(self) -> Option<Seq> {
        let at = self.at.get();
        let find = |view: RoomView<'_>| {
            let is_there = |seq: &Seq| {
                view.message_view(*seq)
                    .is_some_and(|one| !one.message.deleted)
            };
            let newest = || view.message_views().rev().find(|one| !one.message.deleted);
            at.filter(is_there)
                .or_else(|| newest().map(|one| one.message.seq))
        };
        self.read(find).flatten()
    }
}

/// Gives an element the keyboard once the page is drawn: until then it may not be there, and what
/// goes away would take the keyboard with it.
fn return_to(id: String) {
    request_animation_frame(move || dom::focus_id(&id));
}

/// The id of the button that opens a message's toolbar.
#[must_use]
pub fn more_id(seq: Seq) -> String {
    format!("more-{seq}")
}

/// The id of the field in which a message is edited.
#[must_use]
pub fn edit_id(seq: Seq) -> String {
    format!("edit-{seq}")
}

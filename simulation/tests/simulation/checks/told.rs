//! What a client says has changed and has happened: all of it, and nothing in silence.

use super::Seen;
use common::client::{Change, Effect, OnlineUsers, RoomPart, RoomStatus, RoomView};
use common::ids::{Epoch, Seq};
use common::room::RoomSettings;
use common::text::RoomName;
use std::collections::BTreeSet;

/// What a client has said in one step.
#[derive(Default)]
pub(crate) struct Told {
    changed: BTreeSet<(RoomName, RoomPart)>,
    /// Events and cursors, in order.
    followed: Vec<(RoomName, Followed)>,
}

enum Followed {
    Event(Seq),
    Cursor(Epoch, Seq),
}

impl Told {
    /// Takes in an effect that is of this kind, and gives back any other.
    pub(crate) fn take(&mut self, effect: Effect) -> Option<Effect> {
        match effect {
            Effect::Changed(Change::Room { room, part }) => {
                self.changed.insert((room, part));
            }
            Effect::Changed(Change::Announcements) => {
                let parts = RoomPart::ALL.map(|part| (RoomName::broadcast(), part));
                self.changed.extend(parts);
            }
            Effect::Changed(Change::Connection | Change::Rooms | Change::RoomList) => {}
            Effect::Event { room, seq, .. } => self.followed.push((room, Followed::Event(seq))),
            Effect::CursorSet { room, epoch, after } => {
                self.followed.push((room, Followed::Cursor(epoch, after)));
            }
            other => return Some(other),
        }
        None
    }

    pub(crate) fn has_changed(&self, room: &RoomName, part: RoomPart) -> bool {
        self.changed.contains(&(room.clone(), part))
    }
}

/// What a view showed beside its messages, and how far its events went.
#[derive(Default)]
pub(super) struct LastTold {
    status: Option<RoomStatus>,
    settings: Option<RoomSettings>,
    presence: OnlineUsers,
    unread: usize,
    cursor: Option<(Epoch, Seq)>,
}

impl Seen {
    /// Each part that is not as it was has been named, and the events reach as far as the view.
    pub(super) fn check_told(&mut self, told: &Told, view: &RoomView<'_>, is_new: bool) {
        let name = view.name();
        let last = &mut self.told;
        let named = |part| is_new || told.has_changed(name, part);
        if last.status.as_ref() != Some(view.state()) {
            assert!(named(RoomPart::Status), "{name}: a silent status");
            last.status = Some(view.state().clone());
        }
        if last.settings.as_ref() != view.settings() {
            assert!(named(RoomPart::Settings), "{name}: silent settings");
            last.settings = view.settings().cloned();
        }
        if last.presence != *view.presence() {
            assert!(named(RoomPart::Presence), "{name}: a silent presence");
            last.presence = view.presence().clone();
        }
        if last.unread != view.unread() {
            let named = named(RoomPart::ReadMarker) || named(RoomPart::Timeline);
            assert!(named, "{name}: read in silence");
            last.unread = view.unread();
        }
        for (_, followed) in told.followed.iter().filter(|(room, _)| room == name) {
            match (followed, &mut last.cursor) {
                (Followed::Cursor(epoch, after), cursor) => *cursor = Some((epoch.clone(), *after)),
                (Followed::Event(seq), Some((_, last))) => {
                    assert!(seq > last, "{name}: {seq} was told behind {last}");
                    *last = *seq;
                }
                (Followed::Event(seq), None) => panic!("{name}: {seq} of no log"),
            }
        }
        let shown = view.log_position();
        let told = last.cursor.as_ref().map(|(epoch, seq)| (epoch, *seq));
        assert_eq!(told, shown, "{name}: told up to another place than shown");
    }
}

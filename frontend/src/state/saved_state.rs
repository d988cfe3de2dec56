//! What the browser remembers from one visit to the next, key by key. Rooms, drafts and what is
//! unsent belong to a user and are forgotten with the session; the rest belongs to the browser.

use super::room_label::RoomLabel;
use crate::platform::{clock, storage};
use common::client::OutboxEntry;
use common::ids::{RequestId, Seq, UserId};
use common::text::RoomName;
use common::time::Timestamp;
use serde::{Deserialize, Serialize};

const ROOMS: &str = "rooms";
const LAST_ROOM: &str = "last-room";
const ROOM_LABELS: &str = "faces";
const DRAFT: &str = "draft.";
const OUTBOX: &str = "outbox.";
const DISMISSED: &str = "dismissed";
const PEOPLE: &str = "people";
const THEME: &str = "theme";
/// Whose rooms and drafts are remembered.
const OWNER: &str = "owner";
/// Changes when somebody comes or goes, for the other tabs to notice. It says nothing else.
const SESSION: &str = "session";

/// The rooms the reader is in; nothing on the first visit.
#[must_use]
pub fn rooms() -> Option<Vec<RoomName>> {
    storage::load(ROOMS)
}

/// Remembers the rooms the reader is in.
pub fn set_rooms(rooms: &[RoomName]) {
    storage::save(ROOMS, &rooms);
}

/// The room the reader was in last.
#[must_use]
pub fn last_room() -> Option<RoomName> {
    storage::load(LAST_ROOM)
}

/// Remembers the room the reader is in.
pub fn set_last_room(room: &RoomName) {
    storage::save(LAST_ROOM, room);
}

/// Forgets which room the reader was in last.
pub fn forget_last_room() {
    storage::remove(LAST_ROOM);
}

/// What the rooms are called that have no name of their own, as they were last seen.
#[must_use]
pub fn room_labels() -> Vec<RoomLabel> {
    storage::load(ROOM_LABELS).unwrap_or_default()
}

/// Remembers what they are called.
pub fn set_room_labels(room_labels: &[RoomLabel]) {
    storage::save(ROOM_LABELS, &room_labels);
}

/// What was begun and not sent in a room.
#[must_use]
pub fn draft(room: &RoomName) -> String {
    storage::load(&format!("{DRAFT}{room}")).unwrap_or_default()
}

/// Remembers what was begun in a room.
pub fn set_draft(room: &RoomName, text: &str) {
    let key = format!("{DRAFT}{room}");
    if text.is_empty() {
        storage::remove(&key);
    } else {
        storage::save(&key, &text);
    }
}

/// An unsent message, and whose it is.
#[derive(Serialize, Deserialize)]
struct Unsent {
    user: UserId,
    entry: OutboxEntry,
}

/// What this user left unsent. What another left here, whose session has lapsed, is forgotten.
#[must_use]
pub fn outbox(user: &UserId) -> Vec<OutboxEntry> {
    let mut entries = Vec::new();
    for key in storage::keys(OUTBOX) {
        match storage::load::<Unsent>(&key) {
            Some(unsent) if unsent.user == *user => entries.push(unsent.entry),
            _ => storage::remove(&key),
        }
    }
    entries
}

/// Remembers an unsent message of this user's.
pub fn put_unsent(user: &UserId, entry: OutboxEntry) {
    let key = format!("{OUTBOX}{}", entry.id);
    storage::save(
        &key,
        &Unsent {
            user: user.clone(),
            entry,
        },
    );
}

/// Forgets a message that was sent or discarded.
pub fn remove_unsent(id: &RequestId) {
    storage::remove(&format!("{OUTBOX}{id}"));
}

/// The message that a key was kept for, when another tab has removed it.
#[must_use]
pub fn unsent_id(key: &str) -> Option<RequestId> {
    key.strip_prefix(OUTBOX)?.parse().ok()
}

/// The newest announcement the reader has put away: its time (which tells two lives of the log
/// apart) and place.
#[must_use]
pub fn dismissed() -> Option<(Timestamp, Seq)> {
    storage::load(DISMISSED)
}

/// Remembers the newest announcement that was put away.
pub fn set_dismissed(announcement: (Timestamp, Seq)) {
    storage::save(DISMISSED, &announcement);
}

/// Whether the people stand beside the conversation where there is room for them.
#[must_use]
pub fn people_open() -> bool {
    storage::load(PEOPLE).unwrap_or(true)
}

/// Remembers whether they do.
pub fn set_people_open(open: bool) {
    storage::save(PEOPLE, &open);
}

/// The theme the reader chose.
#[must_use]
pub fn theme() -> Option<String> {
    storage::load(THEME)
}

/// Remembers the theme, or that the system decides.
pub fn set_theme(theme: Option<&str>) {
    match theme {
        Some(theme) => storage::save(THEME, &theme),
        None => storage::remove(THEME),
    }
}

/// Makes the memory this user's: what another one left here, whose session has ended, is forgotten.
/// Who comes back finds everything as it was.
pub fn set_owner(user: &UserId) {
    let owner: Option<UserId> = storage::load(OWNER);
    if owner.is_some_and(|owner| owner != *user) {
        forget_user();
    }
    storage::save(OWNER, user);
}

/// Whether a key is the one by which tabs tell each other that somebody has come or gone.
#[must_use]
pub fn is_session(key: &str) -> bool {
    key == SESSION
}

/// Tells the other tabs that somebody has come or gone.
pub fn tell_session_changed() {
    // Only a change is told: it must differ from what is there.
    storage::save(SESSION, &clock::random().to_string());
}

/// Whether somebody's messages wait here to be sent.
#[must_use]
pub fn has_unsent() -> bool {
    !storage::keys(OUTBOX).is_empty()
}

/// Forgets what belongs to the user.
pub fn forget_user() {
    for key in [ROOMS, LAST_ROOM, ROOM_LABELS, OWNER] {
        storage::remove(key);
    }
    for key in storage::keys(DRAFT)
        .into_iter()
        .chain(storage::keys(OUTBOX))
    {
        storage::remove(&key);
    }
}

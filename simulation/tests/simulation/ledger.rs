//! What became of everything that anybody ever sent.

use crate::log::{Event, What};
use common::client::{OutboxAction, OutboxEntry};
use common::ids::{RequestId, UserId};
use common::text::RoomName;
use std::collections::BTreeMap;

#[derive(Default)]
pub(crate) struct Ledger {
    fates: BTreeMap<RequestId, Fate>,
    queues: BTreeMap<(usize, RoomName), u64>,
}

#[derive(Debug)]
pub(crate) struct Fate {
    pub(crate) peer: usize,
    pub(crate) user: UserId,
    pub(crate) room: RoomName,
    pub(crate) action: OutboxAction,
    /// Its place among what this client has sent to this room.
    pub(crate) place: u64,
    /// It was refused, retried or discarded: it has lost its place.
    pub(crate) loose: bool,
    pub(crate) discarded: bool,
    /// A reaction that was taken back before it was sent.
    pub(crate) undone: bool,
    /// The life of the server's disk in which it was confirmed.
    pub(crate) confirmed: Option<usize>,
    /// It was confirmed as what the log says anyway.
    pub(crate) said: bool,
}

impl Ledger {
    pub(crate) fn get(&self, id: &RequestId) -> Option<&Fate> {
        self.fates.get(id)
    }

    pub(crate) fn fate(&mut self, id: &RequestId) -> &mut Fate {
        let fate = self.fates.get_mut(id);
        fate.unwrap_or_else(|| panic!("nobody ever sent {id}"))
    }

    pub(crate) fn all(&self) -> impl Iterator<Item = (&RequestId, &Fate)> {
        self.fates.iter()
    }

    /// The client has put this into its outbox. Says whether it was new.
    pub(crate) fn put(&mut self, peer: usize, user: &UserId, entry: &OutboxEntry) -> bool {
        if let Some(fate) = self.fates.get_mut(&entry.id) {
            fate.loose = true;
            return false;
        }
        let place = self.queues.entry((peer, entry.room.clone())).or_default();
        *place += 1;
        let fate = Fate {
            peer,
            user: user.clone(),
            room: entry.room.clone(),
            action: entry.action.clone(),
            place: *place,
            loose: false,
            discarded: false,
            undone: false,
            confirmed: None,
            said: false,
        };
        self.fates.insert(entry.id.clone(), fate);
        true
    }
}

/// Whether an event is what somebody asked for.
pub(crate) fn is_asked(what: &What, action: &OutboxAction) -> bool {
    match (what, action) {
        (What::Message(text), OutboxAction::Message { content, .. }) => {
            content.as_ref() == Some(text)
        }
        (
            What::Edit(at, text),
            OutboxAction::Edit {
                target, content, ..
            },
        ) => at == target && content.as_ref() == Some(text),
        (What::Delete(at), OutboxAction::Delete { target, .. }) => at == target,
        (
            What::React(at, what, now),
            OutboxAction::React {
                target, emoji, on, ..
            },
        ) => (at, what, now) == (target, emoji, on),
        _ => false,
    }
}

/// Whether the event says already what this reaction is to say.
pub(crate) fn says(event: &Event, user: &UserId, action: &OutboxAction) -> bool {
    matches!(action, OutboxAction::React { .. })
        && event.user.id == *user
        && is_asked(&event.what, action)
}

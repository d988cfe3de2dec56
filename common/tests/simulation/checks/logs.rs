//! What the server has stored: each send once, and a client's sends in their order.

use crate::ledger::Ledger;
use crate::log::{Event, What};
use crate::server::Server;
use common::client::OutboxAction;
use common::ids::{RequestId, Seq, UserId};
use common::text::RoomName;
use std::collections::{BTreeMap, BTreeSet};

/// What is known of the log of this life of the server's disk.
#[derive(Default)]
pub(crate) struct Logs {
    stored: BTreeSet<(UserId, RequestId)>,
    /// The last of each client's sends, per room.
    queues: BTreeMap<(usize, RoomName), u64>,
}

impl Logs {
    /// Looks at what was stored since the last time.
    pub(crate) fn check(&mut self, server: &mut Server, ledger: &Ledger) {
        for (room, seq) in std::mem::take(&mut server.fresh) {
            self.stored(server, ledger, &room, seq);
        }
    }

    fn stored(&mut self, server: &Server, ledger: &Ledger, room: &RoomName, seq: Seq) {
        let event = server.store().log(room).event(seq).expect("it is new");
        let Some(id) = &event.id else {
            return;
        };
        let is_new = self.stored.insert((event.user.id.clone(), id.clone()));
        assert!(is_new, "{id} is stored twice");
        let fate = ledger.get(id);
        let fate = fate.unwrap_or_else(|| panic!("nobody ever sent {id}"));
        assert!(
            fate.room == *room && is_asked(&event.what, &fate.action),
            "{id} is not what was sent"
        );
        let log = fate.action.target().map(|(epoch, _)| epoch);
        assert!(
            log.is_none_or(|epoch| *epoch == server.store().epoch),
            "{id} changes a message of another log"
        );
        // The other tab may have sent what this one took back.
        assert!(!fate.undone || fate.peer < 2, "{id} was taken back");
        let revived = fate.confirmed.is_some_and(|life| life < server.life());
        if fate.loose || revived {
            return;
        }
        let queue = self.queues.entry((fate.peer, room.clone())).or_default();
        assert!(fate.place > *queue, "{id} is stored out of order in {room}");
        *queue = fate.place;
    }

    /// The disk is another, with less on it.
    pub(crate) fn restored(&mut self, server: &Server) {
        self.queues.clear();
        let events = server.store().logs().flat_map(|(_, log)| log.events());
        let ids = events.filter_map(|(_, event)| Some((event.user.id.clone(), event.id.clone()?)));
        self.stored = ids.collect();
    }
}

fn is_asked(what: &What, action: &OutboxAction) -> bool {
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

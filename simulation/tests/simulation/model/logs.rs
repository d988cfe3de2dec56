//! What the model has stored: each send once, and a client's sends in their order.

use super::server::ModelServer;
use crate::checks::SendOrder;
use crate::ledger::Ledger;
use common::ids::{RequestId, UserId};
use std::collections::BTreeSet;

/// What is known of the log of this life of the server's disk.
#[derive(Default)]
pub(super) struct Logs {
    stored: BTreeSet<(UserId, RequestId)>,
    order: SendOrder,
}

impl Logs {
    /// Looks at what was stored since the last time.
    pub(super) fn check(&mut self, server: &mut ModelServer, ledger: &Ledger) {
        for (room, seq) in std::mem::take(&mut server.fresh) {
            let life = &server.store().life;
            let event = life.log(&room).event(seq).expect("it is new");
            if let Some(id) = event.id.clone() {
                let is_new = self.stored.insert((event.user.id.clone(), id.clone()));
                assert!(is_new, "{id} is stored twice");
            }
            self.order.stored((life, server.life()), &room, seq, ledger);
        }
    }

    /// The disk is another, with less on it.
    pub(super) fn restored(&mut self, server: &ModelServer) {
        self.order.restored();
        let events = server.store().life.logs().flat_map(|(_, log)| log.events());
        let ids = events.filter_map(|(_, event)| Some((event.user.id.clone(), event.id.clone()?)));
        self.stored = ids.collect();
    }
}

//! What is stored is what somebody sent, and a client's sends are stored in their order.

use crate::ledger::{Ledger, is_asked};
use crate::life::Life;
use common::ids::Seq;
use common::text::RoomName;
use std::collections::BTreeMap;

/// The last of each client's sends, per room, in the present life of the room's log.
#[derive(Default)]
pub(crate) struct SendOrder {
    queues: BTreeMap<(usize, RoomName), u64>,
}

impl SendOrder {
    /// An event is new in the log of this life, which has this number.
    pub(crate) fn stored(
        &mut self,
        (life, number): (&Life, usize),
        room: &RoomName,
        seq: Seq,
        ledger: &Ledger,
    ) {
        let event = life.log(room).event(seq).expect("it is new");
        let Some(id) = &event.id else {
            // It was there before the first client.
            return;
        };
        let fate = ledger.get(id);
        let fate = fate.unwrap_or_else(|| panic!("nobody ever sent {id}"));
        assert!(
            fate.room == *room && fate.user == event.user.id && is_asked(&event.what, &fate.action),
            "{id} is not what was sent"
        );
        let log = fate.action.target().map(|(epoch, _)| epoch);
        assert!(
            log.is_none_or(|epoch| *epoch == life.epoch),
            "{id} changes a message of another log"
        );
        // The other tab may have sent what this one took back.
        assert!(!fate.undone || fate.peer < 2, "{id} was taken back");
        let is_revived = fate.confirmed.is_some_and(|life| life < number);
        if fate.loose || is_revived {
            return;
        }
        let queue = self.queues.entry((fate.peer, room.clone())).or_default();
        assert!(fate.place > *queue, "{id} is stored out of order in {room}");
        *queue = fate.place;
    }

    /// The disk is another, with less on it.
    pub(crate) fn restored(&mut self) {
        self.queues.clear();
    }

    /// A room's log has begun anew.
    pub(crate) fn forget(&mut self, room: &RoomName) {
        self.queues.retain(|(_, queue), _| queue != room);
    }
}

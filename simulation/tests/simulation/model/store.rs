//! The model server's disk: one life of it, from its beginning or from the backup it began as.

use crate::life::Life;
use crate::log::{Event, What};
use common::ErrorCode;
use common::ids::{Epoch, RequestId, Seq, UserId};
use common::text::RoomName;
use common::time::Timestamp;
use common::user::User;
use std::collections::BTreeMap;

#[derive(Clone)]
pub(super) struct Store {
    pub(super) life: Life,
    /// How far users have read.
    markers: BTreeMap<(UserId, RoomName), Seq>,
}

/// What became of a send: its place, and whether that was its place before.
pub(super) type Placed = Result<(Seq, bool), ErrorCode>;

fn epoch(number: usize) -> Epoch {
    format!("e{number}").parse().unwrap()
}

/// The server's clock: a second for each event of a room.
fn seconds(seq: Seq) -> Timestamp {
    Timestamp(seq.0 * 1000)
}

impl Store {
    pub(super) fn new() -> Self {
        Self {
            life: Life::new(epoch(1), seconds),
            markers: BTreeMap::new(),
        }
    }

    /// A backup is opened: it knows that it is a copy. Markers of another epoch are none.
    pub(super) fn reopened(mut self, number: usize) -> Self {
        self.life = self.life.reopened(epoch(number));
        self.markers.clear();
        self
    }

    pub(super) fn append(
        &mut self,
        user: &User,
        id: Option<RequestId>,
        room: &RoomName,
        what: What,
        dedup: bool,
    ) -> Placed {
        let known = id.as_ref().and_then(|id| self.life.find(&user.id, id));
        if let Some((_, seq)) = known
            && dedup
        {
            return Ok((seq, true));
        }
        let user = user.clone();
        self.life.append(room, Event { user, id, what })
    }

    pub(super) fn marker(&self, user: &UserId, room: &RoomName) -> Option<Seq> {
        self.markers.get(&(user.clone(), room.clone())).copied()
    }

    /// Markers only move forward.
    pub(super) fn mark(&mut self, user: &UserId, room: &RoomName, seq: Seq) {
        let marker = self.markers.entry((user.clone(), room.clone()));
        let marker = marker.or_default();
        *marker = (*marker).max(seq);
    }
}

//! The model server's disk: one life of it, from its beginning or from the backup it began as.

use crate::log::{Event, Log, What};
use common::ErrorCode;
use common::ids::{Epoch, RequestId, Seq, UserId};
use common::text::RoomName;
use common::user::User;
use std::collections::BTreeMap;

#[derive(Clone)]
pub(crate) struct Store {
    pub(crate) epoch: Epoch,
    logs: BTreeMap<RoomName, Log>,
    /// Where each send is, also when retention has dropped it.
    sent: BTreeMap<(UserId, RequestId), (RoomName, Seq)>,
    /// How far users have read.
    markers: BTreeMap<(UserId, RoomName), Seq>,
    empty: Log,
}

/// What became of a send: its place, and whether that was its place before.
pub(crate) type Placed = Result<(Seq, bool), ErrorCode>;

fn epoch(number: usize) -> Epoch {
    format!("e{number}").parse().unwrap()
}

impl Store {
    pub(crate) fn new() -> Self {
        Self {
            epoch: epoch(1),
            logs: BTreeMap::new(),
            sent: BTreeMap::new(),
            markers: BTreeMap::new(),
            empty: Log::new("empty".parse().unwrap()),
        }
    }

    /// A backup is opened: it knows that it is a copy. Markers of another epoch are none.
    pub(crate) fn reopened(mut self, number: usize) -> Self {
        self.epoch = epoch(number);
        self.markers.clear();
        self
    }

    pub(crate) fn log(&self, room: &RoomName) -> &Log {
        self.logs.get(room).unwrap_or(&self.empty)
    }

    pub(crate) fn logs(&self) -> impl Iterator<Item = (&RoomName, &Log)> {
        self.logs.iter()
    }

    /// Where this send is, if it is anywhere.
    pub(crate) fn find(&self, user: &UserId, id: &RequestId) -> Option<(&RoomName, Seq)> {
        let (room, seq) = self.sent.get(&(user.clone(), id.clone()))?;
        Some((room, *seq))
    }

    pub(crate) fn append(
        &mut self,
        user: &User,
        id: Option<RequestId>,
        room: &RoomName,
        what: What,
        dedup: bool,
    ) -> Placed {
        let known = id.clone().map(|id| (user.id.clone(), id));
        if let Some((_, seq)) = known.as_ref().and_then(|known| self.sent.get(known))
            && dedup
        {
            return Ok((*seq, true));
        }
        let log = self.logs.entry(room.clone());
        let log = log.or_insert_with(|| Log::new(room.clone()));
        let user = user.clone();
        let (seq, repeat) = log.append(Event { user, id, what })?;
        if let Some(known) = known.filter(|_| !repeat) {
            self.sent.insert(known, (room.clone(), seq));
        }
        Ok((seq, repeat))
    }

    pub(crate) fn marker(&self, user: &UserId, room: &RoomName) -> Option<Seq> {
        self.markers.get(&(user.clone(), room.clone())).copied()
    }

    /// Markers only move forward.
    pub(crate) fn mark(&mut self, user: &UserId, room: &RoomName, seq: Seq) {
        let marker = self.markers.entry((user.clone(), room.clone()));
        let marker = marker.or_default();
        *marker = (*marker).max(seq);
    }

    /// Retention: everything up to this place goes.
    pub(crate) fn drop_up_to(&mut self, room: &RoomName, floor: Seq) {
        if let Some(log) = self.logs.get_mut(room) {
            log.floor = log.floor.max(floor.min(log.head()));
        }
    }
}

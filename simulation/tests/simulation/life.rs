//! What a server has stored, from the beginning of a disk, or of a log in memory, to its end.

use crate::log::{Clock, Event, Log};
use common::ErrorCode;
use common::ids::{Epoch, RequestId, Seq, UserId};
use common::text::RoomName;
use std::collections::BTreeMap;

#[derive(Clone)]
pub(crate) struct Life {
    pub(crate) epoch: Epoch,
    clock: Clock,
    logs: BTreeMap<RoomName, Log>,
    /// Where each send is, also when retention has dropped it.
    sent: BTreeMap<(UserId, RequestId), (RoomName, Seq)>,
    empty: Log,
}

impl Life {
    pub(crate) fn new(epoch: Epoch, clock: Clock) -> Self {
        Self {
            epoch,
            clock,
            logs: BTreeMap::new(),
            sent: BTreeMap::new(),
            empty: Log::new("empty".parse().unwrap(), clock),
        }
    }

    /// A copy of it that is opened.
    pub(crate) fn reopened(mut self, epoch: Epoch) -> Self {
        self.epoch = epoch;
        self
    }

    pub(crate) fn log(&self, room: &RoomName) -> &Log {
        self.logs.get(room).unwrap_or(&self.empty)
    }

    fn log_mut(&mut self, room: &RoomName) -> &mut Log {
        let log = self.logs.entry(room.clone());
        log.or_insert_with(|| Log::new(room.clone(), self.clock))
    }

    pub(crate) fn logs(&self) -> impl Iterator<Item = (&RoomName, &Log)> {
        self.logs.iter()
    }

    /// Where this send is, if it is anywhere.
    pub(crate) fn find(&self, user: &UserId, id: &RequestId) -> Option<(&RoomName, Seq)> {
        let (room, seq) = self.sent.get(&(user.clone(), id.clone()))?;
        Some((room, *seq))
    }

    /// Puts an event into a log, if that takes it: its place, and whether the log says it already.
    pub(crate) fn append(
        &mut self,
        room: &RoomName,
        event: Event,
    ) -> Result<(Seq, bool), ErrorCode> {
        let known = event.id.clone().map(|id| (event.user.id.clone(), id));
        let (seq, repeat) = self.log_mut(room).append(event)?;
        if let Some(known) = known.filter(|_| !repeat) {
            self.sent.insert(known, (room.clone(), seq));
        }
        Ok((seq, repeat))
    }

    /// Retention: everything up to this place goes.
    pub(crate) fn drop_up_to(&mut self, room: &RoomName, floor: Seq) {
        let log = self.log_mut(room);
        log.floor = log.floor.max(floor.min(log.head()));
    }
}

//! Sends that the server has not confirmed yet.

use super::insertion_sort::sort;
use super::pending_send::OutboxEntry;
use super::send_queue::SendQueue;
use crate::ids::RequestId;
use crate::text::RoomName;
use std::collections::BTreeMap;

/// Every unsent message and change, a queue for each room; broadcasts have theirs under the built-in room's
/// name. A queue that is empty is not kept.
#[derive(Debug, Clone, Default)]
pub(super) struct Outbox {
    queues: BTreeMap<RoomName, SendQueue>,
    order: u64,
}

impl Outbox {
    pub(super) fn restored(mut entries: Vec<OutboxEntry>) -> Self {
        sort(&mut entries, |a, b| a.order < b.order);
        let mut outbox = Self::default();
        for entry in entries {
            outbox.order = outbox.order.max(entry.order);
            outbox
                .queues
                .entry(entry.room.clone())
                .or_default()
                .restore(entry);
        }
        outbox
    }

    /// The place behind all that was ever sent.
    pub(super) fn next_order(&mut self) -> u64 {
        self.order = self.order.saturating_add(1);
        self.order
    }

    pub(super) fn queue(&self, room: &RoomName) -> Option<&SendQueue> {
        self.queues.get(room)
    }

    pub(super) fn queue_mut(&mut self, room: &RoomName) -> Option<&mut SendQueue> {
        self.queues.get_mut(room)
    }

    pub(super) fn queue_or_new(&mut self, room: &RoomName) -> &mut SendQueue {
        self.queues.entry(room.clone()).or_default()
    }

    pub(super) fn queues(&self) -> impl Iterator<Item = (&RoomName, &SendQueue)> {
        self.queues.iter()
    }

    /// The room in whose queue the send is.
    pub(super) fn room_of(&self, id: &RequestId) -> Option<RoomName> {
        let (room, _) = self.queues.iter().find(|(_, queue)| queue.holds(id))?;
        Some(room.clone())
    }

    pub(super) fn drop_empty_queues(&mut self) {
        self.queues.retain(|_, queue| !queue.is_empty());
    }

    pub(super) fn disconnected(&mut self) {
        for queue in self.queues.values_mut() {
            queue.disconnected();
        }
    }
}

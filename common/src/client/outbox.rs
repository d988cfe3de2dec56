//! What the user has sent and the server has not yet confirmed.

use super::lane::Lane;
use crate::error::ErrorFrame;
use crate::ids::{RequestId, Seq};
use crate::text::{Content, Data, RoomName};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// An unsent message as a shell stores it. Survives a reload through
/// [`Client::restored`](super::Client::restored).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OutboxEntry {
    /// The frame's `id`, the same in every attempt: the server stores it once.
    pub id: RequestId,
    /// Where it goes; [`RoomName::broadcast`] for a broadcast.
    pub room: RoomName,
    /// Its place among this client's sends: lower ones go first.
    pub order: u64,
    /// The text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub content: Option<Content>,
    /// Any JSON value.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub data: Option<Data>,
    /// Why the server will not have it: then it waits for the user's `Retry` or `Discard`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refused: Option<ErrorFrame>,
}

/// A message of the user's own that is not in the timeline yet, as a view shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PendingSend {
    pub(super) entry: OutboxEntry,
    pub(super) state: SendState,
}

/// How far a send has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SendState {
    /// It waits for the connection, or for those before it.
    Waiting,
    /// It is on its way; the server has not answered.
    InFlight,
    /// The server has stored it. It stays in this list until it shows in the timeline.
    Stored {
        /// Its place in the room's log.
        seq: Option<Seq>,
    },
    /// The server will not have it: retry or discard.
    Refused(ErrorFrame),
}

impl PendingSend {
    /// The frame's `id`, by which to retry or discard it.
    #[must_use]
    pub fn id(&self) -> &RequestId {
        &self.entry.id
    }

    /// The text.
    #[must_use]
    pub fn content(&self) -> Option<&Content> {
        self.entry.content.as_ref()
    }

    /// Any JSON value.
    #[must_use]
    pub fn data(&self) -> Option<&Data> {
        self.entry.data.as_ref()
    }

    /// How far it has come.
    #[must_use]
    pub fn state(&self) -> &SendState {
        &self.state
    }
}

/// Every unsent message, a lane for each room; broadcasts have theirs under the built-in room's
/// name. A lane that is empty is not kept.
#[derive(Debug, Clone, Default)]
pub(super) struct Outbox {
    lanes: BTreeMap<RoomName, Lane>,
    order: u64,
}

impl Outbox {
    pub(super) fn restored(mut entries: Vec<OutboxEntry>) -> Self {
        entries.sort_by_key(|entry| entry.order);
        let mut outbox = Self::default();
        for entry in entries {
            outbox.order = outbox.order.max(entry.order);
            outbox
                .lanes
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

    pub(super) fn lane(&self, room: &RoomName) -> Option<&Lane> {
        self.lanes.get(room)
    }

    pub(super) fn lane_mut(&mut self, room: &RoomName) -> Option<&mut Lane> {
        self.lanes.get_mut(room)
    }

    pub(super) fn lane_or_new(&mut self, room: &RoomName) -> &mut Lane {
        self.lanes.entry(room.clone()).or_default()
    }

    pub(super) fn lanes(&self) -> impl Iterator<Item = (&RoomName, &Lane)> {
        self.lanes.iter()
    }

    /// The room in whose lane the send is.
    pub(super) fn room_of(&self, id: &RequestId) -> Option<RoomName> {
        let (room, _) = self.lanes.iter().find(|(_, lane)| lane.holds(id))?;
        Some(room.clone())
    }

    pub(super) fn drop_empty_lanes(&mut self) {
        self.lanes.retain(|_, lane| !lane.is_empty());
    }

    pub(super) fn disconnected(&mut self) {
        for lane in self.lanes.values_mut() {
            lane.disconnected();
        }
    }
}

//! Events and sends as they stand in Redis: JSON arrays, in an order that does not change.

use crate::store::columns::{body, kind_of, optional, parsed, said};
use crate::store::{Body, NewEvent, Placed, StoreError, StoredEvent};
use common::ids::{Epoch, Seq};
use common::text::RoomName;
use common::time::Timestamp;
use common::user::User;
use serde::{Deserialize, Serialize};

/// Author's id and name, `id`, kind, target, content, data, time.
#[derive(Serialize, Deserialize)]
struct Entry(
    String,
    String,
    Option<String>,
    u8,
    Option<u64>,
    Option<String>,
    Option<String>,
    u64,
);

pub(super) fn encode(event: &NewEvent) -> String {
    let (content, data) = said(&event.body);
    let entry = Entry(
        event.author.id.to_string(),
        event.author.name.to_string(),
        event.id.as_ref().map(ToString::to_string),
        kind_of(&event.body),
        event.body.target().map(|target| target.0),
        content.map(str::to_owned),
        data.map(str::to_owned),
        event.timestamp.0,
    );
    // Writing to memory does not fail, and there are no keys.
    serde_json::to_string(&entry).unwrap_or_default()
}

pub(super) fn decode(room: &RoomName, seq: u64, text: &str) -> Result<StoredEvent, StoreError> {
    let Entry(id, name, client_id, kind, target, content, data, at) = read(text)?;
    Ok(StoredEvent {
        seq: Seq(seq),
        event: NewEvent {
            room: room.clone(),
            author: User {
                id: parsed(&id)?,
                name: parsed(&name)?,
            },
            id: optional(client_id.as_deref())?,
            body: body(kind, target, content.as_deref(), data.as_deref())?,
            timestamp: Timestamp(at),
        },
    })
}

/// Where a send was stored: room, epoch, position, kind, target, time.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Sent(
    pub(super) String,
    pub(super) String,
    pub(super) u64,
    pub(super) u8,
    pub(super) Option<u64>,
    pub(super) u64,
);

impl Sent {
    pub(super) fn of(event: &NewEvent, placed: &Placed) -> Self {
        Self(
            placed.room.to_string(),
            placed.epoch.to_string(),
            placed.seq.0,
            kind_of(&event.body),
            event.body.target().map(|target| target.0),
            placed.timestamp.0,
        )
    }

    /// Whether it was to the same log.
    pub(super) fn is_in(&self, room: &RoomName, epoch: &Epoch) -> bool {
        self.0 == room.as_str() && self.1 == epoch.as_str()
    }

    /// Whether it was to another life of this room's log, which nobody has any more.
    pub(super) fn is_lost(&self, room: &RoomName, epoch: &Epoch) -> bool {
        self.0 == room.as_str() && self.1 != epoch.as_str()
    }

    pub(super) fn is_same_kind(&self, body: &Body) -> bool {
        self.3 == kind_of(body) && self.4 == body.target().map(|target| target.0)
    }

    pub(super) fn encode(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }

    pub(super) fn decode(text: &str) -> Result<Self, StoreError> {
        read(text)
    }
}

fn read<T: for<'a> Deserialize<'a>>(text: &str) -> Result<T, StoreError> {
    let damaged = |error| StoreError::UnreadableRow(format!("an entry in Redis: {error}").into());
    serde_json::from_str(text).map_err(damaged)
}

//! The list of rooms: read on request, and pushed to connections that watch it when it changes.
//!
//! One task for the node compares the public part of the list with its last state while at least one
//! connection watches. The cost does not depend on the number of watchers, and each update is encoded
//! once.

mod watch;

use super::live_rooms::LiveRooms;
use super::logs::Logs;
use super::rules::RoomRules;
use crate::room::delivery::shard::Shards;
use crate::store::{RoomRecord, RoomRow, StoreError};
use common::api::RoomSummary;
use common::ids::UserId;
use common::text::RoomName;
use std::cmp::Reverse;
use std::collections::HashMap;
use std::sync::Arc;
use watch::Watchers;

pub use watch::RoomListWatch;

/// Rooms in the list.
const ROOMS_MAX: usize = 500;

/// Public rooms whose titles are looked up for it.
const RECORDS_MAX: usize = 2000;

/// See the module.
pub struct RoomDirectory {
    rooms: Arc<LiveRooms>,
    logs: Arc<Logs>,
    rules: Arc<RoomRules>,
    shards: Shards,
    watchers: Watchers,
}

impl RoomDirectory {
    pub(super) fn new(
        rooms: &Arc<LiveRooms>,
        logs: &Arc<Logs>,
        rules: &Arc<RoomRules>,
        shards: &Shards,
    ) -> Self {
        Self {
            rooms: Arc::clone(rooms),
            logs: Arc::clone(logs),
            rules: Arc::clone(rules),
            shards: shards.clone(),
            watchers: Watchers::default(),
        }
    }

    /// The rooms that a user may see, the most recently written to first, then those that are empty:
    /// the user's own, and public ones. Without a user, the latter alone.
    ///
    /// # Errors
    /// The store cannot be read.
    pub async fn list(&self, user: Option<&UserId>) -> Result<Vec<RoomSummary>, StoreError> {
        Ok(merged(self.own(user).await?, self.public().await?))
    }

    /// Public rooms whose names are hard to tell from one, which is among them if it exists.
    ///
    /// # Errors
    /// The store cannot be read.
    pub async fn similar(
        &self,
        room: &RoomName,
        limit: usize,
    ) -> Result<Vec<RoomSummary>, StoreError> {
        let rooms = self.rooms.similar(room, limit).await?;
        let mut rows = by_name(self.logs.rows(&rooms).await?);
        let summaries = rooms.into_iter().map(|room| {
            let row = rows.remove(&room);
            let online = self.rooms.online(&room);
            written(RoomSummary::default_for(room, online), row)
        });
        Ok(summaries.collect())
    }

    /// Private rooms and direct conversations of a user.
    async fn own(&self, user: Option<&UserId>) -> Result<Vec<RoomSummary>, StoreError> {
        let Some(user) = user else {
            return Ok(Vec::new());
        };
        let own = self.rules.store().rooms_of(user, ROOMS_MAX).await?;
        let names: Vec<_> = own.iter().map(|own| own.record.room.clone()).collect();
        let mut rows = by_name(self.logs.rows(&names).await?);
        let rooms = own.into_iter().map(|own| {
            let online = self.rooms.online(&own.record.room);
            let row = rows.remove(&own.record.room);
            let mut summary = of_record(own.record, online);
            summary.with = own.with;
            written(summary, row)
        });
        Ok(rooms.collect())
    }

    async fn public(&self) -> Result<Vec<RoomSummary>, StoreError> {
        let mut online = self.rooms.public_online();
        let records = self.rules.store().recorded(RECORDS_MAX).await?;
        let records = records
            .into_iter()
            .map(|record| (record.room.clone(), record));
        let mut records: HashMap<_, _> = records.collect();
        let mut summary = |room: RoomName, online: usize| match records.remove(&room) {
            Some(record) => of_record(record, online),
            None => RoomSummary::default_for(room, online),
        };
        let rows = self.logs.public_rooms(ROOMS_MAX).await?.into_iter();
        let mut rooms: Vec<_> = rows
            .map(|row| {
                let online = online.remove(&row.room).unwrap_or(0);
                written(summary(row.room.clone(), online), Some(row))
            })
            .collect();
        // What is left was never written to, or long ago: only the first kind has head zero, and the
        // list is full before the second kind matters.
        let left = online.into_iter();
        let mut empty: Vec<_> = left.map(|(room, online)| summary(room, online)).collect();
        empty.extend(records.into_values().map(|record| of_record(record, 0)));
        empty.sort_by(|a, b| a.room.cmp(&b.room));
        let room_left = ROOMS_MAX.saturating_sub(rooms.len());
        rooms.extend(empty.into_iter().take(room_left));
        Ok(rooms)
    }
}

/// One list of a user's own rooms and of as many public ones as there is room for.
fn merged(mut rooms: Vec<RoomSummary>, public: Vec<RoomSummary>) -> Vec<RoomSummary> {
    let room_left = ROOMS_MAX.saturating_sub(rooms.len());
    rooms.extend(public.into_iter().take(room_left));
    rooms.sort_by_key(|room| Reverse(room.last_at));
    rooms
}

fn of_record(record: RoomRecord, online: usize) -> RoomSummary {
    RoomSummary {
        door: record.door,
        title: record.title,
        topic: record.topic,
        archived: record.archived,
        ..RoomSummary::default_for(record.room, online)
    }
}

fn written(summary: RoomSummary, row: Option<RoomRow>) -> RoomSummary {
    match row {
        None => summary,
        Some(row) => RoomSummary {
            head: row.head,
            last_at: Some(row.last_at),
            ..summary
        },
    }
}

fn by_name(rows: Vec<RoomRow>) -> HashMap<RoomName, RoomRow> {
    let rows = rows.into_iter().map(|row| (row.room.clone(), row));
    rows.collect()
}

//! The logs of all rooms, live or not: posting, and reading pages of history.

use super::history::history_page;
use super::namespace::Namespaces;
use super::post::{Overloaded, Post};
use super::write_path::{MemoryWritePath, QueuedWritePath};
use crate::store::{EventStore, Range, RoomHead, RoomRow, StoreError};
use common::reply::HistoryPage;
use common::text::RoomName;
use std::sync::Arc;
use std::time::Duration;

/// See the module.
pub struct Logs {
    pub(super) namespaces: Namespaces,
    pub(super) durable: QueuedWritePath,
    pub(super) memory: MemoryWritePath,
}

impl Logs {
    pub(super) fn is_durable(&self, room: &RoomName) -> bool {
        self.namespaces.of(room).durable
    }

    /// The store that has the room's log.
    pub(super) fn store(&self, room: &RoomName) -> Arc<dyn EventStore> {
        if self.is_durable(room) {
            Arc::clone(&self.durable.store)
        } else {
            self.memory.store()
        }
    }

    /// Hands an event to the committer. Its origin is told once what became of it.
    ///
    /// # Errors
    /// The queue is full: nothing happens with the event.
    pub fn post(&self, post: Post) -> Result<(), Overloaded> {
        if self.is_durable(&post.event.room) {
            self.durable.committers.post(post)
        } else {
            self.memory.post(post)
        }
    }

    /// A page of a room's messages in their present state.
    ///
    /// # Errors
    /// The store cannot be read.
    pub async fn history(
        &self,
        room: &RoomName,
        range: Range,
        limit: usize,
    ) -> Result<HistoryPage, StoreError> {
        let page = self.store(room).messages(room, range, limit).await?;
        Ok(history_page(room, range, page))
    }

    /// See [`EventStore::similar`](crate::store::EventStore::similar).
    ///
    /// # Errors
    /// A store cannot be read.
    pub async fn similar(
        &self,
        room: &RoomName,
        limit: usize,
    ) -> Result<Vec<RoomName>, StoreError> {
        let mut found = self.durable.store.similar(room, limit).await?;
        found.extend(self.memory.store().similar(room, limit).await?);
        Ok(found)
    }

    /// See [`EventStore::public_rooms`](crate::store::EventStore::public_rooms).
    ///
    /// # Errors
    /// A store cannot be read.
    pub async fn public_rooms(&self, limit: usize) -> Result<Vec<RoomRow>, StoreError> {
        let mut rooms = self.durable.store.public_rooms(limit).await?;
        rooms.extend(self.memory.store().public_rooms(limit).await?);
        rooms.sort_by_key(|row| std::cmp::Reverse(row.last_at));
        rooms.truncate(limit);
        Ok(rooms)
    }

    /// Those of these rooms that have been written to.
    ///
    /// # Errors
    /// The store cannot be read.
    pub async fn rows(&self, rooms: &[RoomName]) -> Result<Vec<RoomRow>, StoreError> {
        let mut rows = self.durable.store.rows(rooms.to_vec()).await?;
        rows.extend(self.memory.store().rows(rooms.to_vec()).await?);
        Ok(rows)
    }

    /// The state of a room's log.
    ///
    /// # Errors
    /// The store cannot be read.
    pub(super) async fn head(&self, room: &RoomName) -> Result<RoomHead, StoreError> {
        self.store(room).head(room).await
    }

    /// Waits until the committers have completed everything they were given, and stops them. Returns
    /// whether they have; after `timeout` the rest is given up.
    pub(super) async fn close(&self, timeout: Duration) -> bool {
        let closing = (
            self.durable.committers.close(timeout),
            self.memory.close(timeout),
        );
        let (durable, memory) = tokio::join!(closing.0, closing.1);
        durable && memory
    }
}

//! The connections that watch the list of rooms.

use super::{RoomDirectory, merged};
use crate::room::ManagedConnection;
use crate::store::StoreError;
use crate::supervisor::Supervisor;
use crate::wire;
use common::ServerFrame;
use common::api::RoomSummary;
use common::ids::UserId;
use common::reply::RoomsUpdate;
use common::text::RoomName;
use parking_lot::Mutex;
use slab::Slab;
use std::collections::HashMap;
use std::sync::{Arc, Weak};
use std::time::Duration;
use tokio::time::{Instant, MissedTickBehavior};

/// From one look at the list to the next.
const EVERY: Duration = Duration::from_secs(2);

/// A list as old as this is new enough for one who comes: a crowd that comes back together does not
/// read it once for each.
const FRESH_MAX: Duration = Duration::from_millis(500);

/// See the module.
#[derive(Default)]
pub(super) struct Watchers {
    state: Mutex<State>,
    /// Held by the one who reads the list, so that an older one never replaces a newer one.
    reading: tokio::sync::Mutex<Option<Instant>>,
}

#[derive(Default)]
struct State {
    /// The number of the list that is held.
    version: u64,
    public: Vec<RoomSummary>,
    connections: Slab<Arc<dyn ManagedConnection>>,
}

/// A connection that watches; dropping it ends that.
pub struct RoomListWatch {
    directory: Arc<RoomDirectory>,
    number: usize,
}

impl Drop for RoomListWatch {
    fn drop(&mut self) {
        let mut state = self.directory.watchers.state.lock();
        state.connections.try_remove(self.number);
    }
}

impl RoomDirectory {
    /// Starts the looks at the list; they end with the directory.
    pub(in crate::hub) fn start(self: &Arc<Self>, supervisor: &Supervisor) {
        supervisor.spawn("room list", run(Arc::downgrade(self)));
    }

    /// Tells a connection what changes in the list from now on. `first` is given the list as it is,
    /// before anything else is told.
    ///
    /// # Errors
    /// The store cannot be read: nothing was told.
    pub async fn watch(
        self: &Arc<Self>,
        user: Option<&UserId>,
        connection: Arc<dyn ManagedConnection>,
        first: impl FnOnce(RoomsUpdate),
    ) -> Result<RoomListWatch, StoreError> {
        let own = self.own(user).await?;
        self.update(FRESH_MAX).await?;
        let mut state = self.watchers.state.lock();
        first(RoomsUpdate {
            version: state.version,
            complete: true,
            rooms: merged(own, state.public.clone()),
            gone: Vec::new(),
        });
        let number = state.connections.insert(connection);
        Ok(RoomListWatch {
            directory: Arc::clone(self),
            number,
        })
    }

    fn is_watched(&self) -> bool {
        !self.watchers.state.lock().connections.is_empty()
    }

    /// Reads the public list, unless it was read within `fresh`, and tells those who watch what has
    /// changed.
    async fn update(&self, fresh: Duration) -> Result<(), StoreError> {
        let mut read_at = self.watchers.reading.lock().await;
        if read_at.is_some_and(|at| at.elapsed() < fresh) {
            return Ok(());
        }
        let now = Instant::now();
        let public = self.public().await?;
        *read_at = Some(now);
        let mut state = self.watchers.state.lock();
        let Some((rooms, gone)) = changes(&state.public, &public) else {
            return Ok(());
        };
        state.version += 1;
        state.public = public;
        if state.connections.is_empty() {
            return Ok(());
        }
        let frame = wire::text(&ServerFrame::Rooms(Box::new(RoomsUpdate {
            version: state.version,
            complete: false,
            rooms,
            gone,
        })));
        for (_, connection) in &state.connections {
            Arc::clone(connection).tell(&frame);
        }
        drop(state);
        self.shards.notify();
        Ok(())
    }
}

async fn run(directory: Weak<RoomDirectory>) {
    let mut looks = tokio::time::interval(EVERY);
    looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        looks.tick().await;
        let Some(directory) = directory.upgrade() else {
            return;
        };
        if directory.is_watched()
            && let Err(error) = directory.update(Duration::ZERO).await
        {
            tracing::debug!(%error, "the list of rooms cannot be read; it is tried again");
        }
    }
}

/// The rooms that are new or have changed, and those that are gone; `None` where nothing has.
fn changes(old: &[RoomSummary], new: &[RoomSummary]) -> Option<(Vec<RoomSummary>, Vec<RoomName>)> {
    let mut before: HashMap<&RoomName, &RoomSummary> =
        old.iter().map(|room| (&room.room, room)).collect();
    let is_new = |room: &&RoomSummary| before.remove(&room.room) != Some(room);
    let changed: Vec<RoomSummary> = new.iter().filter(is_new).cloned().collect();
    let gone: Vec<RoomName> = before.into_keys().cloned().collect();
    (!changed.is_empty() || !gone.is_empty()).then_some((changed, gone))
}

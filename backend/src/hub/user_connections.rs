//! The open connections of each user: counted, closed, and sent frames that concern the user rather
//! than a room.

mod registration;

use super::markers::Markers;
use crate::room::delivery::shard::Shards;
use crate::room::{Frame, ManagedConnection, Room};
use crate::store::StoreError;
use crate::wire;

use common::ids::{Epoch, Seq, SignInId, UserId};
use common::reply::ReadUpTo;
use common::room::RoomsChanged;
use common::text::RoomName;
use common::{CloseCode, ServerFrame};
use parking_lot::Mutex;
use slab::Slab;
use std::collections::hash_map::Entry;
use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

pub use registration::{ConnectionCount, ConnectionRegistration, Reservation};

/// Endings that are remembered, for the sake of those who are on their way in.
const DISCONNECTS_MAX: usize = 1024;

/// See the module.
pub struct UserConnections {
    state: Mutex<State>,
    disconnects: AtomicU64,
    /// Open connections of all users.
    pub(super) count: AtomicUsize,
    pub(super) markers: Markers,
    pub(super) shards: Shards,
}

#[derive(Default)]
struct State {
    by_user: HashMap<UserId, Slab<UserConnection>>,
    /// Connections that have been admitted and are not registered yet.
    reserved: HashMap<UserId, usize>,
    /// The newest disconnects, the last of which has the number [`UserConnections::disconnects`].
    ended: VecDeque<Disconnect>,
}

/// One connection.
struct UserConnection {
    connection: Arc<dyn ManagedConnection>,
    /// What it rests on. Boxed: most rest on nothing.
    sign_in: Option<Box<SignInId>>,
}

/// What ends: a user's every connection, or those that rest on one sign-in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Disconnect {
    /// Whose.
    pub user: UserId,
    /// By which sign-in; none for all.
    pub sign_in: Option<SignInId>,
    /// With what they are closed.
    pub code: CloseCode,
}

impl Disconnect {
    fn concerns(&self, user: &UserId, sign_in: Option<&SignInId>) -> bool {
        self.user == *user && self.uses_sign_in(sign_in)
    }

    fn uses_sign_in(&self, sign_in: Option<&SignInId>) -> bool {
        self.sign_in.is_none() || self.sign_in.as_ref() == sign_in
    }
}

impl UserConnections {
    pub(super) fn new(markers: Markers, shards: Shards) -> Self {
        Self {
            state: Mutex::default(),
            disconnects: AtomicU64::new(0),
            count: AtomicUsize::new(0),
            markers,
            shards,
        }
    }

    /// Open WebSocket connections.
    #[must_use]
    pub fn clients(&self) -> usize {
        self.count.load(Ordering::Relaxed)
    }

    /// Notes that a connection is its user's, until what it returns is dropped. Where it rests on a
    /// sign-in, or its user may be ended, it says which, and how many [`UserConnections::disconnects`] there had been
    /// when it was let in.
    #[must_use]
    pub fn register(
        self: &Arc<Self>,
        user: &UserId,
        sign_in: Option<&SignInId>,
        as_of: Option<u64>,
        connection: Arc<dyn ManagedConnection>,
    ) -> ConnectionRegistration {
        ConnectionRegistration {
            number: self.add(user, sign_in, as_of, connection),
            user: user.clone(),
            connections: Arc::clone(self),
        }
    }

    /// How far the user has read this life of the room's log.
    ///
    /// # Errors
    /// The store cannot be read.
    pub async fn marker(
        &self,
        user: &UserId,
        room: &RoomName,
        epoch: &Epoch,
    ) -> Result<Option<Seq>, StoreError> {
        self.markers.of(user, room, epoch).await
    }

    /// Counts a connection until what it returns is dropped; none where `max` are open.
    #[must_use]
    pub fn count_client(self: &Arc<Self>, max: usize) -> Option<ConnectionCount> {
        let before = self.count.fetch_add(1, Ordering::Relaxed);
        let count = ConnectionCount(Arc::clone(self));
        (before < max).then_some(count)
    }

    /// The rooms that a user may see have changed: all of the user's connections are told.
    pub fn tell_rooms_changed(&self, room: RoomName, user: &UserId, by: UserId) {
        let by = (by != *user).then_some(by);
        let frame = ServerFrame::RoomsChanged(RoomsChanged { room, by });
        self.tell(user, &wire::text(&frame));
        self.shards.notify();
    }

    /// How many disconnects there have been. To be asked before the store is asked whether a
    /// connection is allowed: a disconnect in between is then found by [`UserConnections::register`].
    #[must_use]
    pub fn disconnects(&self) -> u64 {
        self.disconnects.load(Ordering::Acquire)
    }

    /// Adds a connection; returns its number among its user's. One that was let in when there had
    /// been `as_of` disconnects is closed at once if one since then concerns it.
    fn add(
        &self,
        user: &UserId,
        sign_in: Option<&SignInId>,
        as_of: Option<u64>,
        connection: Arc<dyn ManagedConnection>,
    ) -> usize {
        let mut state = self.state.lock();
        if let Some(as_of) = as_of
            && let Some(code) = self.disconnected_since(&state, as_of, user, sign_in)
        {
            connection.close(code);
        }
        let sign_in = sign_in.cloned().map(Box::new);
        let entry = UserConnection {
            connection,
            sign_in,
        };
        state.by_user.entry(user.clone()).or_default().insert(entry)
    }

    fn disconnected_since(
        &self,
        state: &State,
        as_of: u64,
        user: &UserId,
        sign_in: Option<&SignInId>,
    ) -> Option<CloseCode> {
        let missed = usize::try_from(self.disconnects() - as_of.min(self.disconnects()));
        let missed = missed.unwrap_or(usize::MAX);
        if missed > state.ended.len() {
            // More than are remembered: it comes again, and is looked at anew.
            return Some(CloseCode::RoleChanged);
        }
        let since = state.ended.iter().rev().take(missed);
        let concerns = |disconnect: &&Disconnect| disconnect.concerns(user, sign_in);
        since
            .into_iter()
            .find(concerns)
            .map(|disconnect| disconnect.code)
    }

    /// Takes a connection out.
    pub(super) fn remove(&self, user: &UserId, number: usize) {
        if let Entry::Occupied(mut connections) = self.state.lock().by_user.entry(user.clone()) {
            connections.get_mut().try_remove(number);
            if connections.get().is_empty() {
                connections.remove();
            }
        }
    }

    /// Closes the connections that a disconnect concerns, and those that are on their way in.
    pub fn end(&self, disconnect: Disconnect) {
        let mut state = self.state.lock();
        let connections = state.by_user.get(&disconnect.user).into_iter().flatten();
        for (_, entry) in connections {
            if disconnect.uses_sign_in(entry.sign_in.as_deref()) {
                entry.connection.close(disconnect.code);
            }
        }
        if state.ended.len() >= DISCONNECTS_MAX {
            state.ended.pop_front();
        }
        state.ended.push_back(disconnect);
        self.disconnects.fetch_add(1, Ordering::Release);
    }

    /// Reserves one of the `max` connections that a user may have, for a connection that is about to
    /// be registered; none where all are open or reserved.
    #[must_use]
    pub fn reserve(self: &Arc<Self>, user: &UserId, max: usize) -> Option<Reservation> {
        let mut state = self.state.lock();
        let open = state.by_user.get(user).map_or(0, Slab::len);
        let reserved = state.reserved.get(user).copied().unwrap_or(0);
        if open + reserved >= max {
            return None;
        }
        state.reserved.insert(user.clone(), reserved + 1);
        Some(Reservation {
            connections: Arc::clone(self),
            user: user.clone(),
        })
    }

    /// Ends a reservation.
    pub(super) fn release(&self, user: &UserId) {
        if let Entry::Occupied(mut reserved) = self.state.lock().reserved.entry(user.clone()) {
            *reserved.get_mut() -= 1;
            if *reserved.get() == 0 {
                reserved.remove();
            }
        }
    }

    /// A user's connections look anew at what they may.
    pub(super) fn recheck_permissions(&self, user: &UserId) {
        for entry in self.of(user) {
            entry.recheck_permissions();
        }
    }

    /// Puts a user's connections out of a room.
    pub(super) fn remove_from_room(&self, user: &UserId, room: &Arc<Room>) {
        for entry in self.of(user) {
            entry.remove_from_room(room);
        }
    }

    /// Where a user's connections come from, each place once.
    #[must_use]
    pub fn addresses_of(&self, user: &UserId) -> Vec<u64> {
        let all = self.of(user).into_iter();
        let mut found: Vec<_> = all.map(|connection| connection.address()).collect();
        found.sort_unstable();
        found.dedup();
        found
    }

    /// Sends a frame to all of a user's connections.
    pub(super) fn tell(&self, user: &UserId, frame: &Frame) {
        for connection in self.of(user) {
            connection.tell(frame);
        }
    }

    fn of(&self, user: &UserId) -> Vec<Arc<dyn ManagedConnection>> {
        let state = self.state.lock();
        let connections = state.by_user.get(user).into_iter().flatten();
        connections
            .map(|(_, entry)| Arc::clone(&entry.connection))
            .collect()
    }

    /// Other nodes have stored how far these users have read a room.
    pub(super) fn tell_read(&self, room: &RoomName, read: &[(UserId, Seq)]) {
        for (user, seq) in read {
            let connections = self.of(user);
            if connections.is_empty() {
                continue;
            }
            let (room, seq) = (room.clone(), *seq);
            let frame = wire::text(&ServerFrame::Read(ReadUpTo { room, seq }));
            for connection in connections {
                connection.tell(&frame);
            }
        }
        self.shards.notify();
    }

    /// The users with so many connections that they are `wanted`.
    #[must_use]
    pub fn users_with(&self, wanted: &dyn Fn(usize) -> bool) -> Vec<(UserId, usize)> {
        let state = self.state.lock();
        let counts = state.by_user.iter().map(|(user, all)| (user, all.len()));
        let wanted = counts.filter(|(_, count)| wanted(*count));
        wanted.map(|(user, count)| (user.clone(), count)).collect()
    }

    /// Sends a frame to all of a user's connections but one.
    pub(super) fn tell_others(&self, user: &UserId, number: usize, frame: &Frame) {
        let state = self.state.lock();
        let others = state
            .by_user
            .get(user)
            .into_iter()
            .flatten()
            .filter(|(at, _)| *at != number);
        for (_, entry) in others {
            Arc::clone(&entry.connection).tell(frame);
        }
    }
}

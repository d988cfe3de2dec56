//! Which connections are whose: for what concerns a user and no room.

use crate::room::{Frame, Recipient, Room};
use common::CloseCode;
use common::ids::{SignInId, UserId};
use parking_lot::Mutex;
use slab::Slab;
use std::collections::hash_map::Entry;
use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// Endings that are remembered, for the sake of those who are on their way in.
const ENDINGS_MAX: usize = 1024;

/// See the module.
#[derive(Default)]
pub(super) struct People {
    state: Mutex<State>,
    endings: AtomicU64,
}

#[derive(Default)]
struct State {
    by_user: HashMap<UserId, Slab<Present>>,
    /// The newest endings, the last of which has the number [`People::endings`].
    ended: VecDeque<Ending>,
}

/// One connection.
struct Present {
    connection: Arc<dyn Recipient>,
    /// What it rests on. Boxed: most rest on nothing.
    sign_in: Option<Box<SignInId>>,
}

/// What ends: a user's every connection, or those that rest on one sign-in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ending {
    /// Whose.
    pub user: UserId,
    /// By which sign-in; none for all.
    pub sign_in: Option<SignInId>,
    /// With what they are closed.
    pub code: CloseCode,
}

impl Ending {
    fn concerns(&self, user: &UserId, sign_in: Option<&SignInId>) -> bool {
        self.user == *user && self.rests_on(sign_in)
    }

    fn rests_on(&self, sign_in: Option<&SignInId>) -> bool {
        self.sign_in.is_none() || self.sign_in.as_ref() == sign_in
    }
}

impl People {
    /// How many endings there have been.
    pub(super) fn endings(&self) -> u64 {
        self.endings.load(Ordering::Acquire)
    }

    /// Adds a connection; returns its number among its user's. One that was let in when there had
    /// been `as_of` endings is closed at once if one since then concerns it.
    pub(super) fn add(
        &self,
        user: &UserId,
        sign_in: Option<&SignInId>,
        as_of: Option<u64>,
        connection: Arc<dyn Recipient>,
    ) -> usize {
        let mut state = self.state.lock();
        if let Some(as_of) = as_of
            && let Some(code) = self.ended_since(&state, as_of, user, sign_in)
        {
            connection.close(code);
        }
        let sign_in = sign_in.cloned().map(Box::new);
        let present = Present {
            connection,
            sign_in,
        };
        state
            .by_user
            .entry(user.clone())
            .or_default()
            .insert(present)
    }

    fn ended_since(
        &self,
        state: &State,
        as_of: u64,
        user: &UserId,
        sign_in: Option<&SignInId>,
    ) -> Option<CloseCode> {
        let missed = usize::try_from(self.endings() - as_of.min(self.endings()));
        let missed = missed.unwrap_or(usize::MAX);
        if missed > state.ended.len() {
            // More than are remembered: it comes again, and is looked at anew.
            return Some(CloseCode::RoleChanged);
        }
        let since = state.ended.iter().rev().take(missed);
        let concerns = |ending: &&Ending| ending.concerns(user, sign_in);
        since.into_iter().find(concerns).map(|ending| ending.code)
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

    /// Closes the connections that an ending concerns, and those that are on their way in.
    pub(super) fn end(&self, ending: Ending) {
        let mut state = self.state.lock();
        let connections = state.by_user.get(&ending.user).into_iter().flatten();
        for (_, present) in connections {
            if ending.rests_on(present.sign_in.as_deref()) {
                present.connection.close(ending.code);
            }
        }
        if state.ended.len() >= ENDINGS_MAX {
            state.ended.pop_front();
        }
        state.ended.push_back(ending);
        self.endings.fetch_add(1, Ordering::Release);
    }

    /// A user's open connections.
    pub(super) fn count(&self, user: &UserId) -> usize {
        self.state.lock().by_user.get(user).map_or(0, Slab::len)
    }

    /// A user's connections look anew at what they may.
    pub(super) fn reconsider(&self, user: &UserId) {
        for present in self.of(user) {
            present.reconsider();
        }
    }

    /// Puts a user's connections out of a room.
    pub(super) fn put_out(&self, user: &UserId, room: &Arc<Room>) {
        for present in self.of(user) {
            present.put_out(room);
        }
    }

    /// Where a user's connections come from, each place once.
    pub(super) fn addresses(&self, user: &UserId) -> Vec<u64> {
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

    fn of(&self, user: &UserId) -> Vec<Arc<dyn Recipient>> {
        let state = self.state.lock();
        let connections = state.by_user.get(user).into_iter().flatten();
        connections
            .map(|(_, present)| Arc::clone(&present.connection))
            .collect()
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
        for (_, present) in others {
            Arc::clone(&present.connection).tell(frame);
        }
    }
}

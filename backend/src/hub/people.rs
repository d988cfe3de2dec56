//! Which connections are whose: for what concerns a user and no room.

use crate::room::{Frame, Recipient};
use common::ids::UserId;
use parking_lot::Mutex;
use slab::Slab;
use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::Arc;

/// See the module.
#[derive(Default)]
pub(super) struct People {
    by_user: Mutex<HashMap<UserId, Slab<Arc<dyn Recipient>>>>,
}

impl People {
    /// Adds a connection; returns its number among its user's.
    pub(super) fn add(&self, user: &UserId, connection: Arc<dyn Recipient>) -> usize {
        self.by_user
            .lock()
            .entry(user.clone())
            .or_default()
            .insert(connection)
    }

    /// Takes a connection out.
    pub(super) fn remove(&self, user: &UserId, number: usize) {
        if let Entry::Occupied(mut connections) = self.by_user.lock().entry(user.clone()) {
            connections.get_mut().try_remove(number);
            if connections.get().is_empty() {
                connections.remove();
            }
        }
    }

    /// Sends a frame to all of a user's connections but one.
    pub(super) fn tell_others(&self, user: &UserId, number: usize, frame: &Frame) {
        let by_user = self.by_user.lock();
        let others = by_user
            .get(user)
            .into_iter()
            .flatten()
            .filter(|(at, _)| *at != number);
        for (_, connection) in others {
            Arc::clone(connection).tell(frame);
        }
    }
}

//! Slow mode: when each user last posted in which room.

use crate::limits::Payer;
use crate::store::{CoordinationStore, StoreError};
use common::text::RoomName;
use common::time::Timestamp;
use parking_lot::Mutex;
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

/// Turns that are remembered; beyond, those that bind nobody any more are forgotten, and if there
/// are none, all: a moment in which a room is less slow does no harm.
const TURNS_MAX: usize = 100_000;

/// See the module.
pub(super) struct SlowMode {
    /// Where all nodes take turns; none where this is the only one.
    store: Option<Arc<dyn CoordinationStore>>,
    turns: Turns,
}

/// Turns taken on this node.
#[derive(Default)]
struct Turns(Mutex<HashMap<Key, Timestamp>>);

/// By room and payer, from when on the next message may come.
type Key = (RoomName, Payer);

impl SlowMode {
    pub(super) fn new(store: Option<Arc<dyn CoordinationStore>>) -> Self {
        Self {
            store,
            turns: Turns::default(),
        }
    }

    /// Takes a turn, or says how many milliseconds are to be waited for it. Of several nodes, the store
    /// is asked: who posts in turn on one and another takes turns all the same.
    ///
    /// # Errors
    /// The store does not say.
    pub(super) async fn take(
        &self,
        room: &RoomName,
        payer: &Payer,
        interval_ms: u64,
        now: Timestamp,
    ) -> Result<Result<(), u64>, StoreError> {
        let Some(store) = &self.store else {
            return Ok(self.turns.take(room, payer, interval_ms, now));
        };
        let payer = match payer {
            Payer::User(user) => format!("user {user}"),
            Payer::Address(number) => format!("address {number:x}"),
        };
        let bucket = format!("slow mode {payer} {room}");
        let interval = Duration::from_millis(interval_ms);
        let taken = store.take_token(&bucket, interval, 1).await?;
        Ok(taken.map_err(|wait| u64::try_from(wait.as_millis()).unwrap_or(u64::MAX).max(1)))
    }
}

impl Turns {
    /// Takes a turn, or says how many milliseconds are to be waited for it.
    fn take(
        &self,
        room: &RoomName,
        payer: &Payer,
        interval_ms: u64,
        now: Timestamp,
    ) -> Result<(), u64> {
        let mut turns = self.0.lock();
        let next = Timestamp(now.0.saturating_add(interval_ms));
        let key = (room.clone(), payer.clone());
        if let Some(free) = turns.get_mut(&key) {
            // A room that has become less slow, or a clock that was set back, binds no longer than
            // it does now.
            let wait_ms = free.0.saturating_sub(now.0).min(interval_ms);
            if wait_ms > 0 {
                return Err(wait_ms);
            }
            *free = next;
            return Ok(());
        }
        if turns.len() >= TURNS_MAX {
            turns.retain(|_, free| *free > now);
            if turns.len() >= TURNS_MAX {
                turns.clear();
            }
        }
        turns.insert(key, next);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_message_in_so_much_time_for_each_user_and_room() {
        let slow_mode = Turns::default();
        let take = |room: &str, user: &str, interval, now| {
            let (room, payer) = (room.parse().unwrap(), Payer::User(user.parse().unwrap()));
            slow_mode.take(&room, &payer, interval, Timestamp(now))
        };
        assert_eq!(take("a", "ada", 1000, 5000), Ok(()));
        assert_eq!(take("a", "ada", 1000, 5400), Err(600));
        assert_eq!(take("a", "bob", 1000, 5400), Ok(()));
        assert_eq!(take("b", "ada", 1000, 5400), Ok(()));
        assert_eq!(take("a", "ada", 100, 5400), Err(100), "less slow by now");
        assert_eq!(take("a", "ada", 1000, 6000), Ok(()));
        assert_eq!(take("a", "ada", 1000, 10), Err(1000), "set back");
    }

    #[test]
    fn what_is_remembered_is_bounded() {
        let slow_mode = Turns::default();
        let room = "a".parse().unwrap();
        for n in 0..TURNS_MAX + 10 {
            let user = Payer::Address(n as u64);
            assert_eq!(slow_mode.take(&room, &user, 1000, Timestamp(1)), Ok(()));
        }
        assert!(slow_mode.0.lock().len() <= TURNS_MAX);
    }
}

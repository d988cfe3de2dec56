//! What each user may send: buckets that all of a user's connections and requests share.

use super::bucket::{Bucket, Rate};
use common::ids::UserId;
use parking_lot::Mutex;
use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// New users between two sweeps, at the least.
const SWEEP_MIN: usize = 1024;

/// One user's buckets.
pub struct UserBuckets {
    messages: Option<Bucket>,
    joins: Option<Bucket>,
    /// Whether it was asked for since the last sweep.
    wanted: AtomicBool,
}

impl UserBuckets {
    /// Takes leave to send something, or says how long to wait for it.
    ///
    /// # Errors
    /// The time.
    pub fn take_message(&self) -> Result<(), Duration> {
        self.messages.as_ref().map_or(Ok(()), Bucket::take)
    }

    /// Takes leave to join a room, or says how long to wait for it.
    ///
    /// # Errors
    /// The time.
    pub fn take_join(&self) -> Result<(), Duration> {
        self.joins.as_ref().map_or(Ok(()), Bucket::take)
    }
}

/// See the module. Buckets that nobody holds, and that were not asked for between two sweeps, are
/// forgotten; sweeps come with new users, so that what is kept is bounded by who is there.
pub(super) struct Users {
    messages: Option<Rate>,
    joins: Option<Rate>,
    known: Mutex<Known>,
}

#[derive(Default)]
struct Known {
    by_user: HashMap<UserId, Arc<UserBuckets>>,
    sweep_at: usize,
}

impl Users {
    pub(super) fn new(messages: Option<Rate>, joins: Option<Rate>) -> Self {
        Self {
            messages,
            joins,
            known: Mutex::default(),
        }
    }

    pub(super) fn of(&self, user: &UserId) -> Option<Arc<UserBuckets>> {
        if self.messages.is_none() && self.joins.is_none() {
            return None;
        }
        let mut known = self.known.lock();
        if let Some(buckets) = known.by_user.get(user) {
            buckets.wanted.store(true, Ordering::Relaxed);
            return Some(Arc::clone(buckets));
        }
        if known.by_user.len() >= known.sweep_at.max(SWEEP_MIN) {
            let wanted = |buckets: &Arc<UserBuckets>| {
                buckets.wanted.swap(false, Ordering::Relaxed) || Arc::strong_count(buckets) > 1
            };
            known.by_user.retain(|_, buckets| wanted(buckets));
            known.sweep_at = known.by_user.len() * 2;
        }
        let buckets = Arc::new(UserBuckets {
            messages: Bucket::new(self.messages),
            joins: Bucket::new(self.joins),
            wanted: AtomicBool::new(true),
        });
        known.by_user.insert(user.clone(), Arc::clone(&buckets));
        Some(buckets)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: Duration = Duration::from_secs(3600);

    fn user(name: &str) -> UserId {
        name.parse().unwrap()
    }

    #[test]
    fn a_users_buckets_are_the_same_ones_wherever_the_user_is() {
        let users = Users::new(Rate::new(1, HOUR, 1), None);
        let one = users.of(&user("ada")).unwrap();
        assert_eq!(one.take_message(), Ok(()));
        drop(one);
        let again = users.of(&user("ada")).unwrap();
        assert!(again.take_message().is_err());
        assert_eq!(again.take_join(), Ok(()), "joins are not limited");
        let other = users.of(&user("bob")).unwrap();
        assert_eq!(other.take_message(), Ok(()));
        assert!(Users::new(None, None).of(&user("ada")).is_none());
    }

    #[test]
    fn what_is_kept_is_bounded_and_spares_those_who_are_there() {
        let users = Users::new(Rate::new(1, HOUR, 1), None);
        let held = users.of(&user("ada")).unwrap();
        assert_eq!(held.take_message(), Ok(()));
        for n in 0..10 * SWEEP_MIN {
            drop(users.of(&user(&format!("passer-by-{n}"))));
        }
        assert!(users.known.lock().by_user.len() <= 4 * SWEEP_MIN);
        let again = users.of(&user("ada")).unwrap();
        assert!(again.take_message().is_err());
    }
}

//! A token bucket, by the generic cell rate algorithm of the `governor` crate: one atomic number.

use governor::clock::{Clock, DefaultClock};
use governor::middleware::NoOpMiddleware;
use governor::state::keyed::DefaultKeyedStateStore;
use governor::state::{InMemoryState, NotKeyed};
use governor::{Quota, RateLimiter};
use std::hash::Hash;
use std::num::NonZeroU32;
use std::time::Duration;

/// So many in a time, and so many at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rate {
    /// The time in which one more comes to be free.
    pub every: Duration,
    /// How many may come at once after a pause.
    pub burst: NonZeroU32,
}

impl Rate {
    /// So many in this time, `burst` of them (or more) at once. None, which is no limit, where
    /// `count` is zero.
    #[must_use]
    pub fn new(count: u32, time: Duration, burst: u32) -> Option<Self> {
        let count = NonZeroU32::new(count)?;
        Some(Self {
            every: time / count.get(),
            burst: NonZeroU32::new(burst).unwrap_or(count),
        })
    }

    fn quota(self) -> Option<Quota> {
        Some(Quota::with_period(self.every)?.allow_burst(self.burst))
    }
}

/// One bucket.
pub(super) struct Bucket(RateLimiter<NotKeyed, InMemoryState, DefaultClock, NoOpMiddleware>);

impl Bucket {
    /// A full one; none where the rate is none.
    pub(super) fn new(rate: Option<Rate>) -> Option<Self> {
        rate?.quota().map(|quota| Self(RateLimiter::direct(quota)))
    }

    /// Takes one, or says how long to wait for it.
    pub(super) fn take(&self) -> Result<(), Duration> {
        self.0
            .check()
            .map_err(|not_until| not_until.wait_time_from(DefaultClock::default().now()))
    }
}

/// Keys that have a bucket at once. Those that are full are forgotten before one more is made.
const KEYS_MAX: usize = 100_000;

/// A bucket for each key. Behind a lock: for what is rare and dear anyway.
pub(super) struct Buckets<K: Hash + Eq + Clone>(
    RateLimiter<K, DefaultKeyedStateStore<K>, DefaultClock, NoOpMiddleware>,
);

impl<K: Hash + Eq + Clone> Buckets<K> {
    /// None yet; none ever where the rate is none.
    pub(super) fn new(rate: Option<Rate>) -> Option<Self> {
        rate?.quota().map(|quota| Self(RateLimiter::keyed(quota)))
    }

    /// Takes one for this key, or says how long to wait for it.
    pub(super) fn take(&self, key: &K) -> Result<(), Duration> {
        if self.0.len() >= KEYS_MAX {
            self.0.retain_recent();
            if self.0.len() >= KEYS_MAX {
                return Err(Duration::from_secs(1));
            }
        }
        self.0
            .check_key(key)
            .map_err(|not_until| not_until.wait_time_from(DefaultClock::default().now()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: Duration = Duration::from_secs(3600);

    #[test]
    fn a_bucket_gives_its_burst_and_then_says_how_long_to_wait() {
        let bucket = Bucket::new(Rate::new(1, HOUR, 3)).unwrap();
        for _ in 0..3 {
            assert_eq!(bucket.take(), Ok(()));
        }
        let wait = bucket.take().unwrap_err();
        assert!(wait > HOUR / 2 && wait <= HOUR, "{wait:?}");
        assert!(Bucket::new(Rate::new(0, HOUR, 3)).is_none());
    }

    #[test]
    fn each_key_has_a_bucket_of_its_own() {
        let buckets = Buckets::new(Rate::new(2, HOUR, 0)).unwrap();
        for key in ["a", "b"] {
            assert_eq!(buckets.take(&key), Ok(()));
            assert_eq!(buckets.take(&key), Ok(()));
            assert!(buckets.take(&key).is_err(), "{key}");
        }
    }
}

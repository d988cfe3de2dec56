//! A token bucket as one atomic number, by the generic cell rate algorithm (ITU-T I.371, annex A).
//!
//! The number is the time at which the bucket will be full again. Taking a token moves it ahead by the
//! time in which one token comes back; a bucket is empty when it would not be full for longer than its
//! whole burst takes.

use crate::clock::MonotonicClock;
use parking_lot::Mutex;
use std::collections::HashMap;
use std::hash::Hash;
use std::num::NonZeroU32;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// Tokens per time, and tokens at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rate {
    /// The time in which one token comes back.
    pub every: Duration,
    /// Tokens in a full bucket.
    pub burst: NonZeroU32,
}

impl Rate {
    /// `count` tokens in `time`; a full bucket has `burst` of them, or `count` where `burst` is zero.
    /// `None`, which is no limit, where `count` is zero.
    #[must_use]
    pub fn new(count: u32, time: Duration, burst: u32) -> Option<Self> {
        let count = NonZeroU32::new(count)?;
        Some(Self {
            every: time / count.get(),
            burst: NonZeroU32::new(burst).unwrap_or(count),
        })
    }

    /// The rate of `factor` such buckets together.
    #[must_use]
    pub fn times(self, factor: NonZeroU32) -> Self {
        Self {
            every: self.every / factor.get(),
            burst: self.burst.saturating_mul(factor),
        }
    }

    /// When a bucket will be full again after `tokens` more are taken.
    fn later(self, full_at: u64, now: u64, tokens: u64) -> u64 {
        let cost = nanos(self.every).saturating_mul(tokens);
        full_at.max(now).saturating_add(cost)
    }

    /// The same, or how long to wait where there are not so many tokens.
    fn take(self, full_at: u64, now: u64, tokens: u64) -> Result<u64, Duration> {
        let later = self.later(full_at, now, tokens);
        let whole = nanos(self.every).saturating_mul(u64::from(self.burst.get()));
        match (later - now).checked_sub(whole) {
            None | Some(0) => Ok(later),
            Some(missing) => Err(Duration::from_nanos(missing)),
        }
    }
}

fn nanos(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}

/// One bucket; full at first. The caller passes its rate and the time, in nanoseconds.
#[derive(Debug, Default)]
pub(super) struct Bucket(AtomicU64);

impl Bucket {
    /// Takes one token.
    ///
    /// # Errors
    /// There is none: how long to wait for it.
    pub(super) fn take(&self, rate: Rate, now: u64) -> Result<(), Duration> {
        let mut full_at = self.0.load(Ordering::Relaxed);
        loop {
            let later = rate.take(full_at, now, 1)?;
            let order = Ordering::Relaxed;
            match self.0.compare_exchange_weak(full_at, later, order, order) {
                Ok(_) => return Ok(()),
                Err(other) => full_at = other,
            }
        }
    }

    /// Whether no token is missing.
    pub(super) fn is_full(&self, now: u64) -> bool {
        self.0.load(Ordering::Relaxed) <= now
    }

    /// Takes tokens that have been spent already, whether or not there are so many: for what is
    /// measured only afterwards.
    pub(super) fn charge(&self, rate: Rate, now: u64, tokens: u64) {
        let order = Ordering::Relaxed;
        let later = |full_at| Some(rate.later(full_at, now, tokens));
        // The closure always has a value, so this always succeeds.
        let _ = self.0.fetch_update(order, order, later);
    }
}

/// Keys that have a bucket at once. Full buckets are forgotten before one more is made.
const KEYS_MAX: usize = 100_000;

/// A bucket for each key. Behind a lock: for requests that are rare and expensive anyway.
pub(super) struct Buckets<K> {
    rate: Rate,
    clock: Arc<dyn MonotonicClock>,
    full_at: Mutex<HashMap<K, u64>>,
}

impl<K: Hash + Eq + Clone> Buckets<K> {
    /// No buckets yet; `None` where nothing is limited.
    pub(super) fn new(rate: Option<Rate>, clock: &Arc<dyn MonotonicClock>) -> Option<Self> {
        rate.map(|rate| Self {
            rate,
            clock: Arc::clone(clock),
            full_at: Mutex::default(),
        })
    }

    /// Takes one token of this key.
    ///
    /// # Errors
    /// There is none: how long to wait for it.
    pub(super) fn take(&self, key: &K) -> Result<(), Duration> {
        let now = nanos(self.clock.elapsed());
        let mut buckets = self.full_at.lock();
        if let Some(full_at) = buckets.get_mut(key) {
            *full_at = self.rate.take(*full_at, now, 1)?;
            return Ok(());
        }
        if buckets.len() >= KEYS_MAX {
            buckets.retain(|_, full_at| *full_at > now);
            if buckets.len() >= KEYS_MAX {
                return Err(Duration::from_secs(1));
            }
        }
        buckets.insert(key.clone(), self.rate.take(0, now, 1)?);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::ManualMonotonic;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn a_bucket_gives_its_burst_and_then_says_how_long_to_wait() {
        let rate = Rate::new(2, SECOND, 3).unwrap();
        let bucket = Bucket::default();
        let at = |ms: u64| nanos(Duration::from_millis(ms));
        for _ in 0..3 {
            assert_eq!(bucket.take(rate, at(1000)), Ok(()));
        }
        let half = Duration::from_millis(500);
        assert_eq!(bucket.take(rate, at(1000)), Err(half));
        assert_eq!(bucket.take(rate, at(1200)), Err(half - at_ms(200)));
        assert_eq!(bucket.take(rate, at(1500)), Ok(()));
        assert_eq!(bucket.take(rate, at(1500)), Err(half));
        assert_eq!(bucket.take(rate, at(100_000)), Ok(()), "full again");
        assert!(Rate::new(0, SECOND, 3).is_none());
    }

    fn at_ms(ms: u64) -> Duration {
        Duration::from_millis(ms)
    }

    #[test]
    fn what_was_spent_already_is_charged_beyond_the_burst() {
        let rate = Rate::new(10, SECOND, 10).unwrap();
        let bucket = Bucket::default();
        bucket.charge(rate, 0, 30);
        let wait = bucket.take(rate, 0).unwrap_err();
        assert_eq!(wait, at_ms(2100));
        assert_eq!(bucket.take(rate, nanos(wait)), Ok(()));
    }

    #[test]
    fn several_buckets_together_have_their_rates_added() {
        let rate = Rate::new(2, SECOND, 3).unwrap();
        let together = rate.times(NonZeroU32::new(4).unwrap());
        assert_eq!(together, Rate::new(8, SECOND, 12).unwrap());
    }

    #[test]
    fn each_key_has_a_bucket_of_its_own_and_their_number_is_bounded() {
        let manual = Arc::new(ManualMonotonic::default());
        let clock = Arc::clone(&manual) as Arc<dyn MonotonicClock>;
        let buckets = Buckets::new(Rate::new(2, SECOND, 0), &clock).unwrap();
        for key in [0, 1] {
            assert_eq!(buckets.take(&key), Ok(()));
            assert_eq!(buckets.take(&key), Ok(()));
            assert!(buckets.take(&key).is_err(), "{key}");
        }
        for key in 2..KEYS_MAX {
            assert_eq!(buckets.take(&key), Ok(()));
        }
        assert!(buckets.take(&KEYS_MAX).is_err(), "all are in use");
        manual.advance(SECOND);
        assert_eq!(buckets.take(&KEYS_MAX), Ok(()));
        assert_eq!(buckets.full_at.lock().len(), 1, "full ones are forgotten");
    }
}

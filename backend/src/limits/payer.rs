//! The payer: whose token buckets a visitor's actions are charged to. All connections and requests of a
//! payer share them.

use super::bucket::{Bucket, Rate};
use super::{Limit, Limits};
use crate::config::LimitsConfig;
use common::ErrorFrame;
use common::ids::UserId;
use parking_lot::Mutex;
use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// New payers between two sweeps, at least.
const SWEEP_MIN: usize = 1024;

/// Who is charged. A new name in each request must not be a new allowance.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Payer {
    /// A user who has proved to be one.
    User(UserId),
    /// All visitors without a proof from one address, by its [number](super::Subnet::number).
    Address(u64),
}

/// The rates of one kind of payer; `None` is no limit.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Rates {
    messages: Option<Rate>,
    joins: Option<Rate>,
    rooms: Option<Rate>,
    reads: Option<Rate>,
    read_bytes: Option<Rate>,
}

impl Rates {
    pub(super) fn of_users(config: &LimitsConfig) -> Self {
        Self {
            messages: config.messages(),
            joins: config.joins(),
            rooms: config.rooms(),
            reads: config.reads(),
            read_bytes: config.read_bytes(),
        }
    }

    pub(super) fn of_addresses(config: &LimitsConfig) -> Self {
        let factor = config.unproven_factor;
        let times = |rate: Option<Rate>| rate.map(|rate| rate.times(factor));
        let Self {
            messages,
            joins,
            rooms,
            reads,
            read_bytes,
        } = Self::of_users(config);
        Self {
            messages: times(messages),
            joins: times(joins),
            rooms: times(rooms),
            reads: times(reads),
            read_bytes: times(read_bytes),
        }
    }
}

/// One payer's buckets.
pub struct PayerBuckets {
    limits: Arc<Limits>,
    rates: Rates,
    messages: Bucket,
    joins: Bucket,
    rooms: Bucket,
    reads: Bucket,
    read_bytes: Bucket,
    /// Whether it was requested since the last sweep.
    wanted: AtomicBool,
}

impl PayerBuckets {
    /// Takes a token of this limit.
    ///
    /// # Errors
    /// There is none; the answer says how long to wait.
    pub fn take(&self, limit: Limit) -> Result<(), ErrorFrame> {
        let (rate, bucket) = match limit {
            Limit::Messages => (self.rates.messages, &self.messages),
            Limit::Joins => (self.rates.joins, &self.joins),
            Limit::Rooms => (self.rates.rooms, &self.rooms),
            Limit::Reads => (self.rates.reads, &self.reads),
            Limit::ReadBytes => (self.rates.read_bytes, &self.read_bytes),
            _ => return Ok(()),
        };
        let Some(rate) = rate else {
            return Ok(());
        };
        let taken = bucket.take(rate, self.now());
        taken.map_err(|wait| self.limits.refused(limit, wait))
    }

    /// Charges for the bytes of an answer that has been made.
    pub fn charge_read(&self, bytes: usize) {
        if let Some(rate) = self.rates.read_bytes {
            let bytes = u64::try_from(bytes).unwrap_or(u64::MAX);
            self.read_bytes.charge(rate, self.now(), bytes);
        }
    }

    fn now(&self) -> u64 {
        let elapsed: Duration = self.limits.clock.elapsed();
        u64::try_from(elapsed.as_nanos()).unwrap_or(u64::MAX)
    }
}

/// Every payer's buckets. Those that nobody holds, and that were not requested between two sweeps, are
/// dropped; sweeps come with new payers, so that what is kept is bounded by who is there.
#[derive(Default)]
pub(super) struct Payers {
    known: Mutex<Known>,
}

#[derive(Default)]
struct Known {
    buckets: HashMap<Payer, Arc<PayerBuckets>>,
    sweep_at: usize,
}

impl Limits {
    /// The buckets of a payer, shared by all its connections and requests.
    #[must_use]
    pub fn buckets(self: &Arc<Self>, payer: &Payer) -> Arc<PayerBuckets> {
        let mut known = self.payers.known.lock();
        if let Some(buckets) = known.buckets.get(payer) {
            buckets.wanted.store(true, Ordering::Relaxed);
            return Arc::clone(buckets);
        }
        if known.buckets.len() >= known.sweep_at.max(SWEEP_MIN) {
            let wanted = |buckets: &Arc<PayerBuckets>| {
                buckets.wanted.swap(false, Ordering::Relaxed) || Arc::strong_count(buckets) > 1
            };
            known.buckets.retain(|_, buckets| wanted(buckets));
            known.sweep_at = known.buckets.len() * 2;
        }
        let rates = match payer {
            Payer::User(_) => self.user_rates,
            Payer::Address(_) => self.address_rates,
        };
        let buckets = Arc::new(PayerBuckets {
            limits: Arc::clone(self),
            rates,
            messages: Bucket::default(),
            joins: Bucket::default(),
            rooms: Bucket::default(),
            reads: Bucket::default(),
            read_bytes: Bucket::default(),
            wanted: AtomicBool::new(true),
        });
        known.buckets.insert(payer.clone(), Arc::clone(&buckets));
        buckets
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::ManualMonotonic;

    fn limits() -> Arc<Limits> {
        let config = LimitsConfig {
            messages_per_second: 1,
            messages_burst: 1,
            joins_per_second: 0,
            ..LimitsConfig::default()
        };
        Limits::new(config, Arc::new(ManualMonotonic::default()), usize::MAX)
    }

    fn user(name: &str) -> Payer {
        Payer::User(name.parse().unwrap())
    }

    #[test]
    fn a_payers_buckets_are_the_same_on_every_connection() {
        let limits = limits();
        let one = limits.buckets(&user("ada"));
        assert_eq!(one.take(Limit::Messages), Ok(()));
        drop(one);
        let again = limits.buckets(&user("ada"));
        assert!(again.take(Limit::Messages).is_err());
        assert_eq!(again.take(Limit::Joins), Ok(()), "joins are not limited");
        let other = limits.buckets(&user("bob"));
        assert_eq!(other.take(Limit::Messages), Ok(()));
    }

    #[test]
    fn visitors_without_a_proof_share_the_buckets_of_their_address() {
        let limits = limits();
        for _ in 0..LimitsConfig::default().unproven_factor.get() {
            let visitor = limits.buckets(&Payer::Address(7));
            assert_eq!(visitor.take(Limit::Messages), Ok(()));
        }
        let one_more = limits.buckets(&Payer::Address(7));
        assert!(one_more.take(Limit::Messages).is_err());
        let elsewhere = limits.buckets(&Payer::Address(8));
        assert_eq!(elsewhere.take(Limit::Messages), Ok(()));
    }

    #[test]
    fn what_is_kept_is_bounded_and_spares_those_who_are_there() {
        let limits = limits();
        let held = limits.buckets(&user("ada"));
        assert_eq!(held.take(Limit::Messages), Ok(()));
        for n in 0..10 * SWEEP_MIN {
            drop(limits.buckets(&user(&format!("passer-by-{n}"))));
        }
        assert!(limits.payers.known.lock().buckets.len() <= 4 * SWEEP_MIN);
        let again = limits.buckets(&user("ada"));
        assert!(again.take(Limit::Messages).is_err());
    }
}

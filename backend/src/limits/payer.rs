//! The payer: whose token buckets a visitor's actions are charged to. All connections and requests of a
//! payer share them.

use super::bucket::{Bucket, Rate};
use super::sharing::{BUCKETS, Unshared, address_key, is_address, user_key};
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

/// The number of the bucket that a limit takes from; none where that is no payer's. The same in every
/// version: nodes name buckets to each other by it.
fn bucket_of(limit: Limit) -> Option<usize> {
    match limit {
        Limit::Messages => Some(0),
        Limit::Joins => Some(1),
        Limit::Rooms => Some(2),
        Limit::Reads => Some(3),
        Limit::ReadBytes => Some(4),
        _ => None,
    }
}

/// The rates of one kind of payer, by the number of the bucket; `None` is no limit.
#[derive(Debug, Clone, Copy)]
pub(super) struct Rates([Option<Rate>; BUCKETS]);

impl Rates {
    pub(super) fn of_users(config: &LimitsConfig) -> Self {
        Self([
            config.messages(),
            config.joins(),
            config.rooms(),
            config.reads(),
            config.read_bytes(),
        ])
    }

    pub(super) fn of_addresses(config: &LimitsConfig) -> Self {
        let Self(rates) = Self::of_users(config);
        Self(rates.map(|rate| rate.map(|rate| rate.times(config.unproven_factor))))
    }
}

/// One payer's buckets.
pub struct PayerBuckets {
    limits: Arc<Limits>,
    rates: Rates,
    buckets: [Bucket; BUCKETS],
    /// What other nodes have not been told; none on a single node.
    unshared: Option<Box<Unshared>>,
    /// Whether it was requested since the last sweep.
    wanted: AtomicBool,
}

impl PayerBuckets {
    pub(super) fn new(limits: &Arc<Limits>, rates: Rates, unshared: Option<Unshared>) -> Self {
        Self {
            limits: Arc::clone(limits),
            rates,
            buckets: Default::default(),
            unshared: unshared.map(Box::new),
            wanted: AtomicBool::new(true),
        }
    }

    fn bucket(&self, number: usize) -> Option<(Rate, &Bucket)> {
        let rate = self.rates.0.get(number).copied().flatten()?;
        Some((rate, self.buckets.get(number)?))
    }

    /// Takes a token of this limit.
    ///
    /// # Errors
    /// There is none; the answer says how long to wait.
    pub fn take(&self, limit: Limit) -> Result<(), ErrorFrame> {
        let Some(number) = bucket_of(limit) else {
            return Ok(());
        };
        let Some((rate, bucket)) = self.bucket(number) else {
            return Ok(());
        };
        let taken = bucket.take(rate, self.now());
        taken.map_err(|wait| self.limits.refused(limit, wait))?;
        self.note_use(number, rate, 1);
        Ok(())
    }

    /// Charges for the bytes of an answer that has been made.
    pub fn charge_read(&self, bytes: usize) {
        let tokens = u32::try_from(bytes).unwrap_or(u32::MAX);
        if let Some(number) = bucket_of(Limit::ReadBytes)
            && let Some((rate, bucket)) = self.bucket(number)
        {
            bucket.charge(rate, self.now(), u64::from(tokens));
            self.note_use(number, rate, tokens);
        }
    }

    /// Charges for what another node has let through.
    pub(super) fn charge_remote(&self, number: usize, tokens: u32) {
        if let Some((rate, bucket)) = self.bucket(number) {
            bucket.charge(rate, self.now(), u64::from(tokens));
        }
    }

    fn note_use(&self, number: usize, rate: Rate, tokens: u32) {
        if let Some(unshared) = &self.unshared {
            unshared.add(&self.limits.sharing, number, rate, tokens);
        }
    }

    pub(super) fn take_unshared(&self, number: usize) -> u32 {
        self.unshared.as_ref().map_or(0, |all| all.take(number))
    }

    /// Whether nothing is taken from any of its buckets.
    pub(super) fn is_full(&self) -> bool {
        let now = self.now();
        self.buckets.iter().all(|bucket| bucket.is_full(now))
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
    /// Where they are shared: those of this node and of others, by what all nodes call them.
    by_key: HashMap<u64, Arc<PayerBuckets>>,
    sweep_at: usize,
}

impl Known {
    /// Drops what nobody holds or has used, where there are many.
    fn sweep(&mut self, is_shared: bool) {
        if self.buckets.len() + self.by_key.len() < self.sweep_at.max(SWEEP_MIN) {
            return;
        }
        let held_here = 1 + usize::from(is_shared);
        let wanted = |buckets: &Arc<PayerBuckets>| {
            buckets.wanted.swap(false, Ordering::Relaxed) || Arc::strong_count(buckets) > held_here
        };
        self.buckets.retain(|_, buckets| wanted(buckets));
        self.by_key
            .retain(|_, buckets| Arc::strong_count(buckets) > 1 || !buckets.is_full());
        self.sweep_at = (self.buckets.len() + self.by_key.len()) * 2;
    }
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
        known.sweep(self.sharing.is_on());
        let buckets = match self.shared_key(payer) {
            Some(key) => Arc::clone(self.by_key(&mut known, key)),
            None => Arc::new(PayerBuckets::new(self, self.rates_of(payer), None)),
        };
        known.buckets.insert(payer.clone(), Arc::clone(&buckets));
        buckets
    }

    /// What other nodes call a payer; none where there are no others.
    fn shared_key(&self, payer: &Payer) -> Option<u64> {
        self.sharing.is_on().then(|| match payer {
            Payer::User(user) => user_key(user),
            Payer::Address(number) => address_key(*number),
        })
    }

    fn rates_of(&self, payer: &Payer) -> Rates {
        match payer {
            Payer::User(_) => self.user_rates,
            Payer::Address(_) => self.address_rates,
        }
    }

    fn by_key<'a>(self: &Arc<Self>, known: &'a mut Known, key: u64) -> &'a Arc<PayerBuckets> {
        known.by_key.entry(key).or_insert_with(|| {
            let rates = match is_address(key) {
                true => self.address_rates,
                false => self.user_rates,
            };
            Arc::new(PayerBuckets::new(self, rates, Some(Unshared::new(key))))
        })
    }

    /// Does something with the buckets of a payer that other nodes call so, known here or not.
    pub(super) fn with_shared(self: &Arc<Self>, key: u64, act: impl FnOnce(&PayerBuckets)) {
        let mut known = self.payers.known.lock();
        known.sweep(true);
        act(self.by_key(&mut known, key));
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

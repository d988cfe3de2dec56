//! Limits on admission: connections per address, and sign-in attempts.

use super::address::Subnet;
use super::bucket::Buckets;
use super::{Limit, Limits};
use crate::clock::MonotonicClock;
use crate::config::LimitsConfig;
use common::ErrorFrame;
use common::ids::UserId;
use common::text::UserName;
use parking_lot::Mutex;
use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::hash::{BuildHasher, RandomState};
use std::sync::Arc;
use std::time::Duration;

/// When a connection that was one too many may be tried again.
const RETRY_AFTER: Duration = Duration::from_secs(5);

/// How many connections each address has.
#[derive(Default)]
pub(super) struct AddressCounts(Mutex<HashMap<Subnet, usize>>);

impl AddressCounts {
    /// Counts one more of this address, unless it has `max`.
    pub(super) fn take(self: &Arc<Self>, subnet: Subnet, max: usize) -> Option<AddressSlot> {
        let mut counts = self.0.lock();
        let before = counts.get(&subnet).copied().unwrap_or(0);
        if before >= max {
            return None;
        }
        counts.insert(subnet, before + 1);
        Some(AddressSlot {
            counts: Arc::clone(self),
            subnet,
        })
    }

    /// The addresses with so many that they are `wanted`.
    fn list(&self, wanted: impl Fn(usize) -> bool) -> Vec<(Subnet, usize)> {
        let counts = self.0.lock();
        let wanted = counts.iter().filter(|(_, count)| wanted(**count));
        wanted.map(|(subnet, count)| (*subnet, *count)).collect()
    }
}

pub(super) struct AdmissionLimits {
    by_address: Arc<AddressCounts>,
    attempts_by_address: Option<Buckets<Subnet>>,
    /// By hashes: a flood of long names must not be a flood of memory.
    attempts_by_name: Option<Buckets<u64>>,
    hasher: RandomState,
}

impl AdmissionLimits {
    pub(super) fn new(config: &LimitsConfig, clock: &Arc<dyn MonotonicClock>) -> Self {
        Self {
            by_address: Arc::default(),
            attempts_by_address: Buckets::new(config.attempts_per_address(), clock),
            attempts_by_name: Buckets::new(config.attempts_per_name(), clock),
            hasher: RandomState::new(),
        }
    }

    /// The addresses with so many connections that they are `wanted`.
    pub(super) fn addresses(&self, wanted: impl Fn(usize) -> bool) -> Vec<(Subnet, usize)> {
        self.by_address.list(wanted)
    }
}

/// A connection's place among those from its address, for as long as this lives.
pub struct AddressSlot {
    counts: Arc<AddressCounts>,
    subnet: Subnet,
}

impl Drop for AddressSlot {
    fn drop(&mut self) {
        let mut counts = self.counts.0.lock();
        if let Entry::Occupied(mut count) = counts.entry(self.subnet) {
            *count.get_mut() -= 1;
            if *count.get() == 0 {
                count.remove();
            }
        }
    }
}

impl Limits {
    /// Counts a connection from this address, until what it returns is dropped; nothing where
    /// these are not limited.
    ///
    /// # Errors
    /// The address has as many as it may.
    pub fn admit(self: &Arc<Self>, subnet: Subnet) -> Result<Option<AddressSlot>, ErrorFrame> {
        let max = self.config.connections_per_address_max;
        let Ok(max @ 1..) = usize::try_from(max) else {
            return Ok(None);
        };
        let here = max.saturating_sub(self.sharing.of_address_elsewhere(subnet));
        let taken = self.admission.by_address.take(subnet, here);
        let refused = || self.refused(Limit::ConnectionsPerAddress, RETRY_AFTER);
        taken.map(Some).ok_or_else(refused)
    }

    /// Takes one of a user's connections from `reserve`, which is told how many there may be; nothing
    /// where these are not limited.
    ///
    /// # Errors
    /// The user has as many as it may.
    pub fn admit_user<T>(
        &self,
        user: &UserId,
        reserve: impl FnOnce(usize) -> Option<T>,
    ) -> Result<Option<T>, ErrorFrame> {
        let max = self.config.connections_per_user_max;
        if max == 0 {
            return Ok(None);
        }
        let refused = || self.refused(Limit::ConnectionsPerUser, RETRY_AFTER);
        let here = max.saturating_sub(self.sharing.of_user_elsewhere(user));
        reserve(here).map(Some).ok_or_else(refused)
    }

    /// Takes leave for an attempt to sign in, be there such a name or not.
    ///
    /// # Errors
    /// There were too many from this address, or by this name.
    pub async fn attempt(&self, subnet: Subnet, name: Option<&UserName>) -> Result<(), ErrorFrame> {
        if let Some(buckets) = &self.admission.attempts_by_address
            && let Err(wait) = buckets.take(&subnet)
        {
            return Err(self.refused(Limit::AttemptsPerAddress, wait));
        }
        let Some(name) = name else {
            return Ok(());
        };
        let name = name.as_str().to_lowercase();
        if let Some(store) = self.sharing.store.get() {
            return self.attempt_shared(&**store, &name).await;
        }
        if let Some(buckets) = &self.admission.attempts_by_name {
            let hash = self.admission.hasher.hash_one(name);
            if let Err(wait) = buckets.take(&hash) {
                return Err(self.refused(Limit::AttemptsPerName, wait));
            }
        }
        Ok(())
    }
}

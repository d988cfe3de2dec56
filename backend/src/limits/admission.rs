//! Who comes in at the door: connections from one address, and attempts to sign in.

use super::address::Subnet;
use super::bucket::{Buckets, Rate};
use super::{Limit, Limits};
use common::ErrorFrame;
use common::text::UserName;
use parking_lot::Mutex;
use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::hash::{BuildHasher, RandomState};
use std::sync::Arc;
use std::time::Duration;

/// When a connection that was one too many may be tried again.
const RETRY_AFTER: Duration = Duration::from_secs(5);

pub(super) struct AdmissionLimits {
    per_address_max: u32,
    by_address: Mutex<HashMap<Subnet, u32>>,
    attempts_by_address: Option<Buckets<Subnet>>,
    /// By hashes: a flood of long names must not be a flood of memory.
    attempts_by_name: Option<Buckets<u64>>,
    hasher: RandomState,
}

impl AdmissionLimits {
    pub(super) fn new(
        per_address_max: u32,
        by_address: Option<Rate>,
        by_name: Option<Rate>,
    ) -> Self {
        Self {
            per_address_max,
            by_address: Mutex::default(),
            attempts_by_address: Buckets::new(by_address),
            attempts_by_name: Buckets::new(by_name),
            hasher: RandomState::new(),
        }
    }
}

/// A connection's place among those from its address, for as long as this lives.
pub struct AddressSlot {
    limits: Arc<Limits>,
    subnet: Subnet,
}

impl Drop for AddressSlot {
    fn drop(&mut self) {
        let mut by_address = self.limits.admission.by_address.lock();
        if let Entry::Occupied(mut count) = by_address.entry(self.subnet) {
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
        if self.admission.per_address_max == 0 {
            return Ok(None);
        }
        let mut by_address = self.admission.by_address.lock();
        let count = by_address.entry(subnet).or_default();
        if *count >= self.admission.per_address_max {
            drop(by_address);
            return Err(self.refused(Limit::ConnectionsPerAddress, RETRY_AFTER));
        }
        *count += 1;
        drop(by_address);
        Ok(Some(AddressSlot {
            limits: Arc::clone(self),
            subnet,
        }))
    }

    /// The answer to a connection of a user who has `open` already, where these are too many.
    ///
    /// # Errors
    /// They are too many.
    pub fn admit_user(&self, open: usize) -> Result<(), ErrorFrame> {
        match self.config.connections_per_user_max {
            0 => Ok(()),
            max if open < max => Ok(()),
            _ => Err(self.refused(Limit::ConnectionsPerUser, RETRY_AFTER)),
        }
    }

    /// Takes leave for an attempt to sign in, be there such a name or not.
    ///
    /// # Errors
    /// There were too many from this address, or by this name.
    pub fn attempt(&self, subnet: Subnet, name: Option<&UserName>) -> Result<(), ErrorFrame> {
        if let Some(buckets) = &self.admission.attempts_by_address
            && let Err(wait) = buckets.take(&subnet)
        {
            return Err(self.refused(Limit::AttemptsPerAddress, wait));
        }
        if let (Some(buckets), Some(name)) = (&self.admission.attempts_by_name, name) {
            let hash = self.admission.hasher.hash_one(name.as_str().to_lowercase());
            if let Err(wait) = buckets.take(&hash) {
                return Err(self.refused(Limit::AttemptsPerName, wait));
            }
        }
        Ok(())
    }
}

//! What nodes know of each other's use of limits, and what they call those who are limited.

use super::Subnet;
use super::bucket::Rate;
use crate::store::CoordinationStore;
use common::ids::UserId;
use parking_lot::Mutex;
use sha2::{Digest as _, Sha256};
use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, OnceLock};

/// Buckets of one payer.
pub(super) const BUCKETS: usize = 5;

/// The part of a burst, or of the connections, from which on others are told.
pub(super) const TOLD_PART: u32 = 16;

/// The state of sharing.
#[derive(Default)]
pub(super) struct Sharing {
    /// Set by [`Limits::share_use`](super::Limits::share_use).
    pub(super) is_on: AtomicBool,
    /// Set by [`Limits::share_attempts`](super::Limits::share_attempts).
    pub(super) store: OnceLock<Arc<dyn CoordinationStore>>,
    /// Payers of whom others are to be told, and of which bucket.
    pub(super) due: Mutex<Vec<(u64, usize)>>,
    /// By node, how many connections owners have there.
    pub(super) connections: Mutex<HashMap<u64, HashMap<u64, u32>>>,
}

/// What a payer has used and others have not been told.
pub(super) struct Unshared {
    key: u64,
    tokens: [AtomicU32; BUCKETS],
}

/// The kinds of owners; of the least bit of a name, and hashed with it.
const USER: u64 = 0;
const ADDRESS: u64 = 1;
/// Of names that were tried; no payer is called so.
pub(super) const NAME: u64 = 2;

/// A name that is the same on every node, and that nobody finds two owners for on purpose.
pub(super) fn key(kind: u64, id: &[u8]) -> u64 {
    let mut hash = Sha256::new();
    hash.update(kind.to_be_bytes());
    hash.update(id);
    let hash: [u8; 32] = hash.finalize().into();
    let head = hash
        .first_chunk()
        .map_or(0, |head| u64::from_be_bytes(*head));
    (head & !1) | (kind & 1)
}

/// Whether a payer of this name is all visitors of an address.
pub(super) fn is_address(key: u64) -> bool {
    key & 1 == ADDRESS
}

pub(super) fn user_key(user: &UserId) -> u64 {
    key(USER, user.as_str().as_bytes())
}

pub(super) fn address_key(number: u64) -> u64 {
    key(ADDRESS, &number.to_be_bytes())
}

impl Sharing {
    pub(super) fn is_on(&self) -> bool {
        self.is_on.load(Ordering::Relaxed)
    }

    /// Connections that an owner has on other nodes.
    fn elsewhere(&self, owner: impl FnOnce() -> u64) -> usize {
        if !self.is_on() {
            return 0;
        }
        let owner = owner();
        let nodes = self.connections.lock();
        let counts = nodes.values().filter_map(|node| node.get(&owner));
        let count: u64 = counts.copied().map(u64::from).sum();
        usize::try_from(count).unwrap_or(usize::MAX)
    }

    pub(super) fn of_user_elsewhere(&self, user: &UserId) -> usize {
        self.elsewhere(|| user_key(user))
    }

    pub(super) fn of_address_elsewhere(&self, subnet: Subnet) -> usize {
        self.elsewhere(|| address_key(subnet.number()))
    }
}

impl Unshared {
    pub(super) fn new(key: u64) -> Self {
        Self {
            key,
            tokens: Default::default(),
        }
    }

    pub(super) fn add(&self, sharing: &Sharing, number: usize, rate: Rate, tokens: u32) {
        let Some(unshared) = self.tokens.get(number) else {
            return;
        };
        let before = unshared.fetch_add(tokens, Ordering::Relaxed);
        let told_from = (rate.burst.get() / TOLD_PART).max(1);
        if before < told_from && before.saturating_add(tokens) >= told_from {
            sharing.due.lock().push((self.key, number));
        }
    }

    pub(super) fn take(&self, number: usize) -> u32 {
        let unshared = self.tokens.get(number);
        unshared.map_or(0, |tokens| tokens.swap(0, Ordering::Relaxed))
    }
}

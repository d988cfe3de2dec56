//! Limits that hold across nodes.
//!
//! Nothing is asked before something is let through. Each node lets through what its own buckets and
//! counts allow, tells the others what was used, and deducts what they tell. So what a payer uses on
//! several nodes within the moment that telling takes may exceed a burst, by one burst for each further
//! node; all of it is deducted, and the rate holds. Who uses little is not told: less than a sixteenth of
//! a burst, or of the connections that one may have, on each node.

use super::sharing::{NAME, TOLD_PART, address_key, key, user_key};
use super::{Limit, Limits};
use crate::bus::{Connections, Usage};
use crate::store::CoordinationStore;
use common::ErrorFrame;
use common::ids::UserId;
use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::Ordering;

/// Owners of many connections whom a node names; of more, those with the most.
const OWNERS_MAX: usize = 4096;

fn is_much(count: usize, max: usize) -> bool {
    let part = max / usize::try_from(TOLD_PART).unwrap_or(1);
    max > 0 && count >= part.max(1)
}

impl Limits {
    /// From now on others are told what is used here; called before anybody is there.
    pub fn share_use(&self) {
        self.sharing.is_on.store(true, Ordering::Relaxed);
    }

    /// From now on attempts by one name are counted in the store that all nodes use, exactly.
    pub fn share_attempts(&self, store: Arc<dyn CoordinationStore>) {
        // Whoever comes second wants the same.
        drop(self.sharing.store.set(store));
    }

    /// Takes leave for an attempt by this name, of all nodes together.
    pub(super) async fn attempt_shared(
        &self,
        store: &dyn CoordinationStore,
        name: &str,
    ) -> Result<(), ErrorFrame> {
        let Some(rate) = self.config.attempts_per_name() else {
            return Ok(());
        };
        // Not the name itself: it may be a password in the wrong field.
        let bucket = format!("attempts {:016x}", key(NAME, name.as_bytes()));
        let taken = store.take_token(&bucket, rate.every, rate.burst.get());
        let taken = taken.await.map_err(|error| error.to_frame())?;
        taken.map_err(|wait| self.refused(Limit::AttemptsPerName, wait))
    }

    /// What others are to be told, once.
    #[must_use]
    pub fn take_used(self: &Arc<Self>) -> Vec<Usage> {
        let due = std::mem::take(&mut *self.sharing.due.lock());
        let used = due.into_iter().filter_map(|(payer, number)| {
            let mut tokens = 0;
            self.with_shared(payer, |buckets| tokens = buckets.take_unshared(number));
            let bucket = u8::try_from(number).ok()?;
            (tokens > 0).then_some(Usage {
                payer,
                bucket,
                tokens,
            })
        });
        used.collect()
    }

    /// Deducts what another node has let through.
    pub fn deduct(self: &Arc<Self>, used: Usage) {
        self.with_shared(used.payer, |buckets| {
            buckets.charge_remote(usize::from(used.bucket), used.tokens);
        });
    }

    /// The addresses and users with many connections here. `users` lists the latter, given what is
    /// many.
    pub fn many_connections(
        &self,
        users: impl FnOnce(&dyn Fn(usize) -> bool) -> Vec<(UserId, usize)>,
    ) -> Vec<Connections> {
        let many = |owner, count: usize| Connections {
            owner,
            count: u32::try_from(count).unwrap_or(u32::MAX),
        };
        let per_user = self.config.connections_per_user_max;
        let users = users(&|count| is_much(count, per_user));
        let users = users
            .iter()
            .map(|(user, count)| many(user_key(user), *count));
        let per_address = self.config.connections_per_address_max;
        let per_address = usize::try_from(per_address).unwrap_or(usize::MAX);
        let addresses = self
            .admission
            .addresses(|count| is_much(count, per_address));
        let addresses = addresses
            .into_iter()
            .map(|(subnet, count)| many(address_key(subnet.number()), count));
        let mut all: Vec<Connections> = users.chain(addresses).collect();
        all.sort_unstable_by_key(|many| std::cmp::Reverse(many.count));
        all.truncate(OWNERS_MAX);
        all
    }

    /// Takes what another node says of that, in place of what it said before.
    pub fn set_connections_elsewhere(&self, node: u64, all: Vec<Connections>) {
        let counts = all.into_iter().map(|many| (many.owner, many.count));
        let counts: HashMap<u64, u32> = counts.collect();
        let mut nodes = self.sharing.connections.lock();
        match counts.is_empty() {
            true => nodes.remove(&node),
            false => nodes.insert(node, counts),
        };
    }
}

#[cfg(test)]
mod tests;

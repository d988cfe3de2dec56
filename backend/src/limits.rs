//! What one user and one address may cost: token buckets and counts, each with a counter of what it
//! has refused.
//!
//! On the way of a message there is no lock and no allocation: a connection holds its user's
//! buckets, and taking from one is one look at the clock and one exchange.

mod address;
mod admission;
mod bucket;
mod counters;
mod users;

use crate::config::LimitsConfig;
use common::ErrorFrame;
use common::ids::UserId;
use std::sync::Arc;

pub use address::{AddressError, Proxies, Subnet};
pub use admission::AddressSlot;
pub use bucket::Rate;
pub use counters::{Counters, Limit};
pub use users::UserBuckets;

use admission::AdmissionLimits;
use users::Users;

/// See the module.
pub struct Limits {
    config: LimitsConfig,
    counters: Counters,
    users: Users,
    admission: AdmissionLimits,
}

impl Limits {
    /// These limits.
    #[must_use]
    pub fn new(config: LimitsConfig) -> Arc<Self> {
        Arc::new(Self {
            counters: Counters::default(),
            users: Users::new(config.messages(), config.joins()),
            admission: AdmissionLimits::new(
                config.connections_per_address_max,
                config.attempts_per_address(),
                config.attempts_per_name(),
            ),
            config,
        })
    }

    /// How they are configured.
    #[must_use]
    pub fn config(&self) -> &LimitsConfig {
        &self.config
    }

    /// What was refused so far.
    #[must_use]
    pub fn counters(&self) -> &Counters {
        &self.counters
    }

    /// The buckets of a user, shared by all the user's connections and requests. None where
    /// nothing is limited.
    #[must_use]
    pub fn user(&self, user: &UserId) -> Option<Arc<UserBuckets>> {
        self.users.of(user)
    }

    /// Notes that something was refused, and makes the answer.
    #[must_use]
    pub fn refused(&self, limit: Limit, wait: std::time::Duration) -> ErrorFrame {
        self.counters.count(limit);
        let mut error = ErrorFrame::new(limit.code(), limit.words());
        let ms = u64::try_from(wait.as_millis()).unwrap_or(u64::MAX);
        error.retry_after_ms = Some(ms.max(1));
        error
    }
}

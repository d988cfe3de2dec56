//! Limits per user and per address: token buckets and counts, each with a counter of what it has
//! refused.
//!
//! The path of a message takes no lock and allocates nothing: a connection holds its payer's buckets,
//! and taking a token reads the clock once and exchanges one atomic number.

mod address;
mod admission;
mod bucket;
mod counters;
mod payer;
mod rates;
mod shared_use;
mod sharing;
mod sockets;

use crate::clock::MonotonicClock;
use crate::config::LimitsConfig;
use common::ErrorFrame;
use std::sync::Arc;

pub use address::{AddressError, Proxies, Subnet};
pub use admission::AddressSlot;
pub use bucket::Rate;
pub use counters::{Counters, Limit};
pub use payer::{Payer, PayerBuckets};
pub use sockets::SocketSlot;

use admission::{AddressCounts, AdmissionLimits};
use payer::{Payers, Rates};
use sharing::Sharing;
use sockets::Sockets;

/// See the module.
pub struct Limits {
    config: LimitsConfig,
    clock: Arc<dyn MonotonicClock>,
    counters: Counters,
    user_rates: Rates,
    address_rates: Rates,
    payers: Payers,
    sharing: Sharing,
    admission: AdmissionLimits,
    sockets: Sockets,
    socket_addresses: Arc<AddressCounts>,
    /// Connections that the limit of open files leaves room for.
    files_max: usize,
}

impl Limits {
    /// These limits, on a node whose open files leave room for `files_max` connections.
    #[must_use]
    pub fn new(
        config: LimitsConfig,
        clock: Arc<dyn MonotonicClock>,
        files_max: usize,
    ) -> Arc<Self> {
        Arc::new(Self {
            counters: Counters::default(),
            user_rates: Rates::of_users(&config),
            address_rates: Rates::of_addresses(&config),
            payers: Payers::default(),
            sharing: Sharing::default(),
            admission: AdmissionLimits::new(&config, &clock),
            sockets: Sockets::default(),
            socket_addresses: Arc::default(),
            files_max,
            clock,
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

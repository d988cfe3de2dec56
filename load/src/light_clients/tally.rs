//! What all members have done, counted while they do it.

use crate::times::{Samples, Times};
use anyhow::{Result, bail};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// See the module.
#[derive(Default)]
pub(super) struct Tally {
    pub(super) joined: AtomicU64,
    /// Messages that members were sent, each member's counted.
    pub(super) delivered: AtomicU64,
    /// Messages that have arrived: at the last member, or acked.
    pub(super) arrived: AtomicU64,
    /// Members whom the server closed after they had stalled.
    pub(super) closed: AtomicU64,
    /// A writer has so much on its way that it does not follow the clock any more.
    pub(super) overrun: AtomicBool,
    /// Times are kept only while this is on.
    pub(super) measuring: AtomicBool,
    failed: AtomicU64,
    /// The first failure in words.
    failure: Mutex<Option<String>>,
    /// From setting out to arriving.
    times: Mutex<Samples>,
    /// From the beginning of the connection to `joined`.
    joins: Mutex<Samples>,
}

/// Also after a panic elsewhere: what is in it is what there was.
pub(super) fn lock_ignoring_poison<T>(lock: &Mutex<T>) -> MutexGuard<'_, T> {
    lock.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Tally {
    pub(super) fn joined(&self, took: Duration) {
        self.joined.fetch_add(1, Relaxed);
        lock_ignoring_poison(&self.joins).push(took);
    }

    pub(super) fn arrived(&self, took: Duration) {
        self.arrived.fetch_add(1, Relaxed);
        if self.measuring.load(Relaxed) {
            lock_ignoring_poison(&self.times).push(took);
        }
    }

    pub(super) fn failed(&self, error: &anyhow::Error) {
        self.failed.fetch_add(1, Relaxed);
        lock_ignoring_poison(&self.failure).get_or_insert_with(|| format!("{error:#}"));
    }

    /// An error, where a member has failed.
    pub(super) fn check(&self) -> Result<()> {
        let failed = self.failed.load(Relaxed);
        if failed == 0 {
            return Ok(());
        }
        let failure = lock_ignoring_poison(&self.failure);
        let failure = failure.as_deref().unwrap_or_default();
        bail!("{failed} members failed, the first because: {failure}")
    }

    /// The times that were measured since they were last taken.
    pub(super) fn take_times(&self) -> Times {
        lock_ignoring_poison(&self.times).take()
    }

    pub(super) fn take_joins(&self) -> Times {
        lock_ignoring_poison(&self.joins).take()
    }
}

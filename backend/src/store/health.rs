//! Whether the store works. Readiness follows it, and its failures are logged here, once a minute with
//! their number.
//!
//! An engine records the outcome of every operation. A monitor probes it once a second: a working store
//! is only read; a store that has failed must accept a write before it counts as working again.

use super::StoreError;
use async_trait::async_trait;
use parking_lot::Mutex;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::MissedTickBehavior;

/// Time between two probes.
const PROBE_EVERY: Duration = Duration::from_secs(1);

/// Probes between two log lines about failures: a minute.
const PROBES_PER_LINE: u32 = 60;

/// The last known state of a store.
#[derive(Debug, Default)]
pub struct StoreHealth(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    /// Why the store does not work now; none while it works.
    fault: Option<StoreError>,
    /// The last error, whether or not it is the whole store's.
    last_error: Option<StoreError>,
    /// Failed operations since the last report.
    failures: u64,
}

/// What a probe has to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Probe {
    /// The store works: look whether that is still true, without writing.
    Look,
    /// The store has failed: write something.
    Write,
}

impl StoreHealth {
    /// Records the outcome of an operation. Success does not end a fault: reads may succeed on a
    /// full disk. Only [`Self::recover`] does.
    pub fn record<T>(&self, outcome: &Result<T, StoreError>) {
        let Err(error) = outcome else {
            return;
        };
        let mut state = self.0.lock();
        state.failures += 1;
        state.last_error = Some(error.clone());
        let is_permanent = matches!(state.fault, Some(StoreError::Permanent(_)));
        if error.concerns_whole_store() && !is_permanent {
            state.fault = Some(error.clone());
        }
    }

    /// Ends a transient fault. A permanent one lasts until the node is started again.
    pub fn recover(&self) {
        let mut state = self.0.lock();
        if !matches!(state.fault, Some(StoreError::Permanent(_))) {
            state.fault = None;
        }
    }

    /// Why the store does not work; none while it works.
    #[must_use]
    pub fn fault(&self) -> Option<StoreError> {
        self.0.lock().fault.clone()
    }

    /// The failures since the last call, with the last error.
    fn take_failures(&self) -> Option<(u64, StoreError)> {
        let mut state = self.0.lock();
        let failures = std::mem::take(&mut state.failures);
        state.last_error.take().map(|error| (failures, error))
    }
}

/// An engine whose state can be asked for.
#[async_trait]
pub trait Monitored: Send + Sync {
    /// The engine's own record of its outcomes.
    fn health(&self) -> &Arc<StoreHealth>;

    /// Checks that the store can be used, beyond what operations have shown.
    async fn probe(&self, probe: Probe) -> Result<(), StoreError>;
}

/// Probes the store until the future is dropped.
pub async fn monitor(store: Arc<dyn Monitored>) {
    let mut probes = tokio::time::interval(PROBE_EVERY);
    probes.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut reports = Reports::default();
    loop {
        probes.tick().await;
        probe(&*store).await;
        reports.tick(store.health());
    }
}

async fn probe(store: &dyn Monitored) {
    let health = store.health();
    let what = match health.fault() {
        None => Probe::Look,
        Some(StoreError::Permanent(_)) => return,
        Some(_) => Probe::Write,
    };
    let outcome = store.probe(what).await;
    match &outcome {
        // Something else may have failed during a look.
        Ok(()) if what == Probe::Write => health.recover(),
        Ok(()) => {}
        Err(_) => health.record(&outcome),
    }
}

/// Decides when a line is due.
#[derive(Default)]
struct Reports {
    /// Probes until the next line about failures.
    quiet: u32,
    was_faulty: bool,
}

impl Reports {
    /// Logs what is due. Returns whether it was a line about failures.
    fn tick(&mut self, health: &StoreHealth) -> bool {
        let fault = health.fault();
        if self.was_faulty && fault.is_none() {
            tracing::info!("the store works again");
        }
        self.was_faulty = fault.is_some();
        self.quiet = self.quiet.saturating_sub(1);
        if self.quiet > 0 {
            return false;
        }
        let Some((failures, error)) = health.take_failures() else {
            return false;
        };
        self.quiet = PROBES_PER_LINE;
        let ready = fault.is_none();
        tracing::error!(%error, failures, ready, "operations of the store failed");
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unavailable() -> Result<(), StoreError> {
        Err(StoreError::Unavailable("the disk is full".into()))
    }

    fn permanent() -> Result<(), StoreError> {
        Err(StoreError::Permanent("the file is damaged".into()))
    }

    #[test]
    fn a_success_does_not_end_a_fault_and_a_probe_does() {
        let health = StoreHealth::default();
        health.record(&unavailable());
        health.record(&Ok(()));
        assert!(health.fault().is_some());
        health.recover();
        assert!(health.fault().is_none());
    }

    #[test]
    fn a_permanent_fault_lasts() {
        let health = StoreHealth::default();
        health.record(&permanent());
        health.record(&unavailable());
        health.recover();
        assert!(matches!(health.fault(), Some(StoreError::Permanent(_))));
    }

    #[test]
    fn one_unreadable_row_does_not_make_the_node_unready() {
        let health = StoreHealth::default();
        health.record::<()>(&Err(StoreError::UnreadableRow("no role is a 9".into())));
        assert!(health.fault().is_none());
    }

    #[test]
    fn failures_are_logged_once_a_minute_with_their_number() {
        let health = StoreHealth::default();
        let mut reports = Reports::default();
        assert!(!reports.tick(&health), "nothing has failed");
        let mut lines = 0;
        for _ in 0..2 * PROBES_PER_LINE {
            health.record(&unavailable());
            health.record(&unavailable());
            lines += u32::from(reports.tick(&health));
        }
        assert_eq!(lines, 2);
    }
}

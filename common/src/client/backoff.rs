//! How long to wait before the next attempt.

use super::config::BackoffConfig;
use super::rng::Rng;

/// The wait between connections: exponential with full jitter, as in "Exponential Backoff And
/// Jitter" (AWS Architecture Blog, 2015), so that clients that were cut off together do not come
/// back together.
#[derive(Debug, Clone)]
pub(super) struct Backoff {
    config: BackoffConfig,
    failures: u32,
}

impl Backoff {
    pub(super) fn new(config: BackoffConfig) -> Self {
        Self {
            config,
            failures: 0,
        }
    }

    /// Counts a failure and draws the milliseconds to wait after it.
    pub(super) fn next(&mut self, rng: &mut Rng) -> u64 {
        let most = doubled(self.config.base_ms, self.failures).min(self.config.cap_ms);
        self.failures = self.failures.saturating_add(1);
        rng.between(self.config.floor_ms, most.max(self.config.floor_ms))
    }

    /// Forgets the failures if the connection that ended had been live this many milliseconds. One
    /// that breaks as soon as it is live counts as a failure like any other.
    pub(super) fn was_live_for(&mut self, live_ms: u64) {
        if live_ms >= self.config.steady_ms {
            self.reset();
        }
    }

    pub(super) fn reset(&mut self) {
        self.failures = 0;
    }
}

/// The wait after a refusal that may be repeated, in milliseconds: what the server asks for, and
/// ever longer where that leads to refusal after refusal. On one connection there are no other clients to
/// spread, so it has no jitter.
pub(super) fn after_refusal(tries: u32, asked_ms: Option<u64>) -> u64 {
    const BASE_MS: u64 = 250;
    const CAP_MS: u64 = 30_000;
    /// No server may silence its client for longer than this.
    const ASKED_MS_MAX: u64 = 300_000;
    let own = doubled(BASE_MS, tries).min(CAP_MS);
    own.max(asked_ms.unwrap_or_default().min(ASKED_MS_MAX))
}

fn doubled(base: u64, times: u32) -> u64 {
    base.saturating_mul(1_u64.checked_shl(times).unwrap_or(u64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_range_doubles_up_to_the_cap_and_starts_over_after_a_steady_connection() {
        let mut backoff = Backoff::new(BackoffConfig::default());
        let mut rng = Rng::new(1);
        for most in [500, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000] {
            let wait = backoff.next(&mut rng);
            assert!((100..=most).contains(&wait), "{wait} is not within {most}");
        }
        backoff.was_live_for(9_999);
        assert_eq!(backoff.failures, 8);
        backoff.was_live_for(10_000);
        assert!(backoff.next(&mut rng) <= 500);
    }

    #[test]
    fn many_failures_do_not_overflow() {
        let mut backoff = Backoff {
            config: BackoffConfig::default(),
            failures: u32::MAX,
        };
        assert!(backoff.next(&mut Rng::new(1)) <= 30_000);
    }

    #[test]
    fn a_refusal_is_waited_out_as_long_as_asked_within_reason() {
        for (tries, asked, expected) in [
            (0, None, 250),
            (0, Some(1000), 1000),
            (3, Some(1000), 2000),
            (99, None, 30_000),
            (0, Some(u64::MAX), 300_000),
        ] {
            assert_eq!(
                after_refusal(tries, asked),
                expected,
                "for {tries}, {asked:?}"
            );
        }
    }
}

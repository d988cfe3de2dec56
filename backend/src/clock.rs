//! Time and randomness as parameters. Everything that depends on them uses these two traits; tests pass
//! their own.

use common::time::Timestamp;
use std::cell::RefCell;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// Where the server reads the time of day.
pub trait Clock: Send + Sync {
    /// Now, in milliseconds since 1970. May go back when the machine's clock is set.
    fn now(&self) -> Timestamp;
}

/// A clock that only goes forward, for rates and deadlines.
pub trait MonotonicClock: Send + Sync {
    /// The time since some fixed moment.
    fn elapsed(&self) -> Duration;
}

/// The machine's own monotonic clock.
pub struct SystemMonotonic(Instant);

impl Default for SystemMonotonic {
    fn default() -> Self {
        #[expect(
            clippy::disallowed_methods,
            reason = "this is the one place that reads it"
        )]
        let now = Instant::now();
        Self(now)
    }
}

impl MonotonicClock for SystemMonotonic {
    fn elapsed(&self) -> Duration {
        self.0.elapsed()
    }
}

/// A clock that stands still until a test advances it.
#[derive(Default)]
pub struct ManualMonotonic(AtomicU64);

impl ManualMonotonic {
    /// Advances the clock.
    pub fn advance(&self, by: Duration) {
        let nanos = u64::try_from(by.as_nanos()).unwrap_or(u64::MAX);
        self.0.fetch_add(nanos, Ordering::Relaxed);
    }
}

impl MonotonicClock for ManualMonotonic {
    fn elapsed(&self) -> Duration {
        Duration::from_nanos(self.0.load(Ordering::Relaxed))
    }
}

/// Where the server draws what nobody may guess.
pub trait RandomSource: Send + Sync {
    /// Fills the buffer with random bytes fit for secrets.
    ///
    /// # Errors
    /// The operating system has none to give.
    fn fill(&self, buffer: &mut [u8]) -> Result<(), NoRandomness>;

    /// 64 random bits.
    ///
    /// # Errors
    /// The operating system has none to give.
    fn bits(&self) -> Result<u64, NoRandomness> {
        let mut bytes = [0; 8];
        self.fill(&mut bytes)?;
        Ok(u64::from_le_bytes(bytes))
    }
}

/// The operating system gives no randomness.
#[derive(Debug, Clone, Copy, thiserror::Error)]
#[error("the operating system gives no random bytes")]
pub struct NoRandomness;

/// The two together, as the parts of the server hold them.
#[derive(Clone)]
pub struct Environment {
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// Randomness.
    pub random: Arc<dyn RandomSource>,
}

impl Environment {
    /// The machine's own clock and randomness.
    #[must_use]
    pub fn system() -> Self {
        Self {
            clock: Arc::new(SystemClock),
            random: Arc::new(SystemRandom),
        }
    }
}

struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        #[expect(
            clippy::disallowed_methods,
            reason = "this is the one place that reads it"
        )]
        let now = SystemTime::now();
        let since = now.duration_since(UNIX_EPOCH).unwrap_or_default();
        Timestamp::default().plus(since)
    }
}

struct SystemRandom;

/// Bits that the system is asked for at once, by 64.
const DRAWN_AT_ONCE: usize = 32;

thread_local! {
    /// What this thread has drawn and not given out.
    static DRAWN: RefCell<Vec<u64>> = const { RefCell::new(Vec::new()) };
}

impl RandomSource for SystemRandom {
    fn fill(&self, buffer: &mut [u8]) -> Result<(), NoRandomness> {
        getrandom::fill(buffer).map_err(|_| NoRandomness)
    }

    /// Every connection wants some: the system is asked for many at once, each is given once.
    fn bits(&self) -> Result<u64, NoRandomness> {
        DRAWN.with_borrow_mut(|drawn| {
            if drawn.is_empty() {
                let mut bytes = [0; 8 * DRAWN_AT_ONCE];
                self.fill(&mut bytes)?;
                let (eights, _) = bytes.as_chunks();
                drawn.extend(eights.iter().map(|eight| u64::from_le_bytes(*eight)));
            }
            drawn.pop().ok_or(NoRandomness)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn no_bits_are_given_twice_on_any_thread() {
        let draw = || {
            let Environment { random, .. } = Environment::system();
            let bits = || random.bits().unwrap();
            std::iter::repeat_with(bits)
                .take(3 * DRAWN_AT_ONCE)
                .collect::<Vec<_>>()
        };
        let threads: Vec<_> = (0..4).map(|_| std::thread::spawn(draw)).collect();
        let drawn = threads
            .into_iter()
            .flat_map(|thread| thread.join().unwrap());
        let distinct: HashSet<_> = drawn.collect();
        assert_eq!(distinct.len(), 4 * 3 * DRAWN_AT_ONCE);
    }
}

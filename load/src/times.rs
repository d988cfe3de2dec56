//! How long things took: sorted once, asked for percentiles.

use std::time::Duration;

/// Measured times, the shortest first.
#[derive(Debug, Clone, Default)]
pub(crate) struct Times(Vec<Duration>);

impl Times {
    pub(crate) fn new(mut times: Vec<Duration>) -> Self {
        times.sort_unstable();
        Self(times)
    }

    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The time within which so many in a hundred were done; zero where there are none at all.
    pub(crate) fn percentile(&self, percent: usize) -> Duration {
        let at = self.0.len() * percent / 100;
        let at = at.min(self.0.len().saturating_sub(1));
        self.0.get(at).copied().unwrap_or_default()
    }

    /// As [`percentile`](Self::percentile), in milliseconds.
    pub(crate) fn ms(&self, percent: usize) -> f64 {
        self.percentile(percent).as_secs_f64() * 1e3
    }

    /// As [`percentile`](Self::percentile), in microseconds.
    pub(crate) fn us(&self, percent: usize) -> f64 {
        self.percentile(percent).as_secs_f64() * 1e6
    }
}

/// Times that are kept of a measurement; beyond, they are thinned out evenly.
const KEPT_MAX: usize = 1 << 20;

/// Times while they are measured. However many there are, no more than [`KEPT_MAX`] are kept: when
/// that many are there, every second one goes, and from then on only every second one comes.
#[derive(Debug, Clone)]
pub(crate) struct Samples {
    kept: Vec<Duration>,
    /// One in so many is kept.
    every: u64,
    seen: u64,
}

impl Default for Samples {
    fn default() -> Self {
        Self {
            kept: Vec::new(),
            every: 1,
            seen: 0,
        }
    }
}

impl Samples {
    pub(crate) fn push(&mut self, time: Duration) {
        if self.seen.is_multiple_of(self.every) {
            self.kept.push(time);
        }
        self.seen += 1;
        if self.kept.len() >= KEPT_MAX {
            let mut is_odd = true;
            self.kept.retain(|_| {
                is_odd = !is_odd;
                !is_odd
            });
            self.every *= 2;
        }
    }

    /// Takes what was kept, and begins anew.
    pub(crate) fn take(&mut self) -> Times {
        Times::new(std::mem::take(self).kept)
    }
}

/// So many in a second of this time.
pub(crate) fn per_second(count: u64, time: Duration) -> f64 {
    ratio(count) / time.as_secs_f64().max(f64::MIN_POSITIVE)
}

/// A count as a number that can be divided: exact below 2^53, which no run reaches.
#[expect(clippy::cast_precision_loss, reason = "no run counts that far")]
pub(crate) fn ratio(count: u64) -> f64 {
    count as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_taken_from_sorted_times() {
        let times = Times::new((1..=100).rev().map(Duration::from_millis).collect());
        assert_eq!(times.percentile(50), Duration::from_millis(51));
        assert_eq!(times.percentile(99), Duration::from_millis(100));
        assert_eq!((times.ms(0), times.us(0)), (1.0, 1000.0));
        let one = Times::new(vec![Duration::from_millis(1)]);
        assert_eq!(one.percentile(99), Duration::from_millis(1));
        assert_eq!(Times::default().percentile(99), Duration::ZERO);
    }

    #[test]
    fn a_long_measurement_is_thinned_out_evenly() {
        let mut samples = Samples::default();
        let count = 3 * KEPT_MAX as u64;
        for number in 0..count {
            samples.push(Duration::from_nanos(number));
        }
        let times = samples.take();
        assert!((KEPT_MAX / 2..KEPT_MAX).contains(&times.0.len()));
        let apart = times.0.windows(2).map(|pair| pair[1] - pair[0]);
        assert!(apart.clone().all(|step| Some(step) == apart.clone().next()));
        let half = Duration::from_nanos(count / 2);
        assert!(times.percentile(50).abs_diff(half) < Duration::from_nanos(10));
        assert!(samples.take().is_empty());
    }

    #[test]
    fn a_rate_is_a_count_in_a_time() {
        assert_eq!(per_second(30, Duration::from_secs(2)), 15.0);
        assert!(per_second(1, Duration::ZERO) > 0.0);
    }
}

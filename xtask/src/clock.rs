//! The one place in xtask that reads the clock.

use std::time::{Duration, Instant};

/// Now, for telling a person how long a step took and for giving up on one that never ends.
#[expect(
    clippy::disallowed_methods,
    reason = "xtask drives real programs; nothing here is replayed in a test"
)]
pub(crate) fn now() -> Instant {
    Instant::now()
}

/// A duration as a person reads it: `0.4 s`, `34 s`, `2 min 31 s`.
pub(crate) fn readable(duration: Duration) -> String {
    let seconds = duration.as_secs();
    match seconds {
        0..10 => format!("{:.1} s", duration.as_secs_f64()),
        10..120 => format!("{seconds} s"),
        _ => format!("{} min {} s", seconds / 60, seconds % 60),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_read_as_a_person_says_them() {
        for (milliseconds, expected) in [
            (40, "0.0 s"),
            (1_540, "1.5 s"),
            (34_900, "34 s"),
            (151_000, "2 min 31 s"),
        ] {
            assert_eq!(readable(Duration::from_millis(milliseconds)), expected);
        }
    }
}

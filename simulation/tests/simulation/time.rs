//! Time as the world has it, and as its clients' clocks show it.

use common::client::Millis;

/// Milliseconds of the world, which no clock in it shows exactly.
pub(crate) type Time = u64;

/// A client's clock, as far off as it happens to be.
pub(crate) fn shown(time: Time, off_ms: i64) -> Millis {
    Millis(time.saturating_add_signed(off_ms))
}

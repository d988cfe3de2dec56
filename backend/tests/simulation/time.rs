//! Time as the world has it, and as its clocks show it.

use common::client::Millis;
use common::ids::Seq;
use common::time::Timestamp;

/// Milliseconds of the world, which no clock in it shows exactly.
pub(crate) type Time = u64;

/// The server's time of day. It stands still: nothing may depend on it, and so the model knows what
/// every event says of it.
pub(crate) const TODAY: Timestamp = Timestamp(1_700_000_000_000);

/// A client's clock, as far off as it happens to be.
pub(crate) fn shown(time: Time, off_ms: i64) -> Millis {
    Millis(time.saturating_add_signed(off_ms))
}

/// When the event at this place was taken.
pub(crate) fn seconds(_: Seq) -> Timestamp {
    TODAY
}

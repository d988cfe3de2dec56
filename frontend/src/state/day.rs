//! Calendar days, as a timeline names them.

use common::time::Timestamp;

/// How a timeline's calendar is read: the reader's own in the browser, a fixed one in a test.
pub trait Calendar {
    /// The number of the local day that a point in time falls on; the next day has the next one.
    fn day(&self, at: Timestamp) -> i64;
    /// The day in words.
    fn words(&self, at: Timestamp) -> String;
}

/// What a day line says.
#[must_use]
pub fn day_label(at: Timestamp, now: Timestamp, calendar: &impl Calendar) -> String {
    match calendar.day(now) - calendar.day(at) {
        0 => "Today".to_owned(),
        1 => "Yesterday".to_owned(),
        _ => calendar.words(at),
    }
}

/// The reader's calendar.
pub struct LocalCalendar;

impl Calendar for LocalCalendar {
    fn day(&self, at: Timestamp) -> i64 {
        crate::platform::clock::day_number(at)
    }

    fn words(&self, at: Timestamp) -> String {
        crate::platform::clock::day_text(at)
    }
}

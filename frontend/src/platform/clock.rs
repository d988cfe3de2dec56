//! The browser's clock, and randomness.

use common::client::Millis;
use common::time::Timestamp;
use js_sys::{Array, Date, Function, Intl, JsString, Object, Reflect};
use wasm_bindgen::{JsCast, JsValue};

/// The wall clock, by which the client core counts its waits.
#[must_use]
pub fn now() -> Millis {
    Millis(now_ms())
}

/// The wall clock as a point in time.
#[must_use]
pub fn timestamp() -> Timestamp {
    Timestamp(now_ms())
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "milliseconds since 1970: positive, and whole for the next 200 000 years"
)]
fn now_ms() -> u64 {
    Date::now() as u64
}

/// 64 random bits from the browser's cryptographic source, or from its plain one where a page
/// without TLS has no other.
#[must_use]
pub fn random() -> u64 {
    let mut bytes = [0u8; 8];
    let filled = web_sys::window()
        .and_then(|window| window.crypto().ok())
        .is_some_and(|crypto| crypto.get_random_values_with_u8_array(&mut bytes).is_ok());
    if !filled {
        bytes = (js_sys::Math::random().to_bits() ^ now_ms().rotate_left(32)).to_le_bytes();
    }
    u64::from_le_bytes(bytes)
}

fn date(at: Timestamp) -> Date {
    #[expect(clippy::cast_precision_loss, reason = "exact up to 2^53 milliseconds")]
    let ms = at.0 as f64;
    Date::new(&JsValue::from_f64(ms))
}

/// The number of the reader's calendar day (days since 1970-01-01, by local time).
#[must_use]
#[expect(clippy::cast_possible_truncation, reason = "days since 1970 are few")]
pub fn day_number(at: Timestamp) -> i64 {
    let date = date(at);
    let local_ms = date.get_time() - date.get_timezone_offset() * 60_000.0;
    (local_ms / 86_400_000.0).floor() as i64
}

/// What to write of a point in time.
#[derive(Clone, Copy)]
enum Style {
    Time,
    Day,
    DayOfYear,
    Full,
}

impl Style {
    fn options(self) -> &'static [(&'static str, &'static str)] {
        match self {
            Self::Time => &[("hour", "numeric"), ("minute", "2-digit")],
            Self::Day => &[("weekday", "long"), ("day", "numeric"), ("month", "long")],
            Self::DayOfYear => &[("day", "numeric"), ("month", "long"), ("year", "numeric")],
            Self::Full => &[("dateStyle", "full"), ("timeStyle", "short")],
        }
    }

    fn formatter(self) -> Function {
        let options = Object::new();
        for (key, value) in self.options() {
            // Setting a property on a fresh object does not fail.
            let _ = Reflect::set(&options, &(*key).into(), &(*value).into());
        }
        Intl::DateTimeFormat::new(&Array::new(), &options).format()
    }
}

thread_local! {
    // To make a formatter costs the browser more than to use one a hundred times.
    static FORMATTERS: [Function; 4] =
        [Style::Time, Style::Day, Style::DayOfYear, Style::Full].map(Style::formatter);
}

fn written(at: Timestamp, style: Style) -> String {
    FORMATTERS.with(|all| {
        all.get(style as usize)
            .and_then(|format| format.call1(&JsValue::UNDEFINED, &date(at)).ok())
            .and_then(|text| text.dyn_into::<JsString>().ok())
            .map(String::from)
            .unwrap_or_default()
    })
}

/// `14:05`, as the reader's language writes it.
#[must_use]
pub fn time_text(at: Timestamp) -> String {
    written(at, Style::Time)
}

/// The same without the half of the day, for places where there is hardly any room: `2:05`.
#[must_use]
pub fn short_time_text(at: Timestamp) -> String {
    let time = time_text(at);
    let digits = time
        .split_whitespace()
        .find(|part| part.contains(|c: char| c.is_numeric()));
    digits.unwrap_or(&time).to_owned()
}

/// `Monday, 3 November`, with the year and without the weekday when it is long ago.
#[must_use]
pub fn day_text(at: Timestamp) -> String {
    let is_recent = day_number(timestamp()) - day_number(at) < 300;
    written(
        at,
        if is_recent {
            Style::Day
        } else {
            Style::DayOfYear
        },
    )
}

/// `3 November 2026`.
#[must_use]
pub fn date_text(at: Timestamp) -> String {
    written(at, Style::DayOfYear)
}

/// Date and time in full, for those who point at a time.
#[must_use]
pub fn full_text(at: Timestamp) -> String {
    written(at, Style::Full)
}

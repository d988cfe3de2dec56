//! The state of the connection in words.

use common::CloseCode;
use common::client::{Millis, Status};

/// How a connection was closed whose user, or address, is banned from the node.
const BANNED: Option<u16> = Some(CloseCode::Banned as u16);

/// What the badge says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BadgeText {
    /// The stable key: `connecting`, `live`, `offline` or `retrying`.
    pub status: &'static str,
    /// What is shown; counts down while a retry is waited for.
    pub shown: String,
    /// What is read out: the same without the numbers, so that nobody listens to a countdown.
    pub spoken: &'static str,
    /// Whether it makes sense to offer a retry at once.
    pub can_retry: bool,
}

/// Puts a status into words.
#[must_use]
pub fn badge_text(status: Status, now: Millis) -> BadgeText {
    let (status, shown, spoken, can_retry) = match status {
        Status::Connecting => ("connecting", "Connecting".to_owned(), "Connecting", false),
        Status::Live => ("live", "Live".to_owned(), "Live", false),
        Status::Offline => ("offline", "Offline".to_owned(), "Offline, no network", true),
        Status::Retrying { at } => {
            let shown = match at.since(now).div_ceil(1000) {
                0 => "Retrying".to_owned(),
                seconds => format!("Retrying in {seconds} s"),
            };
            ("retrying", shown, "Connection lost, retrying", true)
        }
        Status::Stopped { code: BANNED } => (
            "offline",
            "Banned".to_owned(),
            "You are banned from this server",
            true,
        ),
        Status::Stopped { .. } => (
            "offline",
            "Disconnected".to_owned(),
            "Disconnected by the server",
            true,
        ),
    };
    BadgeText {
        status,
        shown,
        spoken,
        can_retry,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use wasm_bindgen_test::wasm_bindgen_test;

    #[wasm_bindgen_test]
    fn the_badge_tells_the_truth_in_words() {
        let now = Millis(10_000);
        for (status, key, shown) in [
            (Status::Connecting, "connecting", "Connecting"),
            (Status::Live, "live", "Live"),
            (Status::Offline, "offline", "Offline"),
            (
                Status::Retrying { at: Millis(13_001) },
                "retrying",
                "Retrying in 4 s",
            ),
            (
                Status::Retrying { at: Millis(13_000) },
                "retrying",
                "Retrying in 3 s",
            ),
            (
                Status::Retrying { at: Millis(9_000) },
                "retrying",
                "Retrying",
            ),
            (
                Status::Stopped { code: Some(1009) },
                "offline",
                "Disconnected",
            ),
            (Status::Stopped { code: Some(4503) }, "offline", "Banned"),
        ] {
            let text = badge_text(status, now);
            assert_eq!(
                (text.status, text.shown.as_str()),
                (key, shown),
                "for {status:?}"
            );
            assert_eq!(
                text.can_retry,
                !matches!(status, Status::Live | Status::Connecting)
            );
        }
    }
}

//! What rooms refuse, and what holds in them, in words a person can act on.

use super::error_text::{api_error_text, refusal_words, sentence};
use crate::api::ApiError;
use crate::platform::clock;
use common::api::rooms::SanctionSummary;
use common::error::{ErrorCode, ErrorFrame};
use common::room::{RoomKind, RoomRole, SanctionKind};
use common::time::Timestamp;

/// Why the server would not do something with a room.
#[must_use]
pub fn refusal(error: &ApiError) -> String {
    match error {
        ApiError::Refused(frame) => frame_error_text(frame),
        other => api_error_text(other),
    }
}

/// Why a frame was refused that is about a room.
#[must_use]
pub fn frame_error_text(frame: &ErrorFrame) -> String {
    let words = match frame.code {
        ErrorCode::NoSuchRoom => {
            "There is no such room, or it is private and you are not a member of it."
        }
        ErrorCode::NoSuchUser => "This user is no longer here.",
        ErrorCode::NoSuchInvitation => {
            "This invitation is no longer valid: it has expired, was used up, or was revoked."
        }
        ErrorCode::NoSuchSanction => "It was already lifted or has expired.",
        ErrorCode::RoomTaken => "A room with this name already exists.",
        ErrorCode::RoomLocked => "This room is locked: only moderators and owners can write.",
        ErrorCode::RoomArchived => "This room is archived: nobody can write in it.",
        ErrorCode::SlowMode => "Slow mode: wait before you write again.",
        ErrorCode::RateLimited => "Too many requests. Wait a moment and try again.",
        ErrorCode::Banned | ErrorCode::Muted => {
            let ends = frame.retry_after_ms.map(duration_text);
            let ends = ends.map_or_else(String::new, |span| format!(" That ends in {span}."));
            return format!("{}{ends}", sentence(&frame.message));
        }
        _ => return refusal_words(frame),
    };
    words.to_owned()
}

/// What to tell a guest who wants something that needs an account.
pub const NEEDS_ACCOUNT: &str =
    "This requires an account. You keep your name and rooms when you create one.";

/// Why a guest, or somebody else, could not do it: those without an account are told that it takes
/// one.
#[must_use]
pub fn refusal_to(error: &ApiError, is_guest: bool) -> String {
    match error.code() {
        Some(ErrorCode::Forbidden) if is_guest => NEEDS_ACCOUNT.to_owned(),
        _ => refusal(error),
    }
}

/// What somebody is in a room.
#[must_use]
pub fn room_role_text(standing: RoomRole) -> &'static str {
    match standing {
        RoomRole::Outsider => "Everybody",
        RoomRole::Member => "Member",
        RoomRole::Moderator => "Moderator",
        RoomRole::Owner => "Owner",
    }
}

/// Who may come into a room.
#[must_use]
pub fn room_kind_text(door: RoomKind) -> &'static str {
    match door {
        RoomKind::Public => "Public room: anyone here can find and join it.",
        RoomKind::Private => "Private room: only its members can see it.",
        RoomKind::Direct => "A conversation between the two of you. Nobody else can join.",
    }
}

/// Until when, from now: the time, and the day where that is another one.
#[must_use]
pub fn until_text(until: Option<Timestamp>, now: Timestamp) -> String {
    match until {
        None => "permanently".to_owned(),
        Some(until) if clock::day_number(until) == clock::day_number(now) => {
            format!("until {}", clock::time_text(until))
        }
        Some(until) => format!("until {}", clock::full_text(until)),
    }
}

/// What was done to somebody, in a line.
#[must_use]
pub fn sanction_text(one: &SanctionSummary, now: Timestamp) -> String {
    let what = match (one.kind, one.address) {
        (SanctionKind::Ban, false) => "Banned",
        (SanctionKind::Ban, true) => "Banned with their address",
        (SanctionKind::Mute, _) => "Muted",
    };
    let until = until_text(one.until, now);
    let reason = one.reason.as_ref();
    let reason = reason.map_or_else(String::new, |reason| format!(": {reason}"));
    format!("{what} {until} by {}{reason}", one.by.name)
}

/// A stretch of time as one says it: `30 seconds`, `1 hour`, `7 days`.
#[must_use]
pub fn duration_text(ms: u64) -> String {
    let seconds = ms.div_ceil(1000);
    let (count, unit) = match seconds {
        0..=59 => (seconds, "second"),
        60..=3_599 => (seconds.div_ceil(60), "minute"),
        3_600..=86_399 => (seconds.div_ceil(3_600), "hour"),
        _ => (seconds.div_ceil(86_400), "day"),
    };
    match count {
        1 => format!("1 {unit}"),
        many => format!("{many} {unit}s"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use wasm_bindgen_test::wasm_bindgen_test;

    #[wasm_bindgen_test]
    fn a_refusal_is_told_in_words_and_a_guest_is_told_the_way() {
        let refused = |code| ApiError::Refused(ErrorFrame::new(code, "not for you"));
        let forbidden = refused(ErrorCode::Forbidden);
        assert_eq!(refusal_to(&forbidden, false), "Not for you.");
        assert_eq!(refusal_to(&forbidden, true), NEEDS_ACCOUNT);
        let gone = refused(ErrorCode::NoSuchInvitation);
        assert!(refusal_to(&gone, true).contains("no longer valid"));
        let mut banned = ErrorFrame::new(ErrorCode::Banned, "you are banned: spam");
        assert_eq!(frame_error_text(&banned), "You are banned: spam.");
        banned.retry_after_ms = Some(7_200_000);
        assert_eq!(
            frame_error_text(&banned),
            "You are banned: spam. That ends in 2 hours."
        );
        assert!(refusal(&ApiError::Unreachable).contains("cannot be reached"));
    }

    #[wasm_bindgen_test]
    fn a_span_is_told_in_its_largest_unit() {
        for (ms, words) in [
            (1, "1 second"),
            (30_000, "30 seconds"),
            (60_000, "1 minute"),
            (3_600_000, "1 hour"),
            (604_800_000, "7 days"),
        ] {
            assert_eq!(duration_text(ms), words);
        }
    }

    #[wasm_bindgen_test]
    fn what_was_done_to_somebody_says_until_when_by_whom_and_why() {
        let json = |rest: &str| {
            let text = format!(
                r#"{{"id":"s1","user":{{"id":"u-eve","name":"Eve"}},
                    "by":{{"id":"u-ada","name":"Ada"}},"at":"2026-01-01T00:00:00Z",{rest}}}"#
            );
            serde_json::from_str::<SanctionSummary>(&text).unwrap()
        };
        let now = Timestamp(0);
        assert_eq!(
            sanction_text(&json(r#""kind":"ban","reason":"spam""#), now),
            "Banned permanently by Ada: spam"
        );
        let muted = sanction_text(
            &json(r#""kind":"mute","until":"1970-01-01T00:01:00Z""#),
            now,
        );
        assert!(muted.starts_with("Muted until "), "{muted}");
    }
}

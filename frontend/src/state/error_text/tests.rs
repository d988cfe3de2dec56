//! What refusals say.

use super::*;
use wasm_bindgen_test::wasm_bindgen_test;

#[wasm_bindgen_test]
fn a_refused_name_says_what_to_do() {
    for (error, expected) in [
        (TextError::Empty, "Type a name first."),
        (
            TextError::TooManyChars { max: 64 },
            "Use at most 64 characters.",
        ),
        (
            TextError::Forbidden('/'),
            "A name cannot contain \u{201c}/\u{201d}.",
        ),
        (
            TextError::Forbidden('\u{200b}'),
            "A name cannot contain invisible characters.",
        ),
    ] {
        assert_eq!(name_error_text(error), expected);
    }
}

#[wasm_bindgen_test]
fn a_refusal_says_what_to_do() {
    let words = |code, retry_after_ms| {
        api_error_text(&ApiError::Refused(ErrorFrame {
            retry_after_ms,
            ..ErrorFrame::new(code, "as the server says it")
        }))
    };
    for (code, wait, expected) in [
        (ErrorCode::SignInRefused, None, "Wrong name or password."),
        (
            ErrorCode::InvalidPassword,
            None,
            "Use at least 8 characters.",
        ),
        (
            ErrorCode::RateLimited,
            Some(9_500),
            "Too many tries. Try again in 10 seconds.",
        ),
        (
            ErrorCode::RateLimited,
            Some(100_000),
            "Too many tries. Try again in 2 minutes.",
        ),
        (
            ErrorCode::Overloaded,
            Some(1_000),
            "The server is busy. Try again in a moment.",
        ),
        (ErrorCode::Forbidden, None, "As the server says it."),
    ] {
        assert_eq!(words(code, wait), expected, "for {code:?}");
    }
}

#[wasm_bindgen_test]
fn a_password_is_neither_too_short_nor_too_long() {
    for (password, is_fine) in [
        ("1234567", false),
        ("12345678", true),
        ("日本日本日本日本", true),
        (&"x".repeat(1025), false),
    ] {
        assert_eq!(password_error_text(password).is_none(), is_fine);
    }
}

#[wasm_bindgen_test]
fn a_servers_message_becomes_a_sentence() {
    assert_eq!(sentence("not now"), "Not now.");
    assert_eq!(sentence("Éteint!"), "Éteint!");
    assert_eq!(sentence(""), "The server refused it.");
}

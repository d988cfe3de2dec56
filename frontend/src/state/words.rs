//! Refusals in words a person can act on.

use crate::api::ApiError;
use common::ErrorCode;
use common::text::TextError;

/// Why a name (of a person or a room) cannot be used, and what to do.
#[must_use]
pub fn name_words(error: TextError) -> String {
    match error {
        TextError::Empty => "Type a name first.".to_owned(),
        TextError::TooManyChars { max } => format!("Use at most {max} characters."),
        TextError::StraySpace => "Use single spaces between words.".to_owned(),
        TextError::Forbidden(c) if c.is_ascii_graphic() => {
            format!("A name cannot contain \u{201c}{c}\u{201d}.")
        }
        TextError::Forbidden(_) => "A name cannot contain invisible characters.".to_owned(),
        TextError::Reserved => "This name is reserved. Choose another.".to_owned(),
        other => format!("This name cannot be used: {other}."),
    }
}

/// Why the server would not do something.
#[must_use]
pub fn api_words(error: &ApiError) -> String {
    match error {
        ApiError::Unreachable => "The server cannot be reached at the moment.".to_owned(),
        ApiError::Unreadable => "The server gave an answer this page cannot read.".to_owned(),
        ApiError::Refused(frame) => match frame.code {
            ErrorCode::NameTaken => {
                "Somebody here has that name already. Choose another.".to_owned()
            }
            _ => sentence(&frame.message),
        },
    }
}

/// A server's message as a sentence of its own.
#[must_use]
pub fn sentence(message: &str) -> String {
    let mut chars = message.trim().chars();
    let Some(first) = chars.next() else {
        return "The server refused it.".to_owned();
    };
    let mut text: String = first.to_uppercase().chain(chars).collect();
    if !text.ends_with(['.', '!', '?']) {
        text.push('.');
    }
    text
}

/// `1 person`, `2 people`.
#[must_use]
pub fn people(count: usize) -> String {
    match count {
        1 => "1 person".to_owned(),
        _ => format!("{count} people"),
    }
}

#[cfg(test)]
mod tests {
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
            assert_eq!(name_words(error), expected);
        }
    }

    #[wasm_bindgen_test]
    fn a_servers_message_becomes_a_sentence() {
        assert_eq!(sentence("not now"), "Not now.");
        assert_eq!(sentence("Éteint!"), "Éteint!");
        assert_eq!(sentence(""), "The server refused it.");
    }
}

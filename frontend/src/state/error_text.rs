//! Error messages that tell the user what to do.

use crate::api::ApiError;
use common::limits::{PASSWORD_BYTES_MAX, PASSWORD_CHARS_MIN};
use common::role::Role;
use common::text::TextError;
use common::{ErrorCode, ErrorFrame};

/// Why a name (of a person or a room) cannot be used, and what to do.
#[must_use]
pub fn name_error_text(error: TextError) -> String {
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
pub fn api_error_text(error: &ApiError) -> String {
    match error {
        ApiError::Unreachable => "The server cannot be reached at the moment.".to_owned(),
        ApiError::Unreadable => "The server's answer could not be read.".to_owned(),
        ApiError::Refused(frame) => refusal_words(frame),
    }
}

/// The same for a frame.
pub(super) fn refusal_words(frame: &ErrorFrame) -> String {
    let words = match frame.code {
        ErrorCode::NameTaken => "This name is already taken. Choose another.",
        ErrorCode::SignInRefused => "Wrong name or password.",
        ErrorCode::InvalidPassword => return password_rule(),
        ErrorCode::ClaimRequired => "Wrong code. The server prints it when it starts.",
        ErrorCode::Unauthenticated | ErrorCode::TokenExpired => "You are signed out.",
        ErrorCode::RateLimited => return format!("Too many tries. {}", wait_words(frame)),
        ErrorCode::Overloaded | ErrorCode::StoreUnavailable | ErrorCode::ShuttingDown => {
            return format!("The server is busy. {}", wait_words(frame));
        }
        _ => return sentence(&frame.message),
    };
    words.to_owned()
}

/// When to try again.
fn wait_words(frame: &ErrorFrame) -> String {
    match frame.retry_after_ms.unwrap_or_default().div_ceil(1000) {
        0 | 1 => "Try again in a moment.".to_owned(),
        seconds @ 2..=90 => format!("Try again in {seconds} seconds."),
        seconds => format!("Try again in {} minutes.", seconds.div_ceil(60)),
    }
}

fn password_rule() -> String {
    format!("Use at least {PASSWORD_CHARS_MIN} characters.")
}

/// What is wrong with a password that somebody chooses, if anything is.
#[must_use]
pub fn password_error_text(password: &str) -> Option<String> {
    if password.len() > PASSWORD_BYTES_MAX {
        return Some("This is too long for a password.".to_owned());
    }
    let is_short = password.chars().take(PASSWORD_CHARS_MIN).count() < PASSWORD_CHARS_MIN;
    is_short.then(password_rule)
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

/// What somebody is on the node.
#[must_use]
pub fn role_text(role: Role) -> &'static str {
    match role {
        Role::Guest => "Guest",
        Role::Member => "Member",
        Role::Moderator => "Moderator",
        Role::Admin => "Admin",
    }
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
mod tests;

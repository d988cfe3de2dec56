//! JSON texts that come from outside: repaired where a string is cut inside a character, and refused
//! in sentences that name the field.

mod objects;

use memchr::{memchr, memmem};
use serde::Deserialize;
use serde_json::error::Category;
use std::borrow::Cow;

pub use objects::from_str;

/// Why a JSON text was refused, as a sentence for people.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum JsonError {
    /// It is not JSON (RFC 8259).
    #[error("{0}")]
    Syntax(String),
    /// A field is missing, appears twice, or has a value that is refused.
    #[error("{0}")]
    Field(String),
}

/// Reads a JSON text from outside.
///
/// # Errors
/// See [`JsonError`].
pub fn read<'a, T: Deserialize<'a>>(text: &'a str) -> Result<T, JsonError> {
    serde_json::from_str(text).map_err(|_| explain::<T>(text))
}

/// Why `text` cannot be read as a `T`. Reads it once more, to learn which field is at fault.
fn explain<'a, T: Deserialize<'a>>(text: &'a str) -> JsonError {
    let mut reader = serde_json::Deserializer::from_str(text);
    let read = serde_path_to_error::deserialize::<_, T>(&mut reader);
    let Err(error) = read else {
        return JsonError::Syntax("there is more text after the JSON value".to_owned());
    };
    let path = error.path().to_string();
    let field = (path != ".").then_some(path);
    let error = error.into_inner();
    let message = without_position(&error);
    let subject = field
        .as_ref()
        .map_or_else(|| "the JSON value".to_owned(), |field| format!("`{field}`"));
    match error.classify() {
        Category::Eof => JsonError::Syntax("the JSON text ends too early".to_owned()),
        Category::Syntax if message == "number out of range" => {
            JsonError::Field(format!("{subject} is a number out of range"))
        }
        Category::Syntax | Category::Io => {
            JsonError::Syntax("the text is not valid JSON (RFC 8259)".to_owned())
        }
        Category::Data => JsonError::Field(describe(&subject, &message)),
    }
}

/// The parser's message without " at line 1 column 51".
fn without_position(error: &serde_json::Error) -> String {
    let message = error.to_string();
    let position = format!(" at line {} column {}", error.line(), error.column());
    message
        .strip_suffix(&position)
        .map_or(message.clone(), str::to_owned)
}

fn describe(subject: &str, message: &str) -> String {
    if let Some(field) = message.strip_prefix("missing field ") {
        return format!("{field} is missing");
    }
    if let Some(field) = message.strip_prefix("duplicate field ") {
        return format!("{field} appears more than once");
    }
    if let Some(rest) = message.strip_prefix("unknown field ") {
        let field = rest.split(',').next().unwrap_or(rest);
        return format!("there is no field {field}");
    }
    if let Some((_, choices)) = message
        .strip_prefix("unknown variant ")
        .and_then(|rest| rest.split_once(", expected "))
    {
        return format!("{subject} must be {choices}");
    }
    let is_kind = message.starts_with("invalid type: ") || message.starts_with("invalid value: ");
    if let Some((_, expected)) = message.split_once(", expected ").filter(|_| is_kind) {
        return format!("{subject} must be {}", kind(expected));
    }
    format!("{subject} is refused: {message}")
}

/// What a Rust type is called in JSON.
fn kind(expected: &str) -> &str {
    match expected {
        "u8" | "u16" | "u32" | "u64" | "usize" => "an integer, 0 or more",
        "i8" | "i16" | "i32" | "i64" | "isize" => "an integer",
        "f32" | "f64" => "a number",
        "a boolean" => "true or false",
        "a string" | "a borrowed string" | "a str" | "string" => "a string",
        "any valid JSON value" => "a JSON value",
        _ if expected.starts_with("struct ") || expected == "a map" => "an object",
        _ if expected.contains("sequence") => "an array",
        other => other,
    }
}

/// The text with each lone surrogate escape replaced by `\ufffd`, the replacement character.
///
/// `JSON.stringify` writes such an escape for a string that was cut inside a character. RFC 8259,
/// section 8.2, leaves its meaning open, and strict readers refuse it; so it is replaced here, in
/// every string of every text that the server reads, `data` included. The length stays the same.
#[must_use]
pub fn replace_lone_surrogates(text: &str) -> Cow<'_, str> {
    let bytes = text.as_bytes();
    if memmem::find(bytes, b"\\u").is_none() {
        return Cow::Borrowed(text);
    }
    let mut repaired: Option<String> = None;
    let mut at = 0;
    while let Some(found) = bytes
        .get(at..)
        .and_then(|rest| memchr(b'\\', rest))
        .map(|offset| at + offset)
    {
        let replace = match surrogate(bytes, found) {
            Some(Surrogate::High) => match surrogate(bytes, found + ESCAPE) {
                Some(Surrogate::Low) => {
                    at = found + 2 * ESCAPE;
                    continue;
                }
                _ => true,
            },
            Some(Surrogate::Low) => true,
            None => false,
        };
        if replace {
            repaired
                .get_or_insert_with(|| text.to_owned())
                .replace_range(found..found + ESCAPE, "\\ufffd");
            at = found + ESCAPE;
        } else {
            // Past the escaped character, which may be a backslash.
            at = found + 2;
        }
    }
    repaired.map_or(Cow::Borrowed(text), Cow::Owned)
}

/// The length of `\ud83d`.
const ESCAPE: usize = 6;

enum Surrogate {
    High,
    Low,
}

/// The surrogate that is escaped at this index, if one is.
fn surrogate(bytes: &[u8], at: usize) -> Option<Surrogate> {
    let digits = bytes.get(at..at + ESCAPE)?.strip_prefix(b"\\u")?;
    let [b'd' | b'D', kind, third, fourth] = digits else {
        return None;
    };
    let is_hex = third.is_ascii_hexdigit() && fourth.is_ascii_hexdigit();
    match kind {
        b'8' | b'9' | b'a' | b'b' | b'A' | b'B' if is_hex => Some(Surrogate::High),
        b'c'..=b'f' | b'C'..=b'F' if is_hex => Some(Surrogate::Low),
        _ => None,
    }
}

#[cfg(test)]
mod tests;

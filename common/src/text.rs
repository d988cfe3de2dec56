//! Text that people write: names of rooms and users, and what they say.

use crate::base32::{ALPHABET, base32};
use crate::limits::{
    CONTENT_BYTES_MAX, DATA_BYTES_MAX, DATA_DEPTH_MAX, EMOJI_BYTES_MAX, LINE_CHARS_MAX,
    NAME_CHARS_MAX, ROOM_CHARS_MAX, TITLE_CHARS_MAX,
};
use crate::newtype::checked_text;
use serde_json::value::RawValue;

/// Why a text was refused. The wording is shown to people as it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TextError {
    /// Nothing, or nothing but white space.
    #[error("it is empty")]
    Empty,
    /// More characters (Unicode scalar values) than allowed.
    #[error("it is longer than {max} characters")]
    TooManyChars {
        /// The most there may be.
        max: usize,
    },
    /// More bytes of UTF-8 than allowed.
    #[error("it is longer than {max} bytes")]
    TooManyBytes {
        /// The most there may be.
        max: usize,
    },
    /// White space at an end, or two spaces in a row: two names would look the same.
    #[error("it begins or ends with a space, or has two in a row")]
    StraySpace,
    /// A control character, an invisible one, or one that has a meaning in an address.
    #[error("the character {0:?} is not allowed")]
    Forbidden(char),
    /// A name kept for Hubbub itself.
    #[error("names that begin with '$', and the names '.' and '..', are reserved")]
    Reserved,
    /// JSON nested more deeply than allowed.
    #[error("it is nested more than {max} levels deep")]
    TooDeep {
        /// The most levels there may be.
        max: usize,
    },
    /// Not JSON.
    #[error("it is not JSON")]
    NotJson,
}

checked_text! {
    /// The name of a room: 1 to [`ROOM_CHARS_MAX`] characters, any script, compared exactly.
    ///
    /// Control and invisible formatting characters are refused, and so are `/ \ ? # %`, because a
    /// room's name stands in addresses (`/r/general`). Names beginning with `$` belong to Hubbub:
    /// see [`RoomName::broadcast`] and [`RoomName::hidden`].
    RoomName, TextError, check_room
}

checked_text! {
    /// The name a user is shown by: 1 to [`NAME_CHARS_MAX`] characters, any script.
    UserName, TextError, check_user
}

checked_text! {
    /// What a room is called: 1 to [`TITLE_CHARS_MAX`] characters, any script. Need not be unique.
    Title, TextError, check_title
}

checked_text! {
    /// One line of text: 1 to [`LINE_CHARS_MAX`] characters, any script. Plain text.
    Line, TextError, check_line
}

checked_text! {
    /// What a message says: 1 to [`CONTENT_BYTES_MAX`] bytes, not all white space. Plain text:
    /// no client may treat it as HTML.
    Content, TextError, check_content
}

checked_text! {
    /// A reaction: an emoji, or a short word, of 1 to [`EMOJI_BYTES_MAX`] bytes. Compared exactly.
    Emoji, TextError, check_emoji
}

fn check_emoji(text: &str) -> Result<(), TextError> {
    if text.is_empty() {
        return Err(TextError::Empty);
    }
    if text.len() > EMOJI_BYTES_MAX {
        return Err(TextError::TooManyBytes {
            max: EMOJI_BYTES_MAX,
        });
    }
    // Flags of regions are spelled with invisible tag characters.
    let is_tag = |c: char| ('\u{e0020}'..='\u{e007f}').contains(&c);
    match text
        .chars()
        .find(|&c| c.is_whitespace() || (is_unseen(c) && !is_tag(c)))
    {
        Some(c) => Err(TextError::Forbidden(c)),
        None => Ok(()),
    }
}

/// The built-in room that carries broadcasts. Every connection follows it.
const BROADCAST: &str = "$broadcast";

impl RoomName {
    /// The built-in room whose events are the node's broadcasts. It cannot be left, nor written
    /// to with `message`.
    #[must_use]
    pub fn broadcast() -> Self {
        Self(BROADCAST.into())
    }

    /// The name of a private room or a direct conversation: `$` and 13 characters from 64 random
    /// bits. It is not guessed, and tells nothing.
    #[must_use]
    pub fn hidden(random: u64) -> Self {
        let name: String = std::iter::once('$').chain(base32(random)).collect();
        Self(name.into())
    }

    /// Whether this is such a name; all others are public rooms'.
    #[must_use]
    pub fn is_hidden(&self) -> bool {
        is_hidden(self.as_str())
    }

    /// Whether this is [`RoomName::broadcast`].
    #[must_use]
    pub fn is_broadcast(&self) -> bool {
        self.as_str() == BROADCAST
    }
}

fn check_room(text: &str) -> Result<(), TextError> {
    if text == BROADCAST || is_hidden(text) {
        return Ok(());
    }
    if text.starts_with('$') || text == "." || text == ".." {
        return Err(TextError::Reserved);
    }
    check_name(text, ROOM_CHARS_MAX, is_address_syntax)
}

/// The length of what follows the `$` of a hidden room's name.
const HIDDEN_CHARS: usize = 13;

fn is_hidden(text: &str) -> bool {
    text.strip_prefix('$').is_some_and(|rest| {
        rest.len() == HIDDEN_CHARS && rest.bytes().all(|byte| ALPHABET.contains(&byte))
    })
}

fn check_title(text: &str) -> Result<(), TextError> {
    check_name(text, TITLE_CHARS_MAX, |_| false)
}

fn check_line(text: &str) -> Result<(), TextError> {
    check_name(text, LINE_CHARS_MAX, |_| false)
}

fn check_user(text: &str) -> Result<(), TextError> {
    if text.starts_with('$') {
        return Err(TextError::Reserved);
    }
    check_name(text, NAME_CHARS_MAX, |_| false)
}

fn check_name(
    text: &str,
    chars_max: usize,
    forbidden: impl Fn(char) -> bool,
) -> Result<(), TextError> {
    if text.chars().all(char::is_whitespace) {
        return Err(TextError::Empty);
    }
    // Bytes first: a count of characters walks the whole text, and the text may be a whole frame.
    if text.len() > chars_max * 4 || text.chars().count() > chars_max {
        return Err(TextError::TooManyChars { max: chars_max });
    }
    if let Some(c) = text.chars().find(|&c| is_unseen(c) || forbidden(c)) {
        return Err(TextError::Forbidden(c));
    }
    if text.starts_with(' ') || text.ends_with(' ') || has_two_spaces(text) {
        return Err(TextError::StraySpace);
    }
    Ok(())
}

/// Names are short: setting out to search them would take longer than looking.
fn has_two_spaces(text: &str) -> bool {
    text.as_bytes().windows(2).any(|pair| pair == b"  ")
}

fn is_address_syntax(c: char) -> bool {
    matches!(c, '/' | '\\' | '?' | '#' | '%')
}

/// Characters that change how a name looks, or hide in it, without being seen: controls, spaces
/// other than the plain one, and bidirectional or zero-width marks (the joiners that scripts and
/// emoji need are kept).
fn is_unseen(c: char) -> bool {
    c.is_control()
        || (c.is_whitespace() && c != ' ')
        || matches!(c,
            '\u{ad}' | '\u{115f}' | '\u{1160}' | '\u{180e}' | '\u{200b}' | '\u{200e}' | '\u{200f}'
            | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{feff}'
            | '\u{ffa0}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

fn check_content(text: &str) -> Result<(), TextError> {
    if text.len() > CONTENT_BYTES_MAX {
        return Err(TextError::TooManyBytes {
            max: CONTENT_BYTES_MAX,
        });
    }
    if text.chars().all(char::is_whitespace) {
        return Err(TextError::Empty);
    }
    Ok(())
}

/// Any JSON value that travels beside a message's text, or instead of it.
///
/// It is kept as the text it came in and never interpreted: at most [`DATA_BYTES_MAX`] bytes, at
/// most [`DATA_DEPTH_MAX`] levels deep.
#[derive(Debug, Clone)]
pub struct Data(Box<RawValue>);

impl Data {
    /// The JSON text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.0.get()
    }

    /// The first number that no double (IEEE 754 binary64) holds, such as `1e400`: most readers
    /// turn it into infinity or refuse the whole text. Integers written without an exponent are
    /// never reported, however long they are: readers that care keep them exactly.
    pub(crate) fn number_out_of_range(&self) -> Option<&str> {
        let text = self.as_str();
        // Without an exponent, only a number of more than 308 digits can be out of range.
        let may_be = memchr::memchr2(b'e', b'E', text.as_bytes()).is_some() || text.len() > 308;
        may_be.then(|| find_number_out_of_range(text)).flatten()
    }
}

fn find_number_out_of_range(json: &str) -> Option<&str> {
    let is_number = |byte: &u8| matches!(byte, b'0'..=b'9' | b'+' | b'-' | b'.' | b'e' | b'E');
    let bytes = json.as_bytes();
    let (mut at, mut in_string) = (0, false);
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'\\' if in_string => at += 1,
            b'"' => in_string = !in_string,
            b'0'..=b'9' | b'-' if !in_string => {
                let rest = bytes.get(at..).unwrap_or_default();
                let length = rest.iter().take_while(|byte| is_number(byte)).count();
                let number = json.get(at..at + length).unwrap_or_default();
                let is_integer = !number.contains(['.', 'e', 'E']);
                if !is_integer && !number.parse::<f64>().is_ok_and(f64::is_finite) {
                    return Some(number);
                }
                at += length;
                continue;
            }
            _ => {}
        }
        at += 1;
    }
    None
}

impl std::str::FromStr for Data {
    type Err = TextError;
    fn from_str(text: &str) -> Result<Self, TextError> {
        let raw = RawValue::from_string(text.to_owned()).map_err(|_| TextError::NotJson)?;
        Self::try_from(raw)
    }
}

impl TryFrom<Box<RawValue>> for Data {
    type Error = TextError;
    fn try_from(raw: Box<RawValue>) -> Result<Self, TextError> {
        let text = raw.get();
        if text.len() > DATA_BYTES_MAX {
            return Err(TextError::TooManyBytes {
                max: DATA_BYTES_MAX,
            });
        }
        if depth(text) > DATA_DEPTH_MAX {
            return Err(TextError::TooDeep {
                max: DATA_DEPTH_MAX,
            });
        }
        Ok(Self(raw))
    }
}

/// How many arrays and objects stand inside each other, at the deepest place of valid JSON.
/// A receiver's parser may recurse, so what is stored and passed on is bounded here.
fn depth(json: &str) -> usize {
    let (mut now, mut deepest, mut in_string, mut escaped) = (0usize, 0usize, false, false);
    for byte in json.bytes() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if in_string => escaped = true,
            b'"' => in_string = !in_string,
            b'[' | b'{' if !in_string => {
                now += 1;
                deepest = deepest.max(now);
            }
            b']' | b'}' if !in_string => now = now.saturating_sub(1),
            _ => {}
        }
    }
    deepest
}

impl PartialEq for Data {
    fn eq(&self, other: &Self) -> bool {
        self.as_str() == other.as_str()
    }
}

impl Eq for Data {}

impl serde::Serialize for Data {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

impl<'de> serde::Deserialize<'de> for Data {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let raw = Box::<RawValue>::deserialize(deserializer)?;
        Self::try_from(raw).map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests;

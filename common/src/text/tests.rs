//! What each kind of text accepts and refuses, by example.

use super::*;

fn check<T: std::str::FromStr<Err = TextError>>(cases: &[(&str, Option<TextError>)]) {
    for (text, expected) in cases {
        assert_eq!(text.parse::<T>().err(), *expected, "for {text:?}");
    }
}

#[test]
fn room_names_accept_every_script_and_refuse_what_hides_or_breaks_an_address() {
    let longest = "x".repeat(ROOM_CHARS_MAX);
    let too_long = "x".repeat(ROOM_CHARS_MAX + 1);
    let longest_wide = "\u{1f600}".repeat(ROOM_CHARS_MAX);
    check::<RoomName>(&[
        ("general", None),
        ("team:42", None),
        ("live:match-7", None),
        ("Salle à manger", None),
        ("한국어", None),
        ("हिन्दी", None),
        ("👩\u{200d}🚀", None),
        ("$broadcast", None),
        (&longest, None),
        (&longest_wide, None),
        (
            &too_long,
            Some(TextError::TooManyChars {
                max: ROOM_CHARS_MAX,
            }),
        ),
        ("", Some(TextError::Empty)),
        ("   ", Some(TextError::Empty)),
        (" general", Some(TextError::StraySpace)),
        ("general ", Some(TextError::StraySpace)),
        ("a  b", Some(TextError::StraySpace)),
        ("a/b", Some(TextError::Forbidden('/'))),
        ("a?b", Some(TextError::Forbidden('?'))),
        ("a\nb", Some(TextError::Forbidden('\n'))),
        ("a\0b", Some(TextError::Forbidden('\0'))),
        ("a\u{202e}b", Some(TextError::Forbidden('\u{202e}'))),
        ("a\u{200b}b", Some(TextError::Forbidden('\u{200b}'))),
        ("a\u{a0}b", Some(TextError::Forbidden('\u{a0}'))),
        (".", Some(TextError::Reserved)),
        ("..", Some(TextError::Reserved)),
        ("$secret", Some(TextError::Reserved)),
    ]);
}

#[test]
fn user_names_may_hold_what_an_address_may_not() {
    let too_long = "x".repeat(NAME_CHARS_MAX + 1);
    check::<UserName>(&[
        ("Ada", None),
        ("C#/Rust", None),
        ("$ystem", Some(TextError::Reserved)),
        ("", Some(TextError::Empty)),
        (
            &too_long,
            Some(TextError::TooManyChars {
                max: NAME_CHARS_MAX,
            }),
        ),
        ("Ada\t", Some(TextError::Forbidden('\t'))),
    ]);
}

#[test]
fn content_is_bounded_in_bytes_and_not_blank() {
    let longest = "x".repeat(CONTENT_BYTES_MAX);
    let too_long = "x".repeat(CONTENT_BYTES_MAX + 1);
    check::<Content>(&[
        ("Hello!", None),
        ("two\nlines", None),
        (" spaces are kept ", None),
        (&longest, None),
        (
            &too_long,
            Some(TextError::TooManyBytes {
                max: CONTENT_BYTES_MAX,
            }),
        ),
        ("", Some(TextError::Empty)),
        (" \n\t ", Some(TextError::Empty)),
    ]);
}

#[test]
fn data_is_any_json_within_bounds() {
    let deepest = format!(
        "{}{}",
        "[".repeat(DATA_DEPTH_MAX),
        "]".repeat(DATA_DEPTH_MAX)
    );
    let too_deep = format!("[{deepest}]");
    let brackets_in_text = format!("\"{}\\\"[\"", "[".repeat(DATA_DEPTH_MAX + 1));
    let too_large = format!("\"{}\"", "x".repeat(DATA_BYTES_MAX));
    check::<Data>(&[
        ("{\"x\":[1,2.5,null]}", None),
        ("0", None),
        (&deepest, None),
        (&brackets_in_text, None),
        (
            &too_deep,
            Some(TextError::TooDeep {
                max: DATA_DEPTH_MAX,
            }),
        ),
        (
            &too_large,
            Some(TextError::TooManyBytes {
                max: DATA_BYTES_MAX,
            }),
        ),
        ("{", Some(TextError::NotJson)),
        ("", Some(TextError::NotJson)),
    ]);
}

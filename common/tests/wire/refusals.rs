//! Bad frames, and the words and codes they are refused with.

use common::codec::{DecodeError, decode_client, decode_publish, decode_server, event_position};
use common::error::ErrorCode::{self, *};
use common::ids::Seq;
use common::limits::{CONTENT_BYTES_MAX, DATA_BYTES_MAX, DATA_DEPTH_MAX, ROOM_CHARS_MAX};

fn check(cases: &[(&str, ErrorCode, Option<&str>)]) {
    for (text, code, id) in cases {
        let error = decode_client(text).expect_err(text);
        let shown: String = text.chars().take(200).collect();
        assert_eq!(error.code, *code, "for {shown}: {}", error.message);
        assert_eq!(
            error.id.as_ref().map(common::ids::RequestId::as_str),
            *id,
            "for {shown}"
        );
        assert!(!error.retryable, "for {shown}");
        assert!(error.message.len() < 1000, "for {shown}: {}", error.message);
    }
}

#[test]
fn what_is_no_frame_is_malformed() {
    check(&[
        ("", MalformedFrame, None),
        (" ", MalformedFrame, None),
        ("hello", MalformedFrame, None),
        ("{", MalformedFrame, None),
        ("null", MalformedFrame, None),
        ("42", MalformedFrame, None),
        ("\"join\"", MalformedFrame, None),
        ("[]", MalformedFrame, None),
        ("[\"join\",\"general\"]", MalformedFrame, None),
        ("{}", MalformedFrame, None),
        (r#"{"type":null}"#, MalformedFrame, None),
        (r#"{"type":7,"id":"a"}"#, MalformedFrame, Some("a")),
        (r#"{"room":"general","id":"a"}"#, MalformedFrame, Some("a")),
        (r#"{"type":"ping"} {"type":"ping"}"#, MalformedFrame, None),
        (r#"{"type":"ping","type":"ping"}"#, MalformedFrame, None),
        (r#"{"type":"ping",}"#, MalformedFrame, None),
        (r#"{'type':'ping'}"#, MalformedFrame, None),
    ]);
}

#[test]
fn an_unknown_type_is_told_from_a_bad_frame_and_keeps_its_id() {
    check(&[
        (r#"{"type":"dance"}"#, UnknownType, None),
        (r#"{"type":"dance","id":"a"}"#, UnknownType, Some("a")),
        (r#"{"type":"Join","room":"general"}"#, UnknownType, None),
        (r#"{"type":"","id":"a"}"#, UnknownType, Some("a")),
        (r#"{"type":"welcome","id":"a"}"#, UnknownType, Some("a")),
        (r#"{"type":"dance","id":7}"#, UnknownType, None),
        (
            r#"{"type":"\u0064ance","id":"\u0061"}"#,
            UnknownType,
            Some("a"),
        ),
    ]);
}

#[test]
fn a_field_that_is_missing_or_of_the_wrong_kind_is_named() {
    check(&[
        (r#"{"type":"join"}"#, InvalidField, None),
        (r#"{"type":"join","id":"a"}"#, InvalidField, Some("a")),
        (
            r#"{"type":"join","id":"a","room":7}"#,
            InvalidField,
            Some("a"),
        ),
        (
            r#"{"type":"join","id":"a","room":null}"#,
            InvalidField,
            Some("a"),
        ),
        (
            r#"{"type":"join","room":"r","last":-1}"#,
            InvalidField,
            None,
        ),
        (
            r#"{"type":"join","room":"r","last":"50"}"#,
            InvalidField,
            None,
        ),
        (
            r#"{"type":"join","room":"r","since":1.5}"#,
            InvalidField,
            None,
        ),
        (
            r#"{"type":"join","room":"r","since":1e400}"#,
            InvalidField,
            None,
        ),
        (
            r#"{"type":"message","room":"a","room":"b","content":"x"}"#,
            InvalidField,
            None,
        ),
        (
            r#"{"type":"join","room":"r","epoch":""}"#,
            InvalidField,
            None,
        ),
        (r#"{"type":"ping","id":""}"#, InvalidField, None),
        (r#"{"type":"ping","id":"a b"}"#, InvalidField, None),
        (r#"{"type":"ping","id":7}"#, InvalidField, None),
        (
            r#"{"type":"message","id":"a","room":"r","content":["x"]}"#,
            InvalidField,
            Some("a"),
        ),
        (
            r#"{"type":"history","room":"r","id":"a","before":{}}"#,
            InvalidField,
            Some("a"),
        ),
    ]);
    let error = decode_client(r#"{"type":"join"}"#).unwrap_err();
    assert!(error.message.contains("room"), "{}", error.message);
}

#[test]
fn a_bad_room_has_a_code_of_its_own() {
    let long = format!(
        r#"{{"type":"join","id":"a","room":"{}"}}"#,
        "x".repeat(ROOM_CHARS_MAX + 1)
    );
    check(&[
        (
            r#"{"type":"join","id":"a","room":""}"#,
            InvalidRoom,
            Some("a"),
        ),
        (r#"{"type":"join","room":" general"}"#, InvalidRoom, None),
        (r#"{"type":"join","room":"a/b"}"#, InvalidRoom, None),
        (r#"{"type":"join","room":"$secret"}"#, InvalidRoom, None),
        (
            r#"{"type":"message","room":"","content":"x"}"#,
            InvalidRoom,
            None,
        ),
        (&long, InvalidRoom, Some("a")),
    ]);
}

#[test]
fn a_message_that_says_nothing_or_too_much_has_a_code_of_its_own() {
    let say = |field: &str| format!(r#"{{"type":"message","id":"a","room":"r",{field}}}"#);
    let long_text = say(&format!(
        r#""content":"{}""#,
        "x".repeat(CONTENT_BYTES_MAX + 1)
    ));
    let long_data = say(&format!(r#""data":"{}""#, "x".repeat(DATA_BYTES_MAX)));
    let depth = DATA_DEPTH_MAX + 1;
    let deep = say(&format!(
        r#""data":{}{}"#,
        "[".repeat(depth),
        "]".repeat(depth)
    ));
    let id = Some("a");
    check(&[
        (
            r#"{"type":"message","id":"a","room":"r"}"#,
            EmptyMessage,
            id,
        ),
        (
            r#"{"type":"message","id":"a","room":"r","content":null}"#,
            EmptyMessage,
            id,
        ),
        (
            r#"{"type":"message","id":"a","room":"r","content":" \n"}"#,
            EmptyMessage,
            id,
        ),
        (
            r#"{"type":"message","id":"a","room":"r","content":""}"#,
            EmptyMessage,
            id,
        ),
        (r#"{"type":"broadcast","id":"a"}"#, EmptyMessage, id),
        (
            r#"{"type":"broadcast","id":"a","content":""}"#,
            EmptyMessage,
            id,
        ),
        (&long_text, MessageTooLarge, id),
        (&long_data, MessageTooLarge, id),
        (&deep, InvalidField, id),
    ]);
}

#[test]
fn a_number_that_no_double_holds_is_refused() {
    let post = |data: &str| format!(r#"{{"type":"message","id":"a","room":"r","data":{data}}}"#);
    let long = "9".repeat(400);
    for data in [
        "1e400",
        "-1E+309",
        r#"{"a":[1,2e999]}"#,
        &format!("{long}.5"),
    ] {
        let error = decode_client(&post(data)).expect_err(data);
        assert_eq!(error.code, InvalidField, "{data}");
        assert!(error.message.contains("double"), "{}", error.message);
        let body = format!(r#"{{"data":{data}}}"#);
        assert_eq!(decode_publish(&body).expect_err(data).code, InvalidField);
    }
    for data in [
        "1e308",
        "1e-400",
        &long,
        r#""1e400""#,
        r#"{"1e400":"\"1e400"}"#,
    ] {
        decode_client(&post(data)).unwrap_or_else(|error| panic!("{data}: {error:?}"));
    }
}

#[test]
fn a_text_cut_inside_a_character_is_repaired() {
    let cut = r#"{"type":"message","id":"a","room":"r\ud83d","content":"x\ud83d","data":{"k\ude00":"\ud83d"}}"#;
    let Ok(common::ClientFrame::Message(message)) = decode_client(cut) else {
        panic!("it is a message");
    };
    assert_eq!(message.room.as_str(), "r\u{fffd}");
    assert_eq!(message.content.unwrap().as_str(), "x\u{fffd}");
    assert_eq!(message.data.unwrap().as_str(), r#"{"k\ufffd":"\ufffd"}"#);
    let published = decode_publish(r#"{"content":"x\ud83d"}"#).unwrap();
    assert_eq!(published.content.unwrap().as_str(), "x\u{fffd}");
}

#[test]
fn a_client_passes_over_what_a_newer_server_says() {
    for text in [
        r#"{"type":"pinned","room":"r","seq":5}"#,
        r#"{"hello":"world"}"#,
    ] {
        assert!(
            matches!(decode_server(text), Err(DecodeError::UnknownType)),
            "for {text}"
        );
    }
    for text in [
        "",
        "{",
        "[]",
        r#"{"type":"pong"}"#,
        r#"{"type":"pong","timestamp":"now"}"#,
    ] {
        assert!(
            matches!(decode_server(text), Err(DecodeError::Malformed(_))),
            "for {text}"
        );
    }
}

#[test]
fn an_event_of_an_unknown_kind_still_tells_its_place() {
    for (text, expected) in [
        (
            r#"{"type":"pinned","room":"r","seq":5,"emoji":"+1"}"#,
            Some(("r", 5)),
        ),
        (r#"{"type":"pinned","seq":5}"#, None),
        (r#"{"type":"pinned","room":"r"}"#, None),
        (r#"{"type":"reacted","room":"","seq":5}"#, None),
        ("{", None),
    ] {
        let place = event_position(text);
        let expected = expected.map(|(room, seq)| (room.parse().unwrap(), Seq(seq)));
        assert_eq!(place, expected, "for {text}");
    }
}

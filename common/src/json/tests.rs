//! What is repaired, and the sentences of refusals.

use super::*;

#[test]
fn lone_surrogates_are_replaced_and_nothing_else() {
    for (text, expected) in [
        (r#""plain""#, r#""plain""#),
        (r#""x\ud83d""#, r#""x\ufffd""#),
        (r#""\uD83Dx""#, r#""\ufffdx""#),
        (r#""\ude00x""#, r#""\ufffdx""#),
        (r#""\ud83d\ude00""#, r#""\ud83d\ude00""#),
        (r#""\ud83d\ud83d\ude00""#, r#""\ufffd\ud83d\ude00""#),
        (r#""\ud83d\n\ude00""#, r#""\ufffd\n\ufffd""#),
        (r#""\ude00\ud83d""#, r#""\ufffd\ufffd""#),
        (r#""\\ud83d""#, r#""\\ud83d""#),
        (r#""\\\ud83d""#, r#""\\\ufffd""#),
        (r#""\ud83""#, r#""\ud83""#),
        (r#""\u0041é\uD800é""#, r#""\u0041é\ufffdé""#),
        ("\\", "\\"),
        ("\\u", "\\u"),
    ] {
        assert_eq!(replace_lone_surrogates(text), expected, "for {text}");
    }
}

#[test]
fn refusals_name_the_field_and_no_position() {
    #[derive(Debug, Deserialize)]
    struct Sample {
        #[expect(dead_code, reason = "only read")]
        count: u64,
        #[expect(dead_code, reason = "only read")]
        inner: Option<Inner>,
    }
    #[derive(Debug, Deserialize)]
    struct Inner {
        #[expect(dead_code, reason = "only read")]
        name: crate::text::Title,
        #[serde(default)]
        #[expect(dead_code, reason = "only read")]
        kind: Kind,
    }
    #[derive(Debug, Default, Deserialize)]
    #[serde(rename_all = "snake_case")]
    enum Kind {
        #[default]
        Even,
        Whole,
    }
    for (text, expected) in [
        ("", "the JSON text ends too early"),
        (r#"{"count":"#, "the JSON text ends too early"),
        ("nonsense", "the text is not valid JSON (RFC 8259)"),
        (
            r#"{"count":1} x"#,
            "there is more text after the JSON value",
        ),
        ("{}", "`count` is missing"),
        (r#"{"count":1,"count":2}"#, "`count` appears more than once"),
        (r#"{"count":-1}"#, "`count` must be an integer, 0 or more"),
        (r#"{"count":"1"}"#, "`count` must be an integer, 0 or more"),
        (r#"{"count":1e400}"#, "`count` is a number out of range"),
        (r#"{"count":1,"inner":5}"#, "`inner` must be an object"),
        (
            r#"{"count":1,"inner":{"name":7}}"#,
            "`inner.name` must be a string",
        ),
        (
            r#"{"count":1,"inner":{"name":""}}"#,
            "`inner.name` is refused: it is empty",
        ),
        (
            r#"{"count":1,"inner":{"name":"x","kind":"odd"}}"#,
            "`inner.kind` must be `even` or `whole`",
        ),
    ] {
        let error = read::<Sample>(text).unwrap_err();
        assert_eq!(error.to_string(), expected, "for {text}");
    }
}

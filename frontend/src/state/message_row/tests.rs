//! What may be done with a message, and when a refusal leaves nothing to decide.

use super::*;
use wasm_bindgen_test::wasm_bindgen_test;

fn message(seq: u64, user: &str, rest: &str) -> Arc<MessagePosted> {
    let json = format!(
        r#"{{"room":"general","seq":{seq},"from":"Somebody","user":"{user}",
            "timestamp":"2026-01-01T00:00:00Z",{rest}}}"#
    );
    Arc::new(serde_json::from_str(&json).unwrap())
}

fn plain(action: RoomAction) -> bool {
    common::room::DEFAULT_ACTIONS.contains(&action)
}

fn offered(offers: &AvailableActions) -> [bool; 5] {
    [
        offers.react,
        offers.edit,
        offers.delete,
        offers.copy,
        offers.author,
    ]
}

#[wasm_bindgen_test]
fn what_may_be_done_depends_on_whose_it_is_and_what_is_left_of_it() {
    let me: UserId = "u-ada".parse().unwrap();
    for (user, rest, expected) in [
        (
            "u-ada",
            r#""content":"mine""#,
            [true, true, true, true, false],
        ),
        (
            "u-bob",
            r#""content":"his""#,
            [true, false, false, true, true],
        ),
        (
            "u-ada",
            r#""data":{"a":1}"#,
            [true, false, true, false, false],
        ),
        ("u-ada", r#""deleted":true"#, [false; 5]),
        ("u-bob", r#""deleted":true"#, [false; 5]),
    ] {
        let message = message(1, user, rest);
        let found = offered(&AvailableActions::of(&message, &me, plain));
        assert_eq!(found, expected, "for {user} {rest}");
        // Where one may only read, there is only to copy.
        let found = offered(&AvailableActions::of(&message, &me, |_| false));
        assert_eq!(found, [false, false, false, expected[3], expected[4]]);
    }
    let his = message(1, "u-bob", r#""content":"his""#);
    let moderates = |action| plain(action) || action == RoomAction::DeleteOthers;
    let found = offered(&AvailableActions::of(&his, &me, moderates));
    assert_eq!(found, [true, false, true, true, true]);
    let all = [
        message(1, "u-ada", r#""content":"first""#),
        message(2, "u-ada", r#""content":"last""#),
        message(3, "u-ada", r#""deleted":true"#),
        message(4, "u-bob", r#""content":"his""#),
    ];
    let found = last_own(all.into_iter(), &me, plain);
    assert_eq!(found, Some((Seq(2), "last".to_owned())));
}

#[wasm_bindgen_test]
fn a_refused_deletion_of_what_is_gone_leaves_nothing_to_decide() {
    let change = |what, code| Change {
        id: "a".parse().unwrap(),
        what,
        refused: Some(ErrorFrame::new(code, "no")),
    };
    let shown = |rest| MessageRow::plain(message(1, "u-ada", rest));
    let (gone, there) = (shown(r#""deleted":true"#), shown(r#""content":"here""#));
    let is_obsolete = |shown: &MessageRow, what, code| shown.is_obsolete(&change(what, code));
    assert!(is_obsolete(
        &gone,
        ChangeKind::Delete,
        ErrorCode::NoSuchMessage
    ));
    assert!(!is_obsolete(
        &there,
        ChangeKind::Delete,
        ErrorCode::NoSuchMessage
    ));
    assert!(!is_obsolete(
        &gone,
        ChangeKind::Delete,
        ErrorCode::Forbidden
    ));
    let edit = ChangeKind::Edit("words".to_owned());
    assert!(!is_obsolete(&gone, edit, ErrorCode::NoSuchMessage));
}

//! A golden file for each kind of stored outbox entry: what a page has stored, every later version
//! of it must be able to read.

use crate::golden::{check, folder};
use common::client::{OutboxAction, OutboxEntry};
use common::ids::Seq;
use common::{ErrorCode, ErrorFrame};
use std::collections::BTreeSet;

fn p<T: std::str::FromStr>(text: &str) -> T
where
    T::Err: std::fmt::Debug,
{
    text.parse().unwrap()
}

fn entry(action: OutboxAction) -> OutboxEntry {
    OutboxEntry {
        id: p("6b1r0q2fjx7sd"),
        room: p("general"),
        order: 7,
        action,
        refused: None,
    }
}

fn edit(content: Option<&str>, data: Option<&str>) -> OutboxEntry {
    let (epoch, target) = (p("e1"), Seq(3));
    let (content, data) = (content.map(p), data.map(p));
    entry(OutboxAction::Edit {
        epoch,
        target,
        content,
        data,
    })
}

fn entries() -> Vec<(&'static str, OutboxEntry)> {
    let message = |content: Option<&str>, data: Option<&str>| {
        let (content, data) = (content.map(p), data.map(p));
        entry(OutboxAction::Message { content, data })
    };
    let (epoch, target) = (p("e1"), Seq(3));
    let delete = entry(OutboxAction::Delete { epoch, target });
    let react = |on| {
        let (epoch, target, emoji) = (p("e1"), Seq(3), p("👍"));
        entry(OutboxAction::React {
            epoch,
            target,
            emoji,
            on,
        })
    };
    let refused = |entry: OutboxEntry| {
        let error = ErrorFrame::new(ErrorCode::Forbidden, "somebody else wrote it");
        let error = error.answering(Some(entry.id.clone())).about(p("general"));
        OutboxEntry {
            refused: Some(error),
            ..entry
        }
    };
    vec![
        ("message", message(Some("Hello!"), None)),
        ("message.data", message(None, Some(r#"{"a":[1]}"#))),
        ("message.refused", refused(message(Some("Hello!"), None))),
        ("edit", edit(Some("Hello!"), None)),
        ("edit.data", edit(Some("Hello!"), Some(r#"{"a":[1]}"#))),
        ("edit.refused", refused(edit(Some("Hello!"), None))),
        ("delete", delete),
        ("react", react(true)),
        ("react.off", react(false)),
    ]
}

#[test]
fn stored_entries_are_the_bytes_of_their_golden_files_and_come_back_from_them() {
    for (name, entry) in entries() {
        let text = serde_json::to_string(&entry).unwrap();
        check(&format!("../outbox/{name}.json"), &text);
        let read: OutboxEntry = serde_json::from_str(&text).unwrap();
        assert_eq!(read, entry, "for {name}");
    }
}

#[test]
fn no_golden_file_of_an_entry_is_left_over() {
    let files = std::fs::read_dir(folder().join("../outbox")).unwrap();
    let stored: BTreeSet<String> = files
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    let names = entries().into_iter();
    let expected: BTreeSet<String> = names.map(|(name, _)| format!("{name}.json")).collect();
    assert_eq!(stored, expected);
}

/// Written before there was anything but messages.
#[test]
fn an_entry_of_the_first_version_is_a_message() {
    let text =
        r#"{"id":"6b1r0q2fjx7sd","room":"general","order":7,"content":"Hello!","data":{"a":[1]}}"#;
    let read: OutboxEntry = serde_json::from_str(text).unwrap();
    let (content, data) = (Some(p("Hello!")), Some(p(r#"{"a":[1]}"#)));
    assert_eq!(read, entry(OutboxAction::Message { content, data }));
}

//! What is written, read again; damaged files.

use super::*;
use common::client::OutboxAction;
use std::fs;

fn entry(id: &str, order: u64) -> OutboxEntry {
    OutboxEntry {
        id: id.parse().unwrap(),
        room: "general".parse().unwrap(),
        order,
        action: OutboxAction::Message {
            content: Some("hello\nthere".parse().unwrap()),
            data: None,
        },
        refused: None,
    }
}

fn path(folder: &tempfile::TempDir) -> PathBuf {
    folder.path().join("outbox.jsonl")
}

#[test]
fn what_was_put_and_not_removed_is_there_again() {
    let folder = tempfile::tempdir().unwrap();
    let mut outbox = OutboxFile::open(&path(&folder)).unwrap();
    assert_eq!(outbox.entries(), []);
    outbox.set_user(&"u-ada".parse().unwrap()).unwrap();
    outbox.put(entry("a", 1)).unwrap();
    outbox.put(entry("b", 2)).unwrap();
    outbox.put(entry("b", 3)).unwrap();
    outbox.remove(&"a".parse().unwrap()).unwrap();
    assert!(matches!(
        OutboxFile::open(&path(&folder)),
        Err(OutboxError::InUse(_))
    ));
    drop(outbox);
    for _ in 0..2 {
        let outbox = OutboxFile::open(&path(&folder)).unwrap();
        assert_eq!(outbox.entries(), [entry("b", 3)]);
        assert_eq!(outbox.user().unwrap().as_str(), "u-ada");
    }
}

#[test]
fn a_line_that_was_not_finished_was_not_sent() {
    let folder = tempfile::tempdir().unwrap();
    let mut outbox = OutboxFile::open(&path(&folder)).unwrap();
    outbox.put(entry("a", 1)).unwrap();
    outbox.put(entry("b", 2)).unwrap();
    drop(outbox);
    let text = fs::read(path(&folder)).unwrap();
    for cut in 1..40 {
        fs::write(path(&folder), &text[..text.len() - cut]).unwrap();
        let outbox = OutboxFile::open(&path(&folder)).unwrap();
        assert_eq!(outbox.entries(), [entry("a", 1)], "{cut}");
    }
}

#[test]
fn a_file_that_is_no_outbox_is_refused_and_left_as_it_is() {
    let header = "{\"outbox\":{\"version\":1}}\n";
    for (text, line) in [
        ("no outbox".to_owned(), 1),
        ("no outbox\n".to_owned(), 1),
        ("{\"remove\":\"a\"}\n".to_owned(), 1),
        (format!("{header}{header}"), 2),
        (format!("{header}{{\"put\":{{}}}}\n"), 2),
        (format!("{header}{{\"remove\":\"a\"}}\n\u{0}\u{0}\n"), 3),
    ] {
        let folder = tempfile::tempdir().unwrap();
        fs::write(path(&folder), &text).unwrap();
        match OutboxFile::open(&path(&folder)) {
            Err(OutboxError::Damaged { line: at, .. }) => assert_eq!(at, line, "{text:?}"),
            other => panic!("{text:?}: {other:?}"),
        }
        assert_eq!(fs::read_to_string(path(&folder)).unwrap(), text);
    }
    let folder = tempfile::tempdir().unwrap();
    fs::write(path(&folder), "{\"outbox\":{\"version\":2}}\n").unwrap();
    assert!(matches!(
        OutboxFile::open(&path(&folder)),
        Err(OutboxError::Newer(_))
    ));
    let nowhere = folder.path().join("no/such/folder/outbox");
    assert!(matches!(
        OutboxFile::open(&nowhere),
        Err(OutboxError::Io { .. })
    ));
}

#[test]
fn the_file_does_not_grow_for_ever() {
    let folder = tempfile::tempdir().unwrap();
    let mut outbox = OutboxFile::open(&path(&folder)).unwrap();
    outbox.put(entry("stays", 0)).unwrap();
    for order in 0..20_000 {
        let id = format!("id-{order}");
        outbox.put(entry(&id, order)).unwrap();
        outbox.remove(&id.parse().unwrap()).unwrap();
    }
    let bytes = fs::metadata(path(&folder)).unwrap().len();
    assert!(bytes <= COMPACT_BYTES + 1024, "{bytes}");
    drop(outbox);
    let outbox = OutboxFile::open(&path(&folder)).unwrap();
    assert_eq!(outbox.entries(), [entry("stays", 0)]);
}

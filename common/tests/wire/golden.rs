//! A golden file for each form of each frame: an accidental change to the wire fails here.
//!
//! A change made on purpose is written down with `HUBBUB_GOLDEN=write cargo test -p common`, and
//! then reviewed: v1 may gain optional fields, and nothing else.

use crate::samples::{self, Sample};
use common::codec::{decode_client, decode_server, encode_client, encode_server};
use common::{ClientFrame, ServerFrame};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

pub(crate) fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/v1")
}

/// Compares with the golden file, or writes it when told to.
pub(crate) fn check(file: &str, actual: &str) {
    let path = folder().join(file);
    if std::env::var("HUBBUB_GOLDEN").as_deref() == Ok("write") {
        std::fs::write(&path, format!("{actual}\n")).unwrap();
    }
    let expected = std::fs::read_to_string(&path)
        .unwrap_or_else(|error| panic!("the golden file {file} cannot be read: {error}"));
    assert_eq!(
        format!("{actual}\n"),
        expected,
        "{file} is not what the code says"
    );
}

fn named<F: Clone>(forms: Vec<Sample<F>>, name: fn(&F) -> &'static str) -> Vec<(String, F)> {
    let file = |form: &str, frame: &F| format!("{}.{form}.json", name(frame));
    forms
        .into_iter()
        .map(|(form, frame)| (file(form, &frame), frame))
        .collect()
}

pub(crate) fn client() -> Vec<(String, ClientFrame)> {
    named(samples::client(), samples::client_name)
}

pub(crate) fn server() -> Vec<(String, ServerFrame)> {
    named(samples::server(), samples::server_name)
}

#[test]
fn client_frames_are_the_bytes_of_their_golden_files_and_come_back_from_them() {
    for (file, frame) in client() {
        let text = encode_client(&frame);
        check(&file, &text);
        assert_eq!(decode_client(&text), Ok(frame), "for {file}");
    }
}

#[test]
fn server_frames_are_the_bytes_of_their_golden_files_and_come_back_from_them() {
    for (file, frame) in server() {
        let text = encode_server(&frame);
        check(&file, &text);
        assert_eq!(decode_server(&text).unwrap(), frame, "for {file}");
    }
}

#[test]
fn every_variant_has_both_its_forms_and_no_golden_file_is_left_over() {
    let expected: BTreeSet<String> = samples::NAMES
        .iter()
        .flat_map(|name| [format!("{name}.min.json"), format!("{name}.full.json")])
        .collect();
    let clients = client().into_iter().map(|(file, _)| file);
    let sampled: BTreeSet<String> = clients
        .chain(server().into_iter().map(|(file, _)| file))
        .collect();
    assert_eq!(sampled, expected, "a sample is missing, or its name");

    let files = std::fs::read_dir(folder()).unwrap();
    let stored: BTreeSet<String> = files
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|file| file != "codes.json")
        .collect();
    assert_eq!(stored, expected, "a golden file is missing or left over");
}

#[test]
fn fields_that_are_not_known_yet_are_passed_over() {
    for (file, frame) in client() {
        let text = with_a_new_field(&encode_client(&frame));
        assert_eq!(decode_client(&text), Ok(frame), "for {file}");
    }
    for (file, frame) in server() {
        let text = with_a_new_field(&encode_server(&frame));
        assert_eq!(decode_server(&text).unwrap(), frame, "for {file}");
    }
}

fn with_a_new_field(frame: &str) -> String {
    format!(
        "{},\"new\":{{\"a\":[1]}}}}",
        frame.strip_suffix('}').unwrap()
    )
}

#[test]
fn fields_may_come_in_any_order() {
    let text = r#"{"content":"Hello!","room":"general","type":"message"}"#;
    let frame = decode_client(text).unwrap();
    assert_eq!(
        encode_client(&frame),
        r#"{"type":"message","room":"general","content":"Hello!"}"#
    );
}

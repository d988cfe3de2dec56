//! Decoding never panics, whatever comes: golden frames, broken in every way we can think of.

use crate::golden;
use crate::rng::Rng;
use common::codec::{decode_client, decode_publish, decode_server, encode_client, event_position};

/// Per golden file. All of it takes a second; a longer run is `HUBBUB_MUTATIONS=1000000`.
const MUTATIONS: u64 = 2000;

/// What parsers stumble over.
const SHARDS: &[&str] = &[
    "\"",
    "\\",
    "{",
    "}",
    "[",
    "]",
    ",",
    ":",
    "null",
    "true",
    "-",
    "0",
    "1e999",
    "-0",
    "1e-999",
    "18446744073709551616",
    "\\u0000",
    "\\ud800",
    "\\udc00\\ud800",
    "\u{0}",
    "\u{feff}",
    "\u{2028}",
    "\u{1f469}\u{200d}\u{1f680}",
    "\"type\":\"ping\",",
    "\"id\":\"a\",",
    "\"room\":{},",
    "\"data\":",
    " ",
    "\n",
];

fn mutate(bytes: &mut Vec<u8>, rng: &mut Rng) {
    let at = rng.below(bytes.len());
    match rng.below(6) {
        0 => {
            if let Some(byte) = bytes.get_mut(at) {
                *byte ^= 1 << rng.below(8);
            }
        }
        1 => bytes.truncate(at),
        2 => {
            bytes.splice(at..at, rng.one_of(SHARDS).bytes());
        }
        3 => {
            let end = (at + rng.below(12)).min(bytes.len());
            bytes.drain(at..end);
        }
        4 => {
            let end = (at + rng.below(40)).min(bytes.len());
            let copy = bytes[at..end].to_vec();
            let to = rng.below(bytes.len());
            bytes.splice(to..to, copy);
        }
        _ => {
            let depth = rng.below(300);
            let opening = rng.one_of(&["[", "{\"a\":"]).repeat(depth);
            bytes.splice(at..at, opening.bytes());
        }
    }
}

/// Reads it in every way there is. What the reader accepts must survive another round.
fn read(text: &str) {
    if let Ok(frame) = decode_client(text) {
        assert_eq!(
            decode_client(&encode_client(&frame)),
            Ok(frame),
            "for {text}"
        );
    }
    let _ = decode_server(text);
    let _ = event_position(text);
    let _ = decode_publish(text);
}

fn golden_texts() -> Vec<String> {
    let files = golden::client().into_iter().map(|(file, _)| file);
    let files = files.chain(golden::server().into_iter().map(|(file, _)| file));
    files
        .map(|file| std::fs::read_to_string(golden::folder().join(file)).unwrap())
        .collect()
}

#[test]
fn broken_frames_are_refused_without_a_panic() {
    let wanted = std::env::var("HUBBUB_MUTATIONS")
        .ok()
        .and_then(|count| count.parse().ok());
    let mut rng = Rng(2026);
    for golden in golden_texts() {
        for _ in 0..wanted.unwrap_or(MUTATIONS) {
            let mut bytes = golden.trim_end().as_bytes().to_vec();
            for _ in 0..=rng.below(4) {
                mutate(&mut bytes, &mut rng);
            }
            read(&String::from_utf8_lossy(&bytes));
        }
    }
}

#[test]
fn every_prefix_of_a_frame_is_refused_without_a_panic() {
    for golden in golden_texts() {
        for (end, _) in golden.char_indices() {
            read(&golden[..end]);
        }
    }
}

#[test]
fn nesting_without_end_is_refused_without_a_panic() {
    for (open, close) in [("[", "]"), ("{\"a\":", "}")] {
        for depth in [100, 10_000, 200_000] {
            let nested = format!("{}0{}", open.repeat(depth), close.repeat(depth));
            for text in [
                nested.clone(),
                open.repeat(depth),
                format!("{{\"type\":{nested}}}"),
                format!("{{\"type\":\"ping\",\"new\":{nested}}}"),
                format!("{{\"type\":\"message\",\"room\":\"r\",\"data\":{nested}}}"),
                format!("{{\"type\":\"message\",\"room\":{nested},\"data\":0}}"),
            ] {
                read(&text);
            }
        }
    }
}

#[test]
fn a_frame_of_the_greatest_size_is_read() {
    let filler = "x".repeat(common::limits::FRAME_BYTES_MAX);
    read(&format!(
        "{{\"type\":\"message\",\"room\":\"r\",\"content\":\"{filler}\"}}"
    ));
    read(&format!("{{\"{filler}\":1}}"));
    read(&"[".repeat(common::limits::FRAME_BYTES_MAX));
}

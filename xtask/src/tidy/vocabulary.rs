//! Names are the field's standard terms. Words that were metaphors for one of them are retired, and
//! must not return in names or documents.

use super::Complaint;
use super::code::blank;
use super::source::SourceFile;

/// A retired word, and the terms to use instead.
const WORDS: &[(&str, &str)] = &[
    ("ambient", "environment"),
    ("asker", "requester"),
    ("bury", "discard"),
    ("circumstances", "context"),
    ("conduct", "run"),
    ("crowd", "clients, connections"),
    ("doors", "admission, entry"),
    ("farewell", "session end"),
    ("faces", "labels"),
    ("hall", "clients"),
    ("harvest", "check"),
    ("hindrance", "restriction"),
    ("hush", "write block"),
    ("hushed", "blocked"),
    ("lane", "queue, write path"),
    ("lanes", "queues, write paths"),
    ("nudge", "connection check"),
    ("overslept", "clock jumped"),
    ("paces", "slow mode, intervals"),
    ("patience", "timeout, deadline"),
    ("pour", "write"),
    ("soil", "mark dirty"),
    ("stripe", "shard"),
    ("stripes", "shards"),
    ("teach", "load"),
    ("verdict", "decision, result"),
    ("waive", "disable"),
    ("whither", "target"),
];

/// Turns of phrase that documents must not use, in lower case, and what to write instead.
const PHRASES: &[(&str, &str)] = &[
    ("be there such", "whether or not … exists"),
    ("looked after by", "moderated by"),
    ("looks after", "moderates, manages"),
    ("is put out", "is removed"),
    ("was put out", "was removed"),
    ("whither", "where … to"),
];

/// Complains about retired words in identifiers of Rust code, and about retired phrases in documents.
pub(super) fn check(file: &SourceFile) -> Vec<Complaint> {
    if file.is("rs") {
        return check_names(file);
    }
    // The changelog tells of earlier names.
    if file.is("md") && file.path != "CHANGELOG.md" {
        return check_phrases(file);
    }
    Vec::new()
}

fn check_names(file: &SourceFile) -> Vec<Complaint> {
    let mut complaints = Vec::new();
    for (number, line) in (1..).zip(blank(&file.text).lines()) {
        let names = line.split(|c: char| !(c.is_alphanumeric() || c == '_'));
        for word in names.flat_map(words) {
            if let Some((word, instead)) = WORDS.iter().find(|(retired, _)| *retired == word) {
                let text = format!("the word `{word}` is retired: use {instead}");
                complaints.push(Complaint::new(file, number, text));
            }
        }
    }
    complaints
}

fn check_phrases(file: &SourceFile) -> Vec<Complaint> {
    let mut complaints = Vec::new();
    for (number, line) in file.lines() {
        let line = line.to_lowercase();
        for (phrase, instead) in PHRASES.iter().filter(|(phrase, _)| line.contains(phrase)) {
            let text = format!("the phrase \"{phrase}\" is retired: write \"{instead}\"");
            complaints.push(Complaint::new(file, number, text));
        }
    }
    complaints
}

/// The words of a name in any case, in lower case.
fn words(name: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut before = '_';
    for c in name.chars() {
        let begins = c == '_' || (c.is_uppercase() && !before.is_uppercase());
        if begins {
            words.push(String::new());
        }
        if let Some(word) = words.last_mut().filter(|_| c != '_') {
            word.extend(c.to_lowercase());
        }
        before = c;
    }
    words.retain(|word| !word.is_empty());
    words
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::source::sample;

    #[test]
    fn retired_words_are_found_in_names_and_phrases_in_documents() {
        for (path, text, expected) in [
            ("a.rs", "fn send_lane() {}", 1),
            ("a.rs", "struct SendLane;", 1),
            ("a.rs", "const LANE_MAX: u8 = 1;", 1),
            ("a.rs", "fn plane() {} // a lane", 0),
            ("a.rs", "let text = \"lane\";", 0),
            ("a.md", "Somebody who was put out comes back.", 1),
            ("a.md", "Somebody who was removed comes back.", 0),
            ("CHANGELOG.md", "Somebody who was put out comes back.", 0),
            ("a.css", ".lane {}", 0),
        ] {
            assert_eq!(check(&sample(path, text)).len(), expected, "{path}: {text}");
        }
        assert_eq!(words("HTTPServer_name2"), ["httpserver", "name2"]);
    }
}

use super::*;
use common::codec::encode_server;
use common::reply;
use common::user::User;

fn user(name: &str) -> User {
    User {
        id: format!("~{name}").parse().unwrap(),
        name: name.parse().unwrap(),
    }
}

fn names(names: &[&str]) -> BTreeSet<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

/// As the server writes it.
fn told(count: usize, users: Option<&[&str]>, joined: &[&str], left: &[&str]) -> String {
    let all = |names: &[&str]| names.iter().map(|name| user(name)).collect::<Vec<_>>();
    encode_server(&ServerFrame::Presence(reply::Presence {
        room: "r".parse().unwrap(),
        count,
        users: users.map(all),
        joined: all(joined),
        left: left.iter().map(|name| user(name).id).collect(),
    }))
}

/// What the one member of a room was told, where these are there in the end.
fn heard(texts: &[String], there: &[&str]) -> PresenceReceived {
    let mut book = PresenceBook::new(1);
    for text in texts {
        book.see(0, text.as_bytes(), Instant::now()).unwrap();
    }
    book.take(1, &names(there))
}

#[test]
fn frames_and_bytes_are_counted_and_what_is_not_about_presence_is_not() {
    let texts = [
        told(1, Some(&["a"]), &[], &[]),
        r#"{"type":"pong","timestamp":"2026-01-01T00:00:00Z"}"#.to_owned(),
        told(2, None, &["b"], &[]),
    ];
    let bytes = texts[0].len() + texts[2].len() + 2 * 2;
    let heard = heard(&texts, &["a", "b"]);
    assert_eq!((heard.frames, heard.frames_most, heard.wrong), (2, 2, 0));
    assert_eq!(heard.bytes, bytes as u64);
    assert!(heard.told_at.is_some());
}

#[test]
fn a_number_or_a_list_that_is_not_right_in_the_end_is_found() {
    let first = told(1, Some(&["a"]), &[], &[]);
    let came = told(2, None, &["b"], &[]);
    let went = told(1, None, &[], &["b"]);
    let there = |texts: &[&String], names: &[&str]| {
        let texts: Vec<String> = texts.iter().map(|text| (*text).clone()).collect();
        heard(&texts, names).wrong
    };
    assert_eq!(there(&[&first, &came, &went], &["a"]), 0);
    assert_eq!(there(&[&first, &came], &["a"]), 1, "nobody said who went");
    assert_eq!(there(&[&first], &["a", "b"]), 1, "nobody said who came");
    assert_eq!(there(&[&first, &came], &["a", "c"]), 1, "somebody else");
    assert_eq!(there(&[], &["a"]), 1, "nothing was said");
}

#[test]
fn of_many_the_number_is_enough() {
    let many: Vec<String> = (0..300).map(|number| format!("n{number}")).collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    assert_eq!(heard(&[told(300, None, &[], &[])], &many).wrong, 0);
    assert_eq!(heard(&[told(299, None, &[], &[])], &many).wrong, 1);
}

#[test]
fn every_asking_counts_anew() {
    let mut book = PresenceBook::new(2);
    let now = Instant::now();
    book.joined(now);
    for seat in [0, 0, 1] {
        let text = told(2, Some(&["a", "b"]), &[], &[]);
        book.see(seat, text.as_bytes(), now).unwrap();
    }
    assert!(book.all_know(2, 2));
    let both = book.take(2, &names(&["a", "b"]));
    assert_eq!((both.frames, both.frames_most), (3, 2));
    assert_eq!((both.told_at, both.joined_at), (Some(now), Some(now)));
    let one = book.take(1, &names(&["a"]));
    assert_eq!((one.frames, one.wrong), (0, 1));
    assert!(!book.all_know(1, 1));
}

#[test]
fn a_header_is_as_long_as_the_text_makes_it() {
    let lengths = [0, 125, 126, 65_535, 65_536].map(header_bytes);
    assert_eq!(lengths, [2, 2, 4, 4, 10]);
}

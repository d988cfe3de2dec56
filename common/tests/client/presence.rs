//! Who is here.

use crate::harness::{Harness, p};
use common::ServerFrame;
use common::reply::Presence;
use common::user::User;

fn user(name: &str) -> User {
    User {
        id: p(&format!("~{name}")),
        name: p(name),
    }
}

fn presence(count: usize, users: Option<&[&str]>, joined: &[&str], left: &[&str]) -> ServerFrame {
    ServerFrame::Presence(Presence {
        room: p("a"),
        count,
        users: users.map(|users| users.iter().copied().map(user).collect()),
        joined: joined.iter().copied().map(user).collect(),
        left: left.iter().copied().map(|name| user(name).id).collect(),
    })
}

fn names(harness: &Harness) -> Option<Vec<String>> {
    let room = harness.client.room(&p("a")).unwrap();
    let users = room.presence().users()?;
    Some(users.iter().map(|user| user.name.to_string()).collect())
}

#[test]
fn the_list_follows_who_comes_and_goes() {
    let mut harness = Harness::live(&["a"]);
    for (frame, expected) in [
        (
            presence(2, Some(&["Bob", "Ada"]), &[], &[]),
            vec!["Ada", "Bob"],
        ),
        (presence(3, None, &["Abe"], &[]), vec!["Abe", "Ada", "Bob"]),
        (presence(2, None, &[], &["Ada"]), vec!["Abe", "Bob"]),
        (presence(2, None, &["Cid"], &["Abe"]), vec!["Bob", "Cid"]),
        (presence(2, None, &["Bob"], &[]), vec!["Bob", "Cid"]),
        (presence(1, Some(&["Eve"]), &[], &[]), vec!["Eve"]),
    ] {
        harness.receive(frame.clone());
        let expected = expected.into_iter().map(str::to_owned).collect();
        assert_eq!(names(&harness), Some(expected), "after {frame:?}");
    }
}

#[test]
fn a_list_that_does_not_agree_with_the_count_is_unknown_until_the_next_whole_one() {
    let mut harness = Harness::live(&["a"]);
    harness.receive(presence(2, Some(&["Ada", "Bob"]), &[], &[]));
    harness.receive(presence(4, None, &["Cid"], &[]));
    assert_eq!(names(&harness), None);
    assert_eq!(harness.client.room(&p("a")).unwrap().presence().count(), 4);
    harness.receive(presence(3, None, &[], &["Cid"]));
    assert_eq!(names(&harness), None);
    harness.receive(presence(1, Some(&["Ada"]), &[], &[]));
    assert_eq!(names(&harness), Some(vec!["Ada".to_owned()]));
}

#[test]
fn a_room_of_many_is_only_counted() {
    let mut harness = Harness::live(&["a"]);
    harness.receive(presence(12_345, None, &[], &[]));
    assert_eq!(names(&harness), None);
    assert_eq!(
        harness.client.room(&p("a")).unwrap().presence().count(),
        12_345
    );
}

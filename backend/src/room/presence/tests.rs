//! Presence by example: what readers are told.

use super::*;
use common::codec::decode_server;

fn user(n: usize) -> User {
    User {
        id: format!("u{n:04}").parse().unwrap(),
        name: format!("User {n:04}").parse().unwrap(),
    }
}

fn presence(users: impl IntoIterator<Item = usize>) -> Presence {
    let mut presence = Presence::new("general".parse().unwrap());
    for n in users {
        presence.user_joined(user(n));
    }
    presence.flush();
    presence
}

fn decode(frame: &Frame) -> PresenceFrame {
    match decode_server(std::str::from_utf8(wire::split_text(frame).unwrap().0).unwrap()).unwrap() {
        ServerFrame::Presence(frame) => frame,
        other => panic!("not presence: {other:?}"),
    }
}

fn ids(users: &[User]) -> Vec<&str> {
    users.iter().map(|u| u.id.as_str()).collect()
}

#[test]
fn a_user_with_two_tabs_is_one_person_until_the_last_tab_closes() {
    let mut presence = presence([1]);
    assert!(!presence.user_joined(user(1)));
    assert_eq!(presence.count(), 1);
    assert!(!presence.user_left(&user(1).id));
    assert!(presence.user_left(&user(1).id));
    assert_eq!(presence.count(), 0);
    assert!(!presence.user_left(&user(1).id));
}

#[test]
fn what_gathers_between_two_flushes_is_one_frame() {
    let mut presence = presence([1]);
    let (_, cursor) = presence.snapshot();
    presence.user_joined(user(2));
    presence.user_joined(user(3));
    presence.user_left(&user(1).id);
    assert_eq!(presence.read(cursor).0.len(), 0);
    assert!(presence.flush());
    assert!(!presence.flush());
    let (frames, cursor) = presence.read(cursor);
    assert_eq!(frames.len(), 1);
    let frame = decode(&frames[0]);
    assert_eq!((frame.count, frame.users), (2, None));
    assert_eq!(ids(&frame.joined), ["u0002", "u0003"]);
    assert_eq!(frame.left, [user(1).id]);
    assert_eq!(presence.read(cursor).0.len(), 0);
}

#[test]
fn nobody_is_told_what_the_list_said_that_it_began_with() {
    let mut presence = Presence::new("general".parse().unwrap());
    presence.user_joined(user(1));
    let (_, first) = presence.snapshot();
    presence.user_joined(user(2));
    let (list, second) = presence.snapshot();
    assert_eq!(ids(&decode(&list).users.unwrap()), ["u0001", "u0002"]);
    assert!(presence.flush());
    let (frames, first) = presence.read(first);
    assert_eq!(ids(&decode(&frames[0]).joined), ["u0001", "u0002"]);
    let (frames, second) = presence.read(second);
    assert_eq!(frames.len(), 0, "the second came with all of it");
    presence.user_left(&user(1).id);
    presence.flush();
    for cursor in [first, second] {
        let (frames, cursor) = presence.read(cursor);
        assert_eq!(decode(&frames[0]).left, [user(1).id]);
        assert_eq!(presence.read(cursor).0.len(), 0);
    }
}

#[test]
fn a_reader_far_behind_gets_the_whole_list() {
    let mut presence = presence([]);
    let (_, cursor) = presence.snapshot();
    for n in 0..RECENT_MAX + 1 {
        presence.user_joined(user(n));
        presence.flush();
    }
    let (frames, _) = presence.read(cursor);
    assert_eq!(frames.len(), 1);
    assert_eq!(decode(&frames[0]).users.unwrap().len(), RECENT_MAX + 1);
}

#[test]
fn a_large_room_tells_numbers_and_names_people_again_when_it_shrinks() {
    let mut presence = presence(0..PRESENCE_USERS_MAX);
    let (_, cursor) = presence.snapshot();
    presence.user_joined(user(PRESENCE_USERS_MAX));
    presence.flush();
    let (frames, cursor) = presence.read(cursor);
    let large = decode(&frames[0]);
    assert_eq!(large.count, PRESENCE_USERS_MAX + 1);
    assert_eq!((large.users, large.joined.len()), (None, 0));
    assert_eq!(decode(&presence.snapshot().0).users, None);
    presence.user_left(&user(0).id);
    presence.flush();
    let (frames, _) = presence.read(cursor);
    assert_eq!(decode(&frames[0]).users.unwrap().len(), PRESENCE_USERS_MAX);
}

#[test]
fn a_user_on_several_nodes_is_one_person_until_the_last_of_them_says_otherwise() {
    let (mut here, mut there) = (presence([1, 2]), presence([2, 3]));
    // What the other node says is taken as it comes, and once.
    let told = there.take_untold().unwrap();
    let (is_changed, answer) = here.receive(7, told.clone());
    assert_eq!(
        (is_changed, answer, here.count()),
        (false, Some(PresenceHint::Request), 2)
    );
    let (_, all) = there.receive(8, PresenceHint::Request);
    assert!(here.receive(7, all.unwrap()).0);
    assert_eq!(here.count(), 3);
    assert!(!here.receive(7, told).0, "it was in the list");
    // The other node goes on.
    there.user_left(&user(2).id);
    there.user_left(&user(3).id);
    let next = there.take_untold().unwrap();
    assert!(here.receive(7, next).0, "one of them is gone");
    assert_eq!(here.count(), 2, "the other is here, too");
    assert_eq!(there.take_untold(), None);
    // A node that is gone takes its users with it.
    here.receive(
        9,
        PresenceHint::All {
            version: 4,
            users: vec![user(1), user(5)],
        },
    );
    assert_eq!(here.count(), 3);
    assert!(here.forget_node(9));
    assert_eq!(here.count(), 2);
    assert!(!here.forget_node(9));
    // Users of other nodes are not told of as one's own.
    let PresenceHint::All { users, .. } = here.all_here() else {
        panic!("not a list")
    };
    assert_eq!(users.len(), 2);
}

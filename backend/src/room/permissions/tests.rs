//! What somebody may do, as things are: by the table, by what holds in the room, and on the node.

use super::*;
use crate::auth::Kind;
use crate::room::rules::{AffectedUsers, concerned};
use crate::store::{Member, RoomRecord, Sanction, StoredRules};
use common::room::SanctionKind;
use common::user::User;

const NOW: Timestamp = Timestamp(1000);

fn user(name: &str) -> User {
    User {
        id: name.parse().unwrap(),
        name: name.parse().unwrap(),
    }
}

fn visitor(name: &str, role: Role, kind: Kind) -> Visitor {
    Visitor {
        user: user(name),
        role,
        kind,
    }
}

fn sanction(kind: SanctionKind, name: &str, until: Option<u64>) -> Sanction {
    Sanction {
        id: "s".parse().unwrap(),
        user: user(name),
        kind,
        addresses: vec![7],
        by: user("ada"),
        at: NOW,
        until: until.map(Timestamp),
        reason: None,
    }
}

fn stored(door: RoomKind, sanctions: Vec<Sanction>) -> StoredRules {
    let member = |name: &str, standing| Member {
        user: user(name),
        standing,
        since: NOW,
    };
    let room = match door {
        RoomKind::Public => "general".parse().unwrap(),
        _ => RoomName::hidden(1),
    };
    StoredRules {
        record: RoomRecord::new(room, door, NOW),
        members: vec![
            member("ada", RoomRole::Owner),
            member("mo", RoomRole::Moderator),
            member("meg", RoomRole::Member),
        ],
        sanctions,
    }
}

/// The code that answers an action, if it is refused.
fn refused(rules: Option<StoredRules>, who: &Visitor, action: RoomAction) -> Option<ErrorCode> {
    let room = match &rules {
        Some(rules) => rules.record.room.clone(),
        None => RoomName::hidden(2),
    };
    let permissions = RoomPermissions {
        room: &room,
        requester: Requester {
            visitor: who,
            address: 7,
        },
        rules: rules.map(|rules| Arc::new(Rules::new(rules))),
        node: None,
        now: NOW,
    };
    let found = permissions.check(action).err().map(|error| error.code);
    let listed = permissions.settings().may(action);
    // The list is correct for everyone who receives it.
    if permissions.check_door().is_ok() {
        assert_eq!(listed, found.is_none(), "{action:?}");
    }
    found
}

#[test]
fn what_holds_in_the_room_comes_before_the_table_and_hides_what_must_be_hidden() {
    use ErrorCode as E;
    let guest = |name| visitor(name, Role::Guest, Kind::Guest);
    let admin = visitor("root", Role::Admin, Kind::Guest);
    let ban = |name, until| vec![sanction(SanctionKind::Ban, name, until)];
    let mute = |name, until| vec![sanction(SanctionKind::Mute, name, until)];
    let (public, private) = (RoomKind::Public, RoomKind::Private);
    let (enter, post) = (RoomAction::Enter, RoomAction::Post);
    for (door, sanctions, who, action, expected) in [
        (private, vec![], guest("meg"), enter, None),
        (private, vec![], guest("eve"), enter, Some(E::NoSuchRoom)),
        (private, vec![], admin.clone(), enter, Some(E::NoSuchRoom)),
        (
            private,
            ban("eve", None),
            guest("eve"),
            enter,
            Some(E::NoSuchRoom),
        ),
        (
            private,
            vec![],
            guest("meg"),
            RoomAction::Kick,
            Some(E::Forbidden),
        ),
        (public, vec![], guest("eve"), enter, None),
        (
            public,
            ban("eve", None),
            guest("eve"),
            enter,
            Some(E::Banned),
        ),
        (public, ban("eve", Some(1000)), guest("eve"), enter, None),
        (
            public,
            ban("eve", None),
            guest("zoe"),
            enter,
            Some(E::Banned),
        ),
        (public, ban("eve", None), guest("mo"), enter, None),
        (public, ban("eve", None), admin.clone(), enter, None),
        (public, mute("eve", Some(2000)), guest("eve"), enter, None),
        (
            public,
            mute("eve", Some(2000)),
            guest("eve"),
            post,
            Some(E::Muted),
        ),
        (public, mute("eve", Some(900)), guest("eve"), post, None),
        (public, mute("mo", None), guest("mo"), post, Some(E::Muted)),
        (
            public,
            mute("mo", None),
            guest("mo"),
            RoomAction::Kick,
            None,
        ),
    ] {
        let found = refused(Some(stored(door, sanctions)), &who, action);
        assert_eq!(found, expected, "{door:?} {} {action:?}", who.user.id);
    }
    let absent = refused(None, &guest("meg"), enter);
    assert_eq!(absent, Some(E::NoSuchRoom));
}

#[test]
fn who_only_says_a_name_is_nothing_in_a_room() {
    for kind in [Kind::Named, Kind::Anonymous] {
        let meg = visitor("meg", Role::Guest, kind);
        let found = refused(
            Some(stored(RoomKind::Private, vec![])),
            &meg,
            RoomAction::Enter,
        );
        assert_eq!(found, Some(ErrorCode::NoSuchRoom));
        let mo = visitor("mo", Role::Guest, meg.kind);
        let found = refused(
            Some(stored(RoomKind::Public, vec![])),
            &mo,
            RoomAction::Kick,
        );
        assert_eq!(found, Some(ErrorCode::Forbidden));
    }
}

#[test]
fn a_locked_or_archived_room_is_read_only() {
    let set = |locked, archived| {
        let mut rules = stored(RoomKind::Public, vec![]);
        rules.record.locked = locked;
        rules.record.archived = archived;
        Some(rules)
    };
    let eve = visitor("eve", Role::Guest, Kind::Guest);
    let mo = visitor("mo", Role::Guest, Kind::Guest);
    for (locked, archived, who, expected) in [
        (true, false, &eve, Some(ErrorCode::RoomLocked)),
        (true, false, &mo, None),
        (false, true, &eve, Some(ErrorCode::RoomArchived)),
        (true, true, &mo, Some(ErrorCode::RoomArchived)),
    ] {
        for action in [RoomAction::Post, RoomAction::ChangeOwn, RoomAction::React] {
            assert_eq!(refused(set(locked, archived), who, action), expected);
        }
        let reads = refused(set(locked, archived), who, RoomAction::ReadHistory);
        assert_eq!(reads, None);
    }
}

#[test]
fn a_change_concerns_everybody_or_those_it_names() {
    let rules = |sanctions| Rules::new(stored(RoomKind::Public, sanctions));
    let users = |names: &[&str]| {
        let ids = names.iter().map(|name| name.parse().unwrap());
        AffectedUsers::Users(ids.collect())
    };
    let plain = rules(vec![]);
    assert_eq!(concerned(None, None), users(&[]));
    assert_eq!(concerned(None, Some(&plain)), AffectedUsers::All);
    assert_eq!(concerned(Some(&plain), Some(&rules(vec![]))), users(&[]));
    let mut quiet = sanction(SanctionKind::Mute, "eve", None);
    quiet.addresses.clear();
    let muted = rules(vec![quiet]);
    assert_eq!(concerned(Some(&plain), Some(&muted)), users(&["eve"]));
    let wide = rules(vec![sanction(SanctionKind::Mute, "eve", None)]);
    assert_eq!(concerned(Some(&muted), Some(&wide)), AffectedUsers::All);
    let mut fewer = stored(RoomKind::Public, vec![]);
    fewer.members.pop();
    let fewer = Rules::new(fewer);
    assert_eq!(concerned(Some(&plain), Some(&fewer)), users(&["meg"]));
}

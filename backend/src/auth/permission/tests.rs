//! The whole table, spelled out: a change of it is a change here, for everybody to see.

use super::*;

const NODE_ACTIONS: [(NodeAction, &str); 9] = [
    (NodeAction::Broadcast, "broadcast"),
    (NodeAction::ManageAccounts, "manage accounts"),
    (NodeAction::ManageKeys, "manage keys"),
    (NodeAction::ReadAudit, "read audit"),
    (NodeAction::SanctionOnNode, "sanction"),
    (NodeAction::MakePublicRoom, "make public"),
    (NodeAction::MakePrivateRoom, "make private"),
    (NodeAction::OpenDirect, "open direct"),
    (NodeAction::AcceptInvitation, "be invited"),
];

/// Each action's number among those above. A new one does not compile until it has one, and has no
/// place to stand until it is in the list.
fn node_number(action: NodeAction) -> usize {
    match action {
        NodeAction::Broadcast => 0,
        NodeAction::ManageAccounts => 1,
        NodeAction::ManageKeys => 2,
        NodeAction::ReadAudit => 3,
        NodeAction::SanctionOnNode => 4,
        NodeAction::MakePublicRoom => 5,
        NodeAction::MakePrivateRoom => 6,
        NodeAction::OpenDirect => 7,
        NodeAction::AcceptInvitation => 8,
    }
}

fn name(action: RoomAction) -> String {
    let json = serde_json::to_string(&action).unwrap();
    json.trim_matches('"').to_owned()
}

/// By door; within one by standing (outsider, member, moderator, owner); within that by role
/// (guest, member, moderator, admin).
const IN_ROOMS: &str = "
enter            | public  yyyy yyyy yyyy yyyy | private .... yyyy yyyy yyyy | direct .... yyyy yyyy yyyy | read
read_history     | public  yyyy yyyy yyyy yyyy | private .... yyyy yyyy yyyy | direct .... yyyy yyyy yyyy | read
see_presence     | public  yyyy yyyy yyyy yyyy | private .... yyyy yyyy yyyy | direct .... yyyy yyyy yyyy | read
mark_read        | public  yyyy yyyy yyyy yyyy | private .... yyyy yyyy yyyy | direct .... yyyy yyyy yyyy | read
post             | public  yyyy yyyy yyyy yyyy | private .... yyyy yyyy yyyy | direct .... yyyy yyyy yyyy | write
change_own       | public  yyyy yyyy yyyy yyyy | private .... yyyy yyyy yyyy | direct .... yyyy yyyy yyyy | write
react            | public  yyyy yyyy yyyy yyyy | private .... yyyy yyyy yyyy | direct .... yyyy yyyy yyyy | write
delete_others    | public  ..yy ..yy yyyy yyyy | private .... .... yyyy yyyy | direct .... .... .... .... | moderate
speak_freely     | public  ..yy ..yy yyyy yyyy | private .... .... yyyy yyyy | direct .... .... .... .... | write
see_members      | public  yyyy yyyy yyyy yyyy | private .... yyyy yyyy yyyy | direct .... yyyy yyyy yyyy | read
invite           | public  .... .... .... .... | private .... .... yyyy yyyy | direct .... .... .... .... | moderate
kick             | public  ..yy ..yy yyyy yyyy | private .... .... yyyy yyyy | direct .... .... .... .... | moderate
sanction         | public  ..yy ..yy yyyy yyyy | private .... .... yyyy yyyy | direct .... .... .... .... | moderate
change_settings  | public  ..yy ..yy yyyy yyyy | private .... .... yyyy yyyy | direct .... .... .... .... | moderate
change_standings | public  ...y ...y ...y yyyy | private .... .... .... yyyy | direct .... .... .... .... | moderate
archive          | public  ...y ...y ...y yyyy | private .... .... .... yyyy | direct .... .... .... .... | moderate
";

#[test]
fn every_cell_of_the_table_for_rooms_is_as_written() {
    let mut actual = String::from("\n");
    for action in RoomAction::ALL {
        actual.push_str(&format!("{:16}", name(action)));
        for (door, word) in [
            (RoomKind::Public, "public "),
            (RoomKind::Private, "private"),
            (RoomKind::Direct, "direct"),
        ] {
            actual.push_str(&format!(" | {word}"));
            for standing in RoomRole::ALL {
                actual.push(' ');
                for role in Role::ALL {
                    let may = may_in_room(action, role, door, standing);
                    actual.push(if may { 'y' } else { '.' });
                }
            }
        }
        actual.push_str(&format!(" | {}\n", scope_of(action)));
    }
    assert_eq!(actual, IN_ROOMS);
}

#[test]
fn what_is_not_known_nobody_may() {
    for (role, door) in Role::ALL
        .into_iter()
        .flat_map(|r| RoomKind::ALL.map(|d| (r, d)))
    {
        assert!(!may_in_room(
            RoomAction::Unknown,
            role,
            door,
            RoomRole::Owner
        ));
    }
}

/// Outsider, member, moderator, owner; within each by role.
#[test]
fn those_who_look_after_the_node_count_in_public_rooms_only() {
    let ranks = |door| -> String {
        let standings = RoomRole::ALL.into_iter();
        let cells = standings.flat_map(|s| Role::ALL.map(|r| rank(r, door, s).as_str()));
        cells.map(|word| &word[..2]).collect::<Vec<_>>().join(" ")
    };
    let own = "ou ou ou ou me me me me mo mo mo mo ow ow ow ow";
    assert_eq!(ranks(RoomKind::Private), own);
    assert_eq!(ranks(RoomKind::Direct), own);
    let lifted = "ou ou mo ow me me mo ow mo mo mo ow ow ow ow ow";
    assert_eq!(ranks(RoomKind::Public), lifted);
}

#[test]
fn what_keeps_from_writing_keeps_from_nothing_else() {
    let suspended = |archived, locked, muted, freely| -> Vec<String> {
        let restrictions = Restrictions {
            archived,
            locked,
            muted,
        };
        let all = RoomAction::ALL.into_iter();
        let found = all.filter(|action| restrictions.suspend(*action, freely));
        found.map(name).collect()
    };
    let writing = ["post", "change_own", "react"];
    let all = ["post", "change_own", "react", "speak_freely"];
    let closed = ["post", "change_own", "react", "speak_freely", "invite"];
    assert!(suspended(false, false, false, false).is_empty());
    assert_eq!(suspended(false, true, false, false), writing);
    assert!(suspended(false, true, false, true).is_empty());
    assert_eq!(suspended(false, false, true, true), all);
    assert_eq!(suspended(true, false, false, true), closed);
}

/// By what the setting for broadcasts names, and last for a node that nobody has claimed; within
/// that by role.
const ON_THE_NODE: &str = "
broadcast       | yyyy .yyy ..yy ...y | yyyy | broadcast
manage accounts | ...y ...y ...y ...y | ...y | admin
manage keys     | ...y ...y ...y ...y | ...y | admin
read audit      | ...y ...y ...y ...y | ...y | admin
sanction        | ..yy ..yy ..yy ..yy | ..yy | moderate, who lasts
make public     | yyyy yyyy yyyy yyyy | yyyy | write, who lasts
make private    | .yyy .yyy .yyy .yyy | .yyy | write, who lasts
open direct     | .yyy .yyy .yyy .yyy | .yyy | write, who lasts
be invited      | yyyy yyyy yyyy yyyy | yyyy | write, who lasts
";

#[test]
fn every_cell_of_the_table_for_the_node_is_as_written() {
    let cells = |action, policy| -> String {
        let may = |role| may_on_node(action, role, policy);
        Role::ALL
            .into_iter()
            .map(|role| if may(role) { 'y' } else { '.' })
            .collect()
    };
    let mut actual = String::from("\n");
    for (at, (action, name)) in NODE_ACTIONS.into_iter().enumerate() {
        assert_eq!(node_number(action), at);
        actual.push_str(&format!("{name:15} |"));
        for broadcast in Role::ALL {
            let claimed = true;
            let cells = cells(action, Policy { broadcast, claimed });
            actual.push_str(&format!(" {cells}"));
        }
        let unclaimed = Policy {
            broadcast: Role::Admin,
            claimed: false,
        };
        let scope = node_scope_of(action);
        let lasts = if action.is_lasting() {
            ", who lasts"
        } else {
            ""
        };
        let cells = cells(action, unclaimed);
        actual.push_str(&format!(" | {cells} | {scope}{lasts}\n"));
    }
    assert_eq!(actual, ON_THE_NODE);
}

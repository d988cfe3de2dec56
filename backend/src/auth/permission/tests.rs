//! The whole table, spelled out: a change of it is a change here, for everybody to see.

use super::*;

const ROOM_ACTIONS: [(RoomAction, &str); 8] = [
    (RoomAction::Enter, "enter"),
    (RoomAction::ReadHistory, "read history"),
    (RoomAction::SeePresence, "see presence"),
    (RoomAction::MarkRead, "mark read"),
    (RoomAction::Post, "post"),
    (RoomAction::ChangeOwn, "change own"),
    (RoomAction::React, "react"),
    (RoomAction::DeleteOthers, "delete others'"),
];

const NODE_ACTIONS: [(NodeAction, &str); 4] = [
    (NodeAction::Broadcast, "broadcast"),
    (NodeAction::ManageAccounts, "manage accounts"),
    (NodeAction::ManageKeys, "manage keys"),
    (NodeAction::ReadAudit, "read audit"),
];

/// Each action's number among those above. A new one does not compile until it has one, and has no
/// place to stand until it is in the list.
fn number(action: RoomAction) -> usize {
    match action {
        RoomAction::Enter => 0,
        RoomAction::ReadHistory => 1,
        RoomAction::SeePresence => 2,
        RoomAction::MarkRead => 3,
        RoomAction::Post => 4,
        RoomAction::ChangeOwn => 5,
        RoomAction::React => 6,
        RoomAction::DeleteOthers => 7,
    }
}

fn node_number(action: NodeAction) -> usize {
    match action {
        NodeAction::Broadcast => 0,
        NodeAction::ManageAccounts => 1,
        NodeAction::ManageKeys => 2,
        NodeAction::ReadAudit => 3,
    }
}

const STANDINGS: [Standing; 4] = [
    Standing::Outsider,
    Standing::Member,
    Standing::Moderator,
    Standing::Owner,
];

/// By door; within one by standing (outsider, member, moderator, owner); within that by role
/// (guest, member, moderator, admin).
const IN_ROOMS: &str = "
enter          | public  yyyy yyyy yyyy yyyy | private .... yyyy yyyy yyyy | direct .... yyyy yyyy yyyy | read
read history   | public  yyyy yyyy yyyy yyyy | private .... yyyy yyyy yyyy | direct .... yyyy yyyy yyyy | read
see presence   | public  yyyy yyyy yyyy yyyy | private .... yyyy yyyy yyyy | direct .... yyyy yyyy yyyy | read
mark read      | public  yyyy yyyy yyyy yyyy | private .... yyyy yyyy yyyy | direct .... yyyy yyyy yyyy | read
post           | public  yyyy yyyy yyyy yyyy | private .... yyyy yyyy yyyy | direct .... yyyy yyyy yyyy | write
change own     | public  yyyy yyyy yyyy yyyy | private .... yyyy yyyy yyyy | direct .... yyyy yyyy yyyy | write
react          | public  yyyy yyyy yyyy yyyy | private .... yyyy yyyy yyyy | direct .... yyyy yyyy yyyy | write
delete others' | public  ..yy ..yy yyyy yyyy | private .... .... yyyy yyyy | direct .... .... .... .... | moderate
";

#[test]
fn every_cell_of_the_table_for_rooms_is_as_written() {
    let mut actual = String::from("\n");
    for (at, (action, name)) in ROOM_ACTIONS.into_iter().enumerate() {
        assert_eq!(number(action), at);
        actual.push_str(&format!("{name:14}"));
        for (door, word) in [
            (Door::Public, "public "),
            (Door::Private, "private"),
            (Door::Direct, "direct"),
        ] {
            actual.push_str(&format!(" | {word}"));
            for standing in STANDINGS {
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

/// By what the setting for broadcasts names, and last for a node that nobody has claimed; within
/// that by role.
const ON_THE_NODE: &str = "
broadcast       | yyyy .yyy ..yy ...y | yyyy | broadcast
manage accounts | ...y ...y ...y ...y | ...y | admin
manage keys     | ...y ...y ...y ...y | ...y | admin
read audit      | ...y ...y ...y ...y | ...y | admin
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
        actual.push_str(&format!(" | {} | {scope}\n", cells(action, unclaimed)));
    }
    assert_eq!(actual, ON_THE_NODE);
}

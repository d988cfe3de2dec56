//! The table of permissions, tried cell by cell on the real server: every role, in every kind of
//! room, as everything that one can be there, does everything, over the socket and over HTTP.
//!
//! What is expected is the table's own answer. An action that is not tried does not compile.

use crate::support::Server;
use crate::support::client::Client;
use crate::support::http::Answer;
use crate::support::people::{Person, room};
use backend::auth::permission::{
    NodeAction, Policy, RoomAction, RoomKind, RoomRole, may_in_room, may_on_node, node_scope_of,
    scope_of,
};
use backend::auth::scope::{Scope, Scopes};
use common::role::Role;
use common::room::RoomSettings;
use serde_json::{Value, json};

/// One room, prepared for one who tries everything there.
struct Cell<'a> {
    server: &'a Server,
    room: String,
    door: RoomKind,
    /// Looks after the room.
    owner: &'a Person,
    /// Somebody to whom things may be done.
    victim: &'a Person,
    /// A message of the victim's.
    said: Value,
}

/// Whether it was done; none where it was refused as it should be, by one of these codes.
fn decision(what: &str, code: Option<&str>) -> bool {
    let Some(code) = code else {
        return true;
    };
    let refusals = ["forbidden", "no_such_room", "not_joined", "room_locked"];
    assert!(refusals.contains(&code), "{what}: {code}");
    false
}

fn over_http(what: &str, answer: &Answer) -> bool {
    match answer.status < 300 {
        true => true,
        false => decision(what, answer.json()["code"].as_str()),
    }
}

impl Cell<'_> {
    async fn request(&self, who: &Person, method: &str, part: &str, body: Value) -> bool {
        let path = format!("{}{part}", room(&self.room));
        let answer = who.send(self.server, method, &path, body).await;
        over_http(&format!("{method} {part}"), &answer)
    }

    /// Tries it over HTTP, where it can be.
    async fn over_http(&self, who: &Person, action: RoomAction) -> Option<bool> {
        let victim = self.victim.id();
        let member = format!("/members/{victim}");
        let (method, part, body) = match action {
            RoomAction::Enter => ("GET", "", Value::Null),
            RoomAction::ReadHistory => ("GET", "/messages", Value::Null),
            RoomAction::SeePresence => ("GET", "/presence", Value::Null),
            RoomAction::SeeMembers => ("GET", "/members", Value::Null),
            RoomAction::Post | RoomAction::BypassRestrictions => {
                ("POST", "/messages", json!({"content": "x"}))
            }
            RoomAction::Invite => ("POST", "/invitations", json!({})),
            RoomAction::Kick => ("DELETE", member.as_str(), Value::Null),
            RoomAction::Sanction => (
                "POST",
                "/sanctions",
                json!({"user": victim, "kind": "mute"}),
            ),
            RoomAction::ChangeSettings => ("PATCH", "", json!({"topic": "weather"})),
            RoomAction::ChangeRoles => ("PUT", member.as_str(), json!({"standing": "moderator"})),
            RoomAction::Archive => ("PATCH", "", json!({"archived": true})),
            RoomAction::MarkRead
            | RoomAction::ChangeOwn
            | RoomAction::React
            | RoomAction::DeleteOthers
            | RoomAction::Unknown => return None,
        };
        Some(self.request(who, method, part, body).await)
    }

    /// Tries it over the socket, where it can be.
    async fn on_socket(&self, client: &mut Client, action: RoomAction) -> Option<bool> {
        let name = &self.room;
        let frame = match action {
            RoomAction::Enter => json!({"type": "join"}),
            RoomAction::ReadHistory => json!({"type": "history"}),
            RoomAction::MarkRead => json!({"type": "read", "seq": 1}),
            RoomAction::Post | RoomAction::BypassRestrictions => {
                json!({"type": "message", "content": "x"})
            }
            RoomAction::ChangeOwn => {
                // Who could say nothing has nothing to change, and is told that by another name.
                let own = client.own.as_u64().unwrap_or(1);
                json!({"type": "edit", "content": "y", "target": own})
            }
            RoomAction::React => json!({"type": "react", "emoji": "+1", "target": self.said}),
            RoomAction::DeleteOthers => json!({"type": "delete", "target": self.said}),
            // Presence comes with joining.
            RoomAction::SeePresence
            | RoomAction::SeeMembers
            | RoomAction::Invite
            | RoomAction::Kick
            | RoomAction::Sanction
            | RoomAction::ChangeSettings
            | RoomAction::ChangeRoles
            | RoomAction::Archive
            | RoomAction::Unknown => return None,
        };
        let id = client.next_id();
        let mut frame = frame;
        frame["id"] = json!(id);
        frame["room"] = json!(name);
        client.send(frame).await;
        let answer = loop {
            let answer = client.next().await;
            if answer["id"] == json!(id) && ["ack", "error"].contains(&answer["type"].as_str()?) {
                break answer;
            }
        };
        if action == RoomAction::Post && answer["type"] == "ack" {
            client.own = answer["seq"].clone();
        }
        let code = answer["code"].as_str();
        Some(decision(&format!("{action:?} on the socket"), code))
    }

    async fn lock(&self, locked: bool) {
        let path = room(&self.room);
        let body = json!({"locked": locked});
        let set = self.owner.send(self.server, "PATCH", &path, body).await;
        assert_eq!(set.status, 200, "{set:?}");
    }

    /// Everything, compared with the table.
    async fn try_all(&self, who: &Person, role: Role, standing: RoomRole) {
        let here = format!("{role:?} as {standing:?} in {:?}", self.door);
        let expected = |action| match action {
            RoomAction::BypassRestrictions => {
                may_in_room(action, role, self.door, standing)
                    && may_in_room(RoomAction::Post, role, self.door, standing)
            }
            action => may_in_room(action, role, self.door, standing),
        };
        let told = who
            .send(self.server, "GET", &room(&self.room), Value::Null)
            .await;
        if told.status == 200 {
            let settings: RoomSettings = serde_json::from_str(&told.body).unwrap();
            let all = RoomAction::ALL.into_iter();
            let may: Vec<_> = all.filter(|action| expected(*action)).collect();
            assert_eq!(settings.may, may, "{here}");
        }
        let mut client = who.connect(self.server).await;
        for action in RoomAction::ALL {
            let locks = action == RoomAction::BypassRestrictions;
            if locks && self.door == RoomKind::Direct {
                // Nobody can lock it: that nobody may is in the list that was told.
                continue;
            }
            if locks {
                self.lock(true).await;
            }
            let found = [
                self.on_socket(&mut client, action).await,
                self.over_http(who, action).await,
            ];
            if locks {
                self.lock(false).await;
            }
            assert_ne!(found, [None, None], "{action:?} is not tried");
            for found in found.into_iter().flatten() {
                assert_eq!(found, expected(action), "{action:?}: {here}");
            }
        }
    }
}

struct Cast {
    server: Server,
    root: Person,
    victim: Person,
    by_role: Vec<(Role, Person)>,
}

impl Cast {
    async fn assemble() -> Self {
        let server = Server::start().await;
        let root = Person::account(&server, "Root").await;
        let victim = Person::account(&server, "Victim").await;
        let mut by_role = vec![(Role::Guest, Person::guest(&server, "Guest").await)];
        for (role, name) in [
            (Role::Member, "Member"),
            (Role::Moderator, "Mod"),
            (Role::Admin, "Admin"),
        ] {
            let person = Person::account(&server, name).await;
            if role > Role::Member {
                root.promote(&server, &person, role.as_str()).await;
            }
            by_role.push((role, person));
        }
        Self {
            server,
            root,
            victim,
            by_role,
        }
    }

    async fn make(&self, who: &Person, path: &str, body: Value) -> String {
        let made = who.send(&self.server, "POST", path, body).await;
        assert!(made.status < 300, "{made:?}");
        made.json()["room"].as_str().unwrap().to_owned()
    }

    /// A room where this one is that.
    async fn room(
        &self,
        door: RoomKind,
        who: &Person,
        standing: RoomRole,
        number: usize,
    ) -> String {
        if door == RoomKind::Direct {
            // Two of whom the one is, or is not.
            let (one, other) = match standing {
                RoomRole::Outsider => (&self.root, &self.victim),
                _ => (&self.victim, who),
            };
            let body = json!({"user": other.id()});
            return self.make(one, "/api/v1/direct", body).await;
        }
        let body = match door {
            RoomKind::Public => json!({"name": format!("room-{number}")}),
            _ => json!({"door": "private", "title": "A room"}),
        };
        let name = self.make(&self.root, "/api/v1/rooms", body).await;
        let mut members = vec![(self.victim.id(), RoomRole::Member)];
        if standing > RoomRole::Outsider {
            members.push((who.id(), standing));
        }
        for (id, standing) in members {
            let put = self
                .root
                .put(&self.server, &name, id, standing.as_str())
                .await;
            assert_eq!(put.status, 204, "{put:?}");
        }
        name
    }

    async fn cell(
        &self,
        door: RoomKind,
        who: &Person,
        standing: RoomRole,
        number: usize,
    ) -> (Cell<'_>, Client) {
        let name = self.room(door, who, standing, number).await;
        let mut victim = self.victim.connect(&self.server).await;
        victim.join(&name).await;
        let post =
            json!({"type": "message", "id": format!("v{number}"), "room": name, "content": "x"});
        victim.send(post).await;
        let cell = Cell {
            server: &self.server,
            room: name,
            door,
            owner: &self.root,
            victim: &self.victim,
            said: victim.next_of("ack").await["seq"].clone(),
        };
        (cell, victim)
    }
}

#[tokio::test]
async fn every_cell_of_the_table_for_rooms_holds_on_the_socket_and_over_http() {
    let cast = Cast::assemble().await;
    let mut tried = 0;
    for door in RoomKind::ALL {
        for standing in RoomRole::ALL {
            if door == RoomKind::Direct && standing > RoomRole::Member {
                // Nobody can be that there.
                continue;
            }
            for (role, who) in &cast.by_role {
                tried += 1;
                // Who stays until all is tried: presence is what can be put out.
                let (cell, _victim) = cast.cell(door, who, standing, tried).await;
                cell.try_all(who, *role, standing).await;
            }
        }
    }
    assert_eq!(tried, (4 + 4 + 2) * 4);
}

#[tokio::test]
async fn a_key_opens_in_rooms_what_its_scope_covers_and_nothing_else() {
    let cast = Cast::assemble().await;
    for (number, scope) in Scope::ALL.into_iter().enumerate() {
        let scopes: Scopes = scope.as_str().parse().unwrap();
        let name = format!("key {number}");
        let key = Person::key(&cast.server, &cast.root, &name, scope.as_str()).await;
        let (cell, _victim) = cast
            .cell(RoomKind::Public, &key, RoomRole::Outsider, number)
            .await;
        for action in RoomAction::ALL {
            if action == RoomAction::BypassRestrictions {
                continue;
            }
            if let Some(found) = cell.over_http(&key, action).await {
                let role = scopes.role();
                let may = may_in_room(action, role, RoomKind::Public, RoomRole::Outsider);
                let expected = may && scope_of(action) == scope;
                assert_eq!(found, expected, "{action:?} with {scope}");
            }
        }
    }
}

/// Tries what is done on the node.
async fn on_node(cast: &Cast, who: &Person, action: NodeAction, number: usize) -> bool {
    let (method, path, body) = match action {
        NodeAction::Broadcast => ("POST", "/api/v1/broadcasts", json!({"content": "x"})),
        NodeAction::ManageAccounts => ("GET", "/api/v1/accounts", Value::Null),
        NodeAction::ManageKeys => ("GET", "/api/v1/keys", Value::Null),
        NodeAction::ReadAudit => ("GET", "/api/v1/audit", Value::Null),
        NodeAction::SanctionOnNode => ("GET", "/api/v1/sanctions", Value::Null),
        NodeAction::MakePublicRoom => (
            "POST",
            "/api/v1/rooms",
            json!({"name": format!("made-{number}")}),
        ),
        NodeAction::MakePrivateRoom => (
            "POST",
            "/api/v1/rooms",
            json!({"door": "private", "title": "x"}),
        ),
        NodeAction::OpenDirect => ("POST", "/api/v1/direct", json!({"user": cast.victim.id()})),
        NodeAction::AcceptInvitation => (
            "POST",
            "/api/v1/invitations/accept",
            json!({"code": "hbi_none"}),
        ),
    };
    let answer = who.send(&cast.server, method, path, body).await;
    let code = answer.json()["code"].clone();
    // Users who may have come as far as this.
    if action == NodeAction::AcceptInvitation && code == "no_such_invitation" {
        return true;
    }
    over_http(&format!("{action:?}"), &answer)
}

#[tokio::test]
async fn every_cell_of_the_table_for_the_node_holds_over_http() {
    let cast = Cast::assemble().await;
    let policy = Policy {
        broadcast: Role::Member,
        claimed: true,
    };
    let mut number = 0;
    for action in NodeAction::ALL {
        for (role, who) in &cast.by_role {
            number += 1;
            let found = on_node(&cast, who, action, number).await;
            assert_eq!(
                found,
                may_on_node(action, *role, policy),
                "{action:?} {role}"
            );
        }
        for scope in Scope::ALL {
            number += 1;
            let name = format!("key {number}");
            let key = Person::key(&cast.server, &cast.root, &name, scope.as_str()).await;
            let role = scope.as_str().parse::<Scopes>().unwrap().role();
            let covered = node_scope_of(action) == scope;
            let expected = covered && may_on_node(action, role, policy);
            let found = on_node(&cast, &key, action, number).await;
            assert_eq!(found, expected, "{action:?} with {scope}");
        }
    }
}

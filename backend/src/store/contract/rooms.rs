//! The contract for rooms with settings, members and sanctions.

use super::room;
use crate::store::{
    Accepted, AccountStore, INVITATIONS_MAX, Invalidation, Invitation, MemberChange, MemberOutcome,
    RoomChange, RoomRecord, RoomStore, Sanction, StoredRules,
};
use common::room::{RoomKind, RoomRole, SanctionKind};
use common::text::RoomName;
use common::time::Timestamp;
use common::user::User;

const NOW: Timestamp = Timestamp(1_000_000);

fn user(name: &str) -> User {
    User {
        id: format!("u-{name}").parse().unwrap(),
        name: name.parse().unwrap(),
    }
}

fn hidden(number: u64) -> RoomName {
    RoomName::hidden(number)
}

async fn make(store: &impl RoomStore, name: &RoomName, owner: &str) -> bool {
    let door = match name.is_hidden() {
        true => RoomKind::Private,
        false => RoomKind::Public,
    };
    let mut record = RoomRecord::new(name.clone(), door, NOW);
    record.title = Some("A title".parse().unwrap());
    store.make(record, user(owner)).await.unwrap()
}

async fn rules(store: &impl RoomStore, name: &RoomName) -> StoredRules {
    store.rules(name, NOW).await.unwrap().unwrap()
}

fn change(name: &RoomName, who: &str, was: RoomRole, standing: RoomRole) -> MemberChange {
    MemberChange {
        room: name.clone(),
        user: user(who),
        was,
        standing,
        by: user("ada").id,
        kicked: false,
        at: NOW,
    }
}

fn sanction(id: &str, who: &str, kind: SanctionKind, until: Option<u64>) -> Sanction {
    Sanction {
        id: id.parse().unwrap(),
        user: user(who),
        kind,
        addresses: vec![u64::MAX, 7],
        by: user("ada"),
        at: NOW,
        until: until.map(Timestamp),
        reason: Some("rude'; DROP TABLE member; --".parse().unwrap()),
    }
}

fn invitation(id: &str, name: &RoomName, uses: Option<u32>) -> Invitation {
    Invitation {
        id: id.parse().unwrap(),
        room: name.clone(),
        by: user("ada"),
        created_at: NOW,
        expires_at: Timestamp(NOW.0 + 1000),
        uses_left: uses,
        used: 0,
    }
}

/// The notices of what the store has been told, without those of rooms.
async fn told(store: &impl AccountStore) -> Vec<String> {
    let found = store.invalidations(0).await.unwrap().into_iter();
    let texts = found.map(|(_, invalidation)| match invalidation {
        Invalidation::RoomChanged(room) => format!("{room}"),
        Invalidation::RoomsChanged { room, user, by } => format!("{room} of {user} by {by}"),
        Invalidation::Kicked(room, user) => format!("{user} out of {room}"),
        Invalidation::SanctionsChanged => "node".to_owned(),
        other => format!("{other:?}"),
    });
    texts.collect()
}

/// A room is made once, has its maker for an owner, and can be changed.
pub(crate) async fn a_room_is_made_once_and_changed(store: &(impl RoomStore + AccountStore)) {
    let name = room("o'); DROP TABLE room_record; --");
    assert_eq!(store.rules(&name, NOW).await.unwrap(), None);
    assert!(make(store, &name, "ada").await);
    assert!(!make(store, &name, "bob").await);
    let found = rules(store, &name).await;
    assert_eq!(found.members.len(), 1);
    assert_eq!(found.members[0].user, user("ada"));
    assert_eq!(found.members[0].standing, RoomRole::Owner);
    let wanted = RoomChange {
        title: Some(None),
        topic: Some(Some("what's it about? \"%_".parse().unwrap())),
        locked: Some(true),
        archived: Some(true),
        slow_mode_ms: Some(5000),
    };
    assert!(store.change_room(&name, wanted, NOW).await.unwrap());
    let nothing = RoomChange::default();
    assert!(store.change_room(&name, nothing, NOW).await.unwrap());
    let record = rules(store, &name).await.record;
    assert_eq!(record.title, None);
    assert_eq!(record.topic.unwrap().as_str(), "what's it about? \"%_");
    assert!(record.locked && record.archived);
    assert_eq!((record.slow_mode_ms, record.door), (5000, RoomKind::Public));
    // A public room that nothing was set of can be changed, a hidden one that is not there cannot.
    let change = || RoomChange {
        locked: Some(true),
        ..RoomChange::default()
    };
    assert!(store.change_room(&room("b"), change(), NOW).await.unwrap());
    assert!(rules(store, &room("b")).await.record.locked);
    assert!(!store.change_room(&hidden(1), change(), NOW).await.unwrap());
    let broadcast = RoomName::broadcast();
    assert!(!store.change_room(&broadcast, change(), NOW).await.unwrap());
    assert_eq!(store.recorded(10).await.unwrap().len(), 2);
    assert_eq!(store.recorded(1).await.unwrap().len(), 1);
    let n = name.as_str();
    let expected = [n, &format!("{n} of u-ada by u-ada"), n, n, "b"];
    assert_eq!(told(store).await, expected);
}

/// Members come, change and go; a private room keeps an owner while it has members.
pub(crate) async fn members_come_and_go(store: &(impl RoomStore + AccountStore)) {
    use RoomRole::{Member, Moderator, Outsider, Owner};
    let name = hidden(7);
    let go = |who: &'static str, was, to| store.change_member(change(&name, who, was, to));
    let lost = go("bob", Outsider, Member).await.unwrap();
    assert_eq!(lost, MemberOutcome::NoSuchRoom);
    assert!(make(store, &name, "ada").await);
    for (who, was, to, outcome) in [
        ("bob", Outsider, Moderator, MemberOutcome::Done),
        ("bob", Outsider, Member, MemberOutcome::Stale),
        ("bob", Moderator, Member, MemberOutcome::Done),
        ("ada", Owner, Moderator, MemberOutcome::LastOwner),
        ("ada", Owner, Outsider, MemberOutcome::LastOwner),
        ("bob", Member, Owner, MemberOutcome::Done),
        ("ada", Owner, Outsider, MemberOutcome::Done),
        ("ada", Outsider, Outsider, MemberOutcome::Done),
        ("bob", Owner, Outsider, MemberOutcome::Done),
    ] {
        let found = go(who, was, to).await.unwrap();
        assert_eq!(found, outcome, "{who} {was:?} {to:?}");
    }
    assert_eq!(
        store.standing(&name, &user("bob").id).await.unwrap(),
        Outsider
    );
    let nowhere = store.standing(&hidden(8), &user("bob").id).await.unwrap();
    assert_eq!(nowhere, Outsider);
    // In a public room a member is nobody in particular, and who is put out is told of.
    let public = room("general");
    let mut kick = change(&public, "eve", Outsider, Outsider);
    kick.kicked = true;
    assert_eq!(
        store.change_member(kick).await.unwrap(),
        MemberOutcome::Done
    );
    assert_eq!(store.rules(&public, NOW).await.unwrap(), None);
    for (was, to) in [(Outsider, Moderator), (Moderator, Member)] {
        let outcome = store.change_member(change(&public, "eve", was, to)).await;
        assert_eq!(outcome.unwrap(), MemberOutcome::Done);
    }
    assert!(rules(store, &public).await.members.is_empty());
    let (n, told) = (name.as_str(), told(store).await);
    assert_eq!(
        told,
        [
            n,
            &format!("{n} of u-ada by u-ada"),
            n,
            &format!("{n} of u-bob by u-ada"),
            n,
            n,
            n,
            &format!("{n} of u-ada by u-ada"),
            n,
            &format!("{n} of u-bob by u-ada"),
            "u-eve out of general",
            "general",
            "general",
        ]
    );
}

/// Two users have one direct conversation, regardless of who opens it.
pub(crate) async fn two_people_have_one_direct_conversation(store: &impl RoomStore) {
    let (ada, bob, eve) = (user("ada"), user("bob"), user("eve"));
    let open = |fresh, one: &User, other: &User| {
        store.open_direct(hidden(fresh), one.clone(), other.clone(), Timestamp(fresh))
    };
    assert_eq!(open(1, &ada, &bob).await.unwrap(), hidden(1));
    assert_eq!(open(2, &bob, &ada).await.unwrap(), hidden(1));
    assert_eq!(open(3, &ada, &eve).await.unwrap(), hidden(3));
    assert!(make(store, &hidden(4), "ada").await);
    let own = store.rooms_of(&ada.id, 10).await.unwrap();
    let own: Vec<_> = own
        .into_iter()
        .map(|own| (own.record.room, own.with))
        .collect();
    assert_eq!(
        own,
        [
            (hidden(4), None),
            (hidden(3), Some(eve.clone())),
            (hidden(1), Some(bob.clone()))
        ]
    );
    let bobs = store.rooms_of(&bob.id, 10).await.unwrap();
    assert_eq!(bobs.len(), 1);
    assert_eq!(bobs[0].with, Some(ada.clone()));
    assert_eq!(store.rooms_of(&ada.id, 1).await.unwrap().len(), 1);
    assert_eq!(store.recorded(10).await.unwrap(), []);
}

/// A sanction holds until it runs out or is lifted; a ban makes its user nothing.
pub(crate) async fn sanctions_hold_until_they_end(store: &(impl RoomStore + AccountStore)) {
    use SanctionKind::{Ban, Mute};
    let name = hidden(7);
    assert!(
        !store
            .sanction(Some(&name), sanction("s0", "bob", Ban, None))
            .await
            .unwrap()
    );
    assert!(make(store, &name, "ada").await);
    let bob = change(&name, "bob", RoomRole::Outsider, RoomRole::Member);
    assert_eq!(
        store.change_member(bob.clone()).await.unwrap(),
        MemberOutcome::Done
    );
    let later = NOW.0 + 10;
    for (id, kind, until) in [
        ("s1", Mute, Some(later)),
        ("s2", Ban, None),
        ("s3", Mute, Some(later)),
    ] {
        let new = sanction(id, "bob", kind, until);
        assert!(store.sanction(Some(&name), new).await.unwrap(), "{id}");
    }
    let found = rules(store, &name).await;
    let ids: Vec<_> = found.sanctions.iter().map(|s| s.id.as_str()).collect();
    assert_eq!(ids, ["s2", "s3"]);
    let mut whole = found.sanctions[0].clone();
    whole
        .addresses
        .sort_by_key(|address| std::cmp::Reverse(*address));
    assert_eq!(whole, sanction("s2", "bob", Ban, None));
    assert_eq!(found.members.len(), 1);
    assert_eq!(
        store.change_member(bob).await.unwrap(),
        MemberOutcome::Banned
    );
    let then = store.rules(&name, Timestamp(later)).await.unwrap().unwrap();
    assert_eq!(then.sanctions.len(), 1);
    let id = "s2".parse().unwrap();
    assert_eq!(store.lift(None, &id, NOW).await.unwrap(), None);
    assert_eq!(store.lift(Some(&hidden(8)), &id, NOW).await.unwrap(), None);
    let lifted = store.lift(Some(&name), &id, NOW).await.unwrap().unwrap();
    assert_eq!(lifted.user, user("bob"));
    assert_eq!(store.lift(Some(&name), &id, NOW).await.unwrap(), None);
    // Those of the node stand by themselves.
    assert!(
        store
            .sanction(None, sanction("n1", "eve", Ban, Some(later)))
            .await
            .unwrap()
    );
    let ids = store.node_sanctions(NOW).await.unwrap();
    assert_eq!(ids.len(), 1);
    assert_eq!(store.node_sanctions(Timestamp(later)).await.unwrap(), []);
    assert!(
        store
            .lift(None, &"n1".parse().unwrap(), NOW)
            .await
            .unwrap()
            .is_some()
    );
    let n = name.as_str();
    let gone = format!("{n} of u-bob by u-ada");
    let expected = [&gone, n, &gone, n, n, n, "node", "node"];
    assert_eq!(told(store).await[3..], expected);
}

/// An invitation opens the door to so many, until it ends or is taken back.
pub(crate) async fn an_invitation_opens_the_door_so_often(store: &impl RoomStore) {
    let name = hidden(7);
    assert!(
        !store
            .invite(invitation("i0", &name, None), [0; 32])
            .await
            .unwrap()
    );
    assert!(make(store, &name, "ada").await);
    assert!(make(store, &room("public"), "ada").await);
    let public = invitation("i0", &room("public"), None);
    assert!(!store.invite(public, [0; 32]).await.unwrap());
    assert!(
        store
            .invite(invitation("i1", &name, Some(1)), [1; 32])
            .await
            .unwrap()
    );
    let look = store.look([1; 32], NOW).await.unwrap().unwrap();
    assert_eq!((look.members, look.record.room), (1, name.clone()));
    assert_eq!(store.look([2; 32], NOW).await.unwrap(), None);
    let accept = |code: u8, who: &str| store.accept([code; 32], user(who), NOW);
    assert_eq!(
        accept(1, "ada").await.unwrap(),
        Accepted::Already(name.clone())
    );
    assert_eq!(accept(2, "bob").await.unwrap(), Accepted::Refused);
    assert_eq!(
        accept(1, "bob").await.unwrap(),
        Accepted::Joined(name.clone())
    );
    assert_eq!(accept(1, "eve").await.unwrap(), Accepted::Refused);
    assert_eq!(store.invitations(&name, NOW).await.unwrap(), []);
    assert!(
        store
            .invite(invitation("i2", &name, None), [2; 32])
            .await
            .unwrap()
    );
    let late = Timestamp(NOW.0 + 1000);
    assert_eq!(store.look([2; 32], late).await.unwrap(), None);
    let late = store.accept([2; 32], user("eve"), late).await.unwrap();
    assert_eq!(late, Accepted::Refused);
    let ban = sanction("s1", "mal", SanctionKind::Ban, None);
    assert!(store.sanction(Some(&name), ban).await.unwrap());
    assert_eq!(accept(2, "mal").await.unwrap(), Accepted::Banned);
    assert_eq!(
        accept(2, "eve").await.unwrap(),
        Accepted::Joined(name.clone())
    );
    let known = store.invitations(&name, NOW).await.unwrap();
    assert_eq!((known[0].used, known[0].uses_left), (1, None));
    let id = "i2".parse().unwrap();
    assert!(!store.take_back(&hidden(8), &id).await.unwrap());
    assert!(store.take_back(&name, &id).await.unwrap());
    assert_eq!(accept(2, "zoe").await.unwrap(), Accepted::Refused);
    for n in 0..INVITATIONS_MAX {
        let code = [u8::try_from(n).unwrap() + 100; 32];
        let one = invitation(&format!("m{n}"), &name, None);
        assert!(store.invite(one, code).await.unwrap(), "{n}");
    }
    let more = invitation("more", &name, None);
    assert!(!store.invite(more, [3; 32]).await.unwrap());
}

/// Every user whom the store knows is found by id: guests, accounts and keys.
pub(crate) async fn people_are_found_by_their_id(
    store: &(impl AccountStore + crate::store::GuestStore + crate::store::KeyStore),
) {
    store.create(super::account("u1", "Ada", 1)).await.unwrap();
    let guest = crate::store::Guest {
        secret_hash: [1; 32],
        user: user("gus"),
        seen_at: NOW,
    };
    store.claim(guest, None, Timestamp(0)).await.unwrap();
    let key = crate::store::Key {
        id: "k1".parse().unwrap(),
        user: user("bot"),
        scopes: 1,
        created_at: NOW,
    };
    assert!(store.add_key(key, [2; 32]).await.unwrap());
    for (id, name) in [
        ("u1", Some("Ada")),
        ("u-gus", Some("gus")),
        ("u-bot", Some("bot")),
        ("u2", None),
    ] {
        let found = store.known(&id.parse().unwrap()).await.unwrap();
        let found = found.as_ref().map(|known| known.user().name.as_str());
        assert_eq!(found, name, "{id}");
    }
}

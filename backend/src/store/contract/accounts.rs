//! The contract for accounts, sign-ins, keys and invalidations.

use crate::store::{
    Account, AccountChange, AccountStore, AuditEntry, AuditStore, Claim, Created, Guest,
    GuestStore, Invalidation, Key, KeyStore, NewAccount, Previous, SIGN_INS_MAX, SignIn,
    SignInStore, TokenHashes,
};
use common::api::AuditAction;
use common::role::Role;
use common::time::Timestamp;
use common::user::User;

fn user(id: &str, name: &str) -> User {
    User {
        id: id.parse().unwrap(),
        name: name.parse().unwrap(),
    }
}

/// An account that is made at `at`, and may claim the node.
pub(crate) fn account(id: &str, name: &str, at: u64) -> NewAccount {
    NewAccount {
        account: Account {
            user: user(id, name),
            role: Role::Member,
            disabled: false,
            created_at: Timestamp(at),
        },
        password: format!("hash of {name}"),
        guest: None,
        may_claim: true,
        stale_before: Timestamp(0),
    }
}

fn guest(secret: u8, id: &str, name: &str) -> Guest {
    Guest {
        secret_hash: [secret; 32],
        user: user(id, name),
        seen_at: Timestamp(10),
    }
}

async fn made(store: &impl AccountStore, new: NewAccount) -> Account {
    match store.create(new).await.unwrap() {
        Created::Made(account) => account,
        other => panic!("no account: {other:?}"),
    }
}

async fn new_invalidations(store: &impl AccountStore, seen: &mut u64) -> Vec<Invalidation> {
    let found = store.invalidations(*seen).await.unwrap();
    *seen = found.last().map_or(*seen, |(number, _)| *number);
    found
        .into_iter()
        .map(|(_, invalidation)| invalidation)
        .collect()
}

/// The first account is the admin, and only where it may be the first.
pub(crate) async fn the_first_account_becomes_admin_where_it_may(store: &impl AccountStore) {
    assert!(!store.is_claimed().await.unwrap());
    let stranger = NewAccount {
        may_claim: false,
        ..account("u1", "Eve", 1)
    };
    assert_eq!(
        store.create(stranger.clone()).await.unwrap(),
        Created::Unclaimed
    );
    assert!(!store.is_claimed().await.unwrap());
    let first = made(store, account("u2", "Ada", 2)).await;
    assert_eq!(first.role, Role::Admin);
    assert!(store.is_claimed().await.unwrap());
    let second = made(store, stranger).await;
    assert_eq!(second.role, Role::Member);
    assert_eq!(store.accounts(10).await.unwrap().len(), 2);
    let names: Vec<_> = store.accounts(10).await.unwrap();
    let mut names: Vec<_> = names.iter().map(|a| a.user.name.to_string()).collect();
    names.sort();
    assert_eq!(names, ["Ada", "Eve"]);
    let found = store.credentials(&"ADA".parse().unwrap()).await.unwrap();
    assert_eq!(found.unwrap().password, "hash of Ada");
    let unknown = store.credentials(&"Adam".parse().unwrap()).await.unwrap();
    assert_eq!(unknown, None);
}

/// One space of names for guests, accounts and keys, look-alikes included.
pub(crate) async fn a_name_is_held_once_among_guests_accounts_and_keys(
    store: &(impl AccountStore + GuestStore + KeyStore),
) {
    let claim = |guest: Guest| store.claim(guest, None, Timestamp(0));
    assert_eq!(claim(guest(1, "g1", "Ada")).await.unwrap(), Claim::Granted);
    let taken = store.create(account("u1", "ada", 1)).await.unwrap();
    assert_eq!(taken, Created::NameTaken);
    // The holder of a name can turn it into an account, and stays the same user.
    let own = NewAccount {
        guest: Some([1; 32]),
        ..account("u1", "Ada", 2)
    };
    let ada = made(store, own).await;
    assert_eq!(ada.user.id.as_str(), "g1");
    assert_eq!(store.guest([1; 32], Timestamp(3)).await.unwrap(), None);
    // A refusal leaves a guest what was held.
    assert_eq!(claim(guest(2, "g2", "Bob")).await.unwrap(), Claim::Granted);
    let greedy = NewAccount {
        guest: Some([2; 32]),
        ..account("u2", "ADA", 3)
    };
    assert_eq!(store.create(greedy).await.unwrap(), Created::NameTaken);
    assert!(store.guest([2; 32], Timestamp(3)).await.unwrap().is_some());
    for alike in ["ada", "\u{410}da", "Ad\u{430}"] {
        let name = alike.parse().unwrap();
        let holder = store.holder(&name).await.unwrap();
        assert_eq!(holder, Some(ada.user.id.clone()), "{alike}");
        let claimed = claim(guest(3, "g3", alike)).await.unwrap();
        assert_eq!(claimed, Claim::Taken, "{alike}");
    }
    let key = |id: &str, name: &str| Key {
        id: id.parse().unwrap(),
        user: user(&format!("k-{id}"), name),
        scopes: 3,
        created_at: Timestamp(4),
    };
    assert!(!store.add_key(key("1", "aDa"), [7; 32]).await.unwrap());
    assert!(store.add_key(key("2", "deploy"), [8; 32]).await.unwrap());
    let taken = claim(guest(4, "g4", "Deploy")).await.unwrap();
    assert_eq!(taken, Claim::Taken);
    // A guest who was not seen for long loses the name to an account, too.
    let late = NewAccount {
        stale_before: Timestamp(11),
        ..account("u3", "bob", 5)
    };
    assert_eq!(made(store, late).await.user.id.as_str(), "u3");
}

fn sign_in(id: &str, user: &str, number: u8, at: u64) -> SignIn {
    SignIn {
        id: id.parse().unwrap(),
        user: user.parse().unwrap(),
        label: "a browser".to_owned(),
        created_at: Timestamp(at),
        seen_at: Timestamp(at),
        expires_at: Timestamp(at + 1000),
        family: [number; 32],
        tokens: TokenHashes {
            access: [number + 1; 32],
            access_until: Timestamp(at + 10),
            refresh: [number + 2; 32],
        },
        previous: None,
    }
}

/// Tokens are replaced once, by the first request.
pub(crate) async fn a_sign_in_is_found_by_its_tokens_and_rotated_once(
    store: &(impl AccountStore + SignInStore),
) {
    let ada = made(store, account("u1", "Ada", 1)).await;
    let first = sign_in("s1", "u1", 10, 100);
    store.begin(first.clone()).await.unwrap();
    let expected = Some((first.clone(), ada));
    assert_eq!(store.by_access([11; 32]).await.unwrap(), expected);
    assert_eq!(store.by_family([10; 32]).await.unwrap(), expected);
    assert_eq!(store.by_id(&first.id).await.unwrap(), expected);
    assert_eq!(store.by_access([10; 32]).await.unwrap(), None);
    let next = SignIn {
        seen_at: Timestamp(110),
        expires_at: Timestamp(1110),
        tokens: TokenHashes {
            access: [21; 32],
            access_until: Timestamp(120),
            refresh: [22; 32],
        },
        previous: Some(Previous {
            refresh: [12; 32],
            salt: [5; 32],
            replaced_at: Timestamp(110),
        }),
        ..first.clone()
    };
    assert!(store.rotate(next.clone()).await.unwrap());
    assert!(
        !store.rotate(next.clone()).await.unwrap(),
        "somebody was first"
    );
    assert_eq!(store.by_access([11; 32]).await.unwrap(), None);
    assert_eq!(store.by_access([21; 32]).await.unwrap().unwrap().0, next);
    let listed = store.of_user(&first.user).await.unwrap();
    assert_eq!(listed, [next]);
}

/// What ends is noticed, and what is not meant stays.
pub(crate) async fn what_ends_sign_ins_is_noticed(store: &(impl AccountStore + SignInStore)) {
    let mut seen = 0;
    for (id, name) in [("u1", "Ada"), ("u2", "Bob")] {
        made(store, account(id, name, 1)).await;
    }
    let held = |name: &str| Invalidation::NameHeld(name.parse().unwrap());
    let names = [held("Ada"), held("Bob")];
    assert_eq!(new_invalidations(store, &mut seen).await, names);
    for (id, user, number) in [("s1", "u1", 10), ("s2", "u1", 20), ("s3", "u1", 30)] {
        store.begin(sign_in(id, user, number, 100)).await.unwrap();
    }
    store.begin(sign_in("s4", "u2", 40, 100)).await.unwrap();
    let ended = |id: &str| Invalidation::SignInEnded("u1".parse().unwrap(), id.parse().unwrap());
    let (ada, bob) = ("u1".parse().unwrap(), "u2".parse().unwrap());
    let (one, now) = ("s1".parse().unwrap(), Timestamp(200));
    assert!(!store.end(&bob, &one, now).await.unwrap(), "not his");
    assert!(store.end(&ada, &one, now).await.unwrap());
    assert!(!store.end(&ada, &one, now).await.unwrap(), "ended already");
    assert_eq!(new_invalidations(store, &mut seen).await, [ended("s1")]);
    let password = AccountChange::Password("new".into(), Some("s2".parse().unwrap()));
    assert!(store.change(&ada, password, now).await.unwrap());
    assert_eq!(new_invalidations(store, &mut seen).await, [ended("s3")]);
    let role = AccountChange::Role(Role::Moderator);
    assert!(store.change(&ada, role, now).await.unwrap());
    let news = new_invalidations(store, &mut seen).await;
    assert_eq!(news, [Invalidation::RoleChanged(ada.clone())]);
    assert_eq!(store.of_user(&ada).await.unwrap().len(), 1);
    let (_, account) = store.by_access([21; 32]).await.unwrap().unwrap();
    assert_eq!(account.role, Role::Moderator);
    let out = AccountChange::Disabled(true);
    assert!(store.change(&ada, out.clone(), now).await.unwrap());
    let news = new_invalidations(store, &mut seen).await;
    assert_eq!(news, [ended("s2"), Invalidation::UserEnded(ada.clone())]);
    assert_eq!(store.of_user(&ada).await.unwrap(), []);
    assert_eq!(store.of_user(&bob).await.unwrap().len(), 1);
    let nobody = "u9".parse().unwrap();
    assert!(!store.change(&nobody, out, now).await.unwrap());
    assert_eq!(new_invalidations(store, &mut seen).await, []);
    // Forgotten notices leave their numbers behind.
    let last = store.prune_invalidations(Timestamp(1000)).await.unwrap();
    assert_eq!(last, seen);
    assert_eq!(new_invalidations(store, &mut 0).await, []);
}

/// The bound holds, and spares the newest.
pub(crate) async fn an_account_has_so_many_sign_ins_and_old_ones_go(
    store: &(impl AccountStore + SignInStore),
) {
    made(store, account("u1", "Ada", 1)).await;
    let user = "u1".parse().unwrap();
    for number in 0..=SIGN_INS_MAX {
        let mut one = sign_in(&format!("s{number}"), "u1", 0, 100 + number as u64);
        let byte = u8::try_from(number).unwrap();
        (one.family, one.tokens.access) = ([byte; 32], [byte; 32]);
        store.begin(one).await.unwrap();
    }
    let kept = store.of_user(&user).await.unwrap();
    assert_eq!(kept.len(), SIGN_INS_MAX);
    assert!(kept.iter().all(|known| known.id.as_str() != "s0"));
    // Those that have run out are swept when one begins.
    let mut late = sign_in("late", "u1", 200, 100_000);
    late.expires_at = Timestamp(200_000);
    store.begin(late).await.unwrap();
    assert_eq!(store.of_user(&user).await.unwrap().len(), 1);
}

/// The audit log is read from its newest end, and forgets its oldest.
pub(crate) async fn the_audit_log_is_read_backwards_and_forgets(store: &impl AuditStore) {
    let entry = |at: u64, act| AuditEntry {
        at: Timestamp(at),
        act,
        actor: (at > 1).then(|| user("u1", "Ada")),
        subject: Some(format!("subject {at}")),
        origin: None,
    };
    let acts = [
        AuditAction::SignedUp,
        AuditAction::SignedIn,
        AuditAction::MessageDeleted,
    ];
    let all: Vec<_> = (1..).zip(acts).map(|(at, act)| entry(at, act)).collect();
    store.note(all[..2].to_vec()).await.unwrap();
    store.note(all[2..].to_vec()).await.unwrap();
    let newest = store.audit(None, 2).await.unwrap();
    let entries = |page: &[(u64, AuditEntry)]| -> Vec<AuditEntry> {
        page.iter().map(|(_, entry)| entry.clone()).collect()
    };
    assert_eq!(entries(&newest), [all[2].clone(), all[1].clone()]);
    let older = store.audit(Some(newest[1].0), 2).await.unwrap();
    assert_eq!(entries(&older), all[..1]);
    store.forget_audit(Timestamp(3)).await.unwrap();
    let left = store.audit(None, 9).await.unwrap();
    assert_eq!(entries(&left), all[2..]);
}

/// A key is found by the hash of its secret until it is revoked.
pub(crate) async fn a_key_opens_until_it_is_revoked(store: &(impl KeyStore + AccountStore)) {
    let key = Key {
        id: "k1".parse().unwrap(),
        user: user("u1", "deploy"),
        scopes: 3,
        created_at: Timestamp(1),
    };
    assert!(store.add_key(key.clone(), [1; 32]).await.unwrap());
    assert_eq!(store.key([1; 32]).await.unwrap(), Some(key.clone()));
    assert_eq!(store.key([2; 32]).await.unwrap(), None);
    assert_eq!(store.keys().await.unwrap(), std::slice::from_ref(&key));
    assert!(store.revoke_key(&key.id, Timestamp(2)).await.unwrap());
    assert!(!store.revoke_key(&key.id, Timestamp(2)).await.unwrap());
    assert_eq!(store.key([1; 32]).await.unwrap(), None);
    let news = new_invalidations(store, &mut 0).await;
    let held = Invalidation::NameHeld(key.user.name);
    assert_eq!(news, [held, Invalidation::UserEnded(key.user.id)]);
}

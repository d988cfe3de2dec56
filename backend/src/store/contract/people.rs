//! The contract for read markers and for guests and their names.

use super::room;
use crate::store::{Claim, Guest, GuestStore, Marker, MarkerStore};
use common::ids::{Epoch, Seq};
use common::time::Timestamp;
use common::user::User;

/// Markers only move forward.
pub(crate) async fn markers_move_forward_only(store: &impl MarkerStore) {
    let mark = |user: &str, name: &str, seq| Marker {
        user: user.parse().unwrap(),
        room: room(name),
        epoch: epoch("e1"),
        seq: Seq(seq),
    };
    store
        .mark(vec![
            mark("u1", "a", 5),
            mark("u1", "b", 2),
            mark("u2", "a", 1),
        ])
        .await
        .unwrap();
    store
        .mark(vec![mark("u1", "a", 3), mark("u1", "b", 4)])
        .await
        .unwrap();
    for (user, name, expected) in [
        ("u1", "a", Some(5)),
        ("u1", "b", Some(4)),
        ("u2", "a", Some(1)),
        ("u3", "a", None),
    ] {
        let found = store
            .marker(&user.parse().unwrap(), &room(name), &epoch("e1"))
            .await
            .unwrap();
        assert_eq!(found, expected.map(Seq), "{user} in {name}");
    }
    let other = |seq| Marker {
        epoch: epoch("e2"),
        ..mark("u1", "a", seq)
    };
    store.mark(vec![other(1)]).await.unwrap();
    let user = "u1".parse().unwrap();
    assert_eq!(
        store.marker(&user, &room("a"), &epoch("e1")).await.unwrap(),
        None
    );
    assert_eq!(
        store.marker(&user, &room("a"), &epoch("e2")).await.unwrap(),
        Some(Seq(1))
    );
}

fn epoch(text: &str) -> Epoch {
    text.parse().unwrap()
}

fn guest(secret: u8, id: &str, name: &str, seen_at: u64) -> Guest {
    Guest {
        secret_hash: [secret; 32],
        user: User {
            id: id.parse().unwrap(),
            name: name.parse().unwrap(),
        },
        seen_at: Timestamp(seen_at),
    }
}

/// A name has one holder, who is found by the secret's hash and lasts until forgotten or stale.
pub(crate) async fn a_name_has_one_holder(store: &impl GuestStore) {
    const HOUR: u64 = 3_600_000;
    let ada = guest(1, "u1", "Ada", HOUR);
    let claim = |guest: Guest, stale| store.claim(guest, None, Timestamp(stale));
    assert_eq!(claim(ada.clone(), 0).await.unwrap(), Claim::Granted);
    assert_eq!(
        claim(guest(2, "u2", "ADA", HOUR), 0).await.unwrap(),
        Claim::Taken
    );
    assert_eq!(
        store.holder(&"ada".parse().unwrap()).await.unwrap(),
        Some(ada.user.id.clone())
    );
    assert_eq!(store.guest([9; 32], Timestamp(HOUR)).await.unwrap(), None);
    // A visit keeps the name: what would have been stale by the claim is not by the visit.
    assert_eq!(
        store.guest([1; 32], Timestamp(9 * HOUR)).await.unwrap(),
        Some(ada.user.clone())
    );
    assert_eq!(
        claim(guest(2, "u2", "ada", 9 * HOUR), 5 * HOUR)
            .await
            .unwrap(),
        Claim::Taken
    );
    assert_eq!(
        claim(guest(2, "u2", "ada", 99 * HOUR), 50 * HOUR)
            .await
            .unwrap(),
        Claim::Granted
    );
    assert_eq!(
        store.guest([1; 32], Timestamp(99 * HOUR)).await.unwrap(),
        None
    );
    store.forget([2; 32]).await.unwrap();
    assert_eq!(store.holder(&"ada".parse().unwrap()).await.unwrap(), None);
    store.forget([2; 32]).await.unwrap();
    // Another spelling of one's own name is no other holder's; a refusal leaves what was held.
    assert_eq!(claim(ada.clone(), 0).await.unwrap(), Claim::Granted);
    assert_eq!(
        claim(guest(3, "u3", "Bob", HOUR), 0).await.unwrap(),
        Claim::Granted
    );
    let rename = |guest: Guest| store.claim(guest, Some([1; 32]), Timestamp(0));
    assert_eq!(
        rename(guest(4, "u4", "bob", HOUR)).await.unwrap(),
        Claim::Taken
    );
    assert_eq!(
        store.guest([1; 32], Timestamp(HOUR)).await.unwrap(),
        Some(ada.user.clone())
    );
    assert_eq!(
        rename(guest(4, "u4", "ADA", HOUR)).await.unwrap(),
        Claim::Granted
    );
    assert_eq!(store.guest([1; 32], Timestamp(HOUR)).await.unwrap(), None);
}

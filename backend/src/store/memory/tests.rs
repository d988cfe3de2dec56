//! The contract suite in memory, and what is memory's own: bounds, and lives.

use super::*;
use crate::store::contract::{self, event};
use common::ids::Seq;

fn store() -> MemoryStore {
    MemoryStore::new("life".parse().unwrap())
}

macro_rules! contract {
    ($($name:ident),* $(,)?) => {$(
        #[tokio::test]
        async fn $name() {
            contract::$name(&store()).await;
        }
    )*};
}

contract!(
    places_are_gap_free_per_room,
    a_repeat_is_answered_with_the_first_ones_place,
    pages_are_whole_and_in_order,
    an_unwritten_room_is_empty_and_occupies_nothing,
    rooms_are_listed_latest_first,
    rooms_are_visited_by_name,
    rooms_whose_names_look_alike_are_found,
    text_is_stored_as_it_is,
    changes_are_taken_from_those_who_may_and_come_with_their_page,
    a_deletion_erases_what_the_message_and_its_edits_said,
    a_moderator_takes_back_what_somebody_else_has_said,
    retention_drops_the_oldest_and_says_so,
    what_retention_dropped_is_still_known_as_sent,
);

macro_rules! people_contract {
    ($($name:ident),* $(,)?) => {$(
        #[tokio::test]
        async fn $name() {
            contract::$name(&MemoryPeople::default()).await;
        }
    )*};
}

people_contract!(
    a_name_has_one_holder,
    the_first_account_becomes_admin_where_it_may,
    a_name_is_held_once_among_guests_accounts_and_keys,
    a_sign_in_is_found_by_its_tokens_and_rotated_once,
    what_ends_sign_ins_is_noticed,
    an_account_has_so_many_sign_ins_and_old_ones_go,
    a_key_opens_until_it_is_revoked,
    a_room_is_made_once_and_changed,
    members_come_and_go,
    two_people_have_one_direct_conversation,
    sanctions_hold_until_they_end,
    an_invitation_opens_the_door_so_often,
    people_are_found_by_their_id,
);

#[tokio::test]
async fn the_audit_log_is_read_backwards_and_forgets() {
    contract::the_audit_log_is_read_backwards_and_forgets(&MemoryAudit::default()).await;
}

#[tokio::test]
async fn a_log_is_bounded_and_its_floor_says_what_is_gone() {
    let store = store();
    for n in 0..3 {
        let batch: Vec<_> = (0..1000)
            .map(|i| event("live:a", "ada", None, &format!("{n}/{i}")))
            .collect();
        store.append(&batch).unwrap();
    }
    let at = store.head(&"live:a".parse().unwrap()).await.unwrap();
    assert_eq!((at.floor, at.head), (Seq(1000), Seq(3000)));
    let page = store
        .read(&"live:a".parse().unwrap(), Range::After(Seq::ZERO), 1)
        .await
        .unwrap();
    assert_eq!(page.events[0].seq, Seq(1001));
}

#[tokio::test]
async fn a_silent_log_nobody_is_in_goes_and_the_next_one_has_another_epoch() {
    let store = store();
    let room: RoomName = "live:a".parse().unwrap();
    store.append(&[event("live:a", "ada", None, "x")]).unwrap();
    let first = store.head(&room).await.unwrap();
    let later = Timestamp(u64::MAX);
    store.expire(later, |_| true);
    assert_eq!(store.head(&room).await.unwrap(), first, "somebody is in it");
    store.expire(later, |_| false);
    let second = store.head(&room).await.unwrap();
    assert_eq!(second.head, Seq::ZERO);
    assert_ne!(second.epoch, first.epoch);
}

#[tokio::test]
async fn threads_that_send_the_same_at_once_store_it_once() {
    const ROOMS: usize = 8;
    const SENDS: usize = 500;
    let store = store();
    let room = |n: usize| format!("live:{}", n % ROOMS);
    let placed: Vec<Vec<(String, u64)>> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..4)
            .map(|_| {
                scope.spawn(|| {
                    let all = (0..SENDS).map(|n| {
                        let id = format!("id-{n}");
                        let event = event(&room(n), "ada", Some(&id), "x");
                        match store.append(&[event]).unwrap().remove(0) {
                            Appended::Placed(at) => (at.room.to_string(), at.seq.0),
                            other => panic!("{other:?}"),
                        }
                    });
                    all.collect()
                })
            })
            .collect();
        let joined = threads.into_iter().map(|thread| thread.join().unwrap());
        joined.collect()
    });
    assert!(placed.iter().all(|of_one| *of_one == placed[0]));
    for n in 0..ROOMS {
        let at = store.head(&room(n).parse().unwrap()).await.unwrap();
        let sent = (0..SENDS).filter(|send| send % ROOMS == n).count();
        assert_eq!(at.head, Seq(sent as u64));
    }
}

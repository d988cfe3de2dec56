//! The contract suite in memory, and what is memory's own: bounds, and lives.

use super::*;
use crate::store::contract::{self, event};
use common::ids::Seq;

fn store() -> MemoryStore {
    MemoryStore::new("life".parse().unwrap())
}

contract::test_event_store!((store(), ()));

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

//! The contract on a real Redis, and what several nodes need beyond it.

use super::*;
use crate::clock::Environment;
use crate::store::contract::{self, event};
use crate::store::{Placed, Refusal};
use std::sync::atomic::{AtomicU64, Ordering};

fn redis() -> &'static services::Redis {
    services::Redis::shared().unwrap()
}

fn open(prefix: &str) -> RedisStreams {
    let random = Environment::system().random;
    RedisStreams::new(&redis().url(), prefix, random).unwrap()
}

fn fresh_prefix() -> String {
    static NUMBER: AtomicU64 = AtomicU64::new(0);
    format!("log-{}", NUMBER.fetch_add(1, Ordering::Relaxed))
}

contract::test_event_store!((open(&fresh_prefix()), ()));

fn placed(answers: &[Appended]) -> Vec<Placed> {
    let placed = answers.iter().map(|answer| match answer {
        Appended::Placed(placed) => placed.clone(),
        Appended::Refused(refusal) => panic!("refused: {refusal}"),
    });
    placed.collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn nodes_that_write_at_once_leave_no_gap_and_store_a_repeat_once() {
    const ROUNDS: usize = 40;
    let prefix = fresh_prefix();
    let nodes: Vec<Arc<RedisStreams>> = (0..3).map(|_| Arc::new(open(&prefix))).collect();
    let writing = nodes.iter().enumerate().map(|(number, node)| {
        let node = Arc::clone(node);
        tokio::task::spawn_blocking(move || {
            let mut told = Vec::new();
            for round in 0..ROUNDS {
                let own = event("live:a", "ada", Some(&format!("{number}-{round}")), "own");
                let same = event("live:a", "bob", Some(&format!("same-{round}")), "same");
                told.extend(placed(&node.append(&[own, same]).unwrap()));
            }
            told
        })
    });
    let mut told = Vec::new();
    for writing in writing.collect::<Vec<_>>() {
        told.extend(writing.await.unwrap());
    }
    let room = "live:a".parse().unwrap();
    let head = (4 * ROUNDS) as u64;
    for node in &nodes {
        assert_eq!(node.head(&room).await.unwrap().head, Seq(head));
        let page = node
            .read(&room, Range::After(Seq::ZERO), 1000)
            .await
            .unwrap();
        let seqs: Vec<u64> = page.events.iter().map(|event| event.seq.0).collect();
        assert_eq!(seqs, (1..=head).collect::<Vec<_>>());
    }
    let new = told.iter().filter(|at| !at.repeat).count();
    assert_eq!((new, told.len()), (4 * ROUNDS, 6 * ROUNDS));
}

#[tokio::test]
async fn what_one_node_changes_another_one_sees() {
    let prefix = fresh_prefix();
    let (one, other) = (open(&prefix), open(&prefix));
    let room: RoomName = "live:a".parse().unwrap();
    let empty = other.head(&room).await.unwrap();
    one.append(&[
        event("live:a", "ada", None, "one"),
        event("live:a", "ada", None, "two"),
    ])
    .unwrap();
    assert_eq!(other.head(&room).await.unwrap().head, Seq(2));
    assert_eq!(one.head(&room).await.unwrap().epoch, empty.epoch);
    // Said and taken back, before the other one looks again.
    let delete = |target| NewEvent {
        body: Body::Delete {
            target: Seq(target),
            any: false,
        },
        ..event("live:a", "ada", None, "x")
    };
    one.append(&[event("live:a", "ada", None, "three"), delete(3), delete(1)])
        .unwrap();
    let page = other
        .read(&room, Range::After(Seq::ZERO), 10)
        .await
        .unwrap();
    let said: Vec<bool> = page
        .events
        .iter()
        .map(|event| event.event.body.says_something())
        .collect();
    assert_eq!(said, [false, true, false, false, false]);
    let again = other.append(&[NewEvent {
        author: event("live:a", "eve", None, "x").author,
        ..delete(2)
    }]);
    assert_eq!(again.unwrap(), [Appended::Refused(Refusal::NotYours)]);
    let third = open(&prefix);
    let page = third
        .read(&room, Range::After(Seq::ZERO), 10)
        .await
        .unwrap();
    let fresh: Vec<bool> = page
        .events
        .iter()
        .map(|event| event.event.body.says_something())
        .collect();
    assert_eq!(fresh, said, "as one sees it that was not there");
}

#[tokio::test]
async fn a_log_that_redis_has_lost_begins_anew() {
    let own = services::Redis::start().unwrap();
    let random = Environment::system().random;
    let store = RedisStreams::new(&own.url(), "x", random).unwrap();
    let room: RoomName = "live:a".parse().unwrap();
    let sent = event("live:a", "ada", Some("id"), "one");
    let first = placed(&store.append(std::slice::from_ref(&sent)).unwrap());
    own.stop().unwrap();
    assert!(matches!(
        store.append(std::slice::from_ref(&sent)),
        Err(StoreError::Unavailable(_))
    ));
    own.restart().unwrap();
    let second = placed(&store.append(&[sent]).unwrap());
    assert!(!second[0].repeat && second[0].seq == Seq(1));
    assert_ne!(second[0].epoch, first[0].epoch);
    assert_eq!(store.head(&room).await.unwrap().epoch, second[0].epoch);
}

#[tokio::test]
async fn a_log_is_bounded_and_its_floor_says_what_is_gone() {
    let prefix = fresh_prefix();
    let (one, other) = (open(&prefix), open(&prefix));
    let room: RoomName = "live:a".parse().unwrap();
    for n in 0..3 {
        let batch: Vec<_> = (0..1000)
            .map(|i| event("live:a", "ada", None, &format!("{n}/{i}")))
            .collect();
        one.append(&batch).unwrap();
    }
    for store in [&one, &other] {
        let at = store.head(&room).await.unwrap();
        assert_eq!((at.floor, at.head), (Seq(1000), Seq(3000)));
        let page = store.read(&room, Range::After(Seq::ZERO), 1).await.unwrap();
        assert_eq!(page.events[0].seq, Seq(1001));
    }
}

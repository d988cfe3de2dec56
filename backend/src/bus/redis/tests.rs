//! Two buses on a real Redis, as two nodes have them.

use super::*;
use crate::bus::Received;
use crate::bus::contract::{hint, room, test_bus};
use common::ids::Seq;
use services::{Redis, Sentinel};
use std::time::Duration;
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};
use tokio::time::timeout;

/// Two nodes' ends of a bus of their own.
fn pair() -> (Arc<RedisBus>, Arc<RedisBus>, Redis) {
    let redis = Redis::start().unwrap();
    let bus = |number| {
        let supervisor = Supervisor::default();
        Arc::new(RedisBus::new(&redis.url(), "test", number, &supervisor).unwrap())
    };
    (bus(1), bus(2), redis)
}

test_bus!(pair());

/// What may take longer is broken.
const DEADLINE: Duration = Duration::from_secs(20);

struct Node {
    bus: RedisBus,
    received: UnboundedReceiver<Received>,
}

impl Node {
    fn start(redis: &Redis, number: u64) -> Self {
        Self::at(&redis.url(), number)
    }

    fn at(url: &str, number: u64) -> Self {
        let bus = RedisBus::new(url, "test", number, &Supervisor::default()).unwrap();
        let (sender, received) = unbounded_channel();
        bus.start(Box::new(move |message| drop(sender.send(message))));
        Self { bus, received }
    }

    /// The next thing received for which there is something; others are passed over.
    async fn next<T>(&mut self, wanted: impl Fn(Received) -> Option<T>) -> T {
        let next = async {
            loop {
                let received = self.received.recv().await.unwrap();
                if let Some(found) = wanted(received) {
                    return found;
                }
            }
        };
        timeout(DEADLINE, next).await.expect("nothing came")
    }

    async fn subscribe(&mut self, room: &RoomName) -> Subscription {
        let subscription = self.bus.subscribe(room).unwrap();
        let is_it = |received| match received {
            Received::Subscribed(rooms) => rooms.contains(room).then_some(()),
            _ => None,
        };
        self.next(is_it).await;
        subscription
    }

    async fn next_head(&mut self) -> (RoomName, u64, Seq) {
        self.next(|received| match received {
            Received::Hint(room, hint) => Some((room, hint.node, hint.head)),
            _ => None,
        })
        .await
    }
}

#[tokio::test]
async fn hints_come_to_other_nodes_that_want_them_and_to_nobody_else() {
    let redis = Redis::start().unwrap();
    let (mut one, mut other) = (Node::start(&redis, 1), Node::start(&redis, 2));
    let (a, b) = (room("a"), room("b"));
    let kept = (one.subscribe(&a).await, other.subscribe(&a).await);
    let twice = other.subscribe(&b).await;
    drop(other.bus.subscribe(&b));
    one.bus.publish(&a, &hint(1));
    other.bus.publish(&a, &hint(2));
    one.bus.publish(&b, &hint(3));
    one.bus.publish(&room("elsewhere"), &hint(4));
    one.bus.publish(&a, &hint(5));
    assert_eq!(one.next_head().await, (a.clone(), 2, Seq(2)), "not its own");
    assert_eq!(other.next_head().await, (a.clone(), 1, Seq(1)));
    assert_eq!(other.next_head().await, (b.clone(), 1, Seq(3)));
    assert_eq!(other.next_head().await, (a.clone(), 1, Seq(5)));
    // The last who wanted them is gone: the room is asked for anew before the next hint.
    drop(twice);
    one.bus.publish(&b, &hint(6));
    one.bus.publish(&a, &hint(7));
    let (_, _, head) = other.next_head().await;
    assert!(head == Seq(6) || head == Seq(7), "on its way, or not");
    drop(kept);
    assert_eq!(one.bus.dropped() + other.bus.dropped(), 0);
}

#[tokio::test]
async fn a_node_that_falls_silent_is_gone() {
    let redis = Redis::start().unwrap();
    let (one, mut other) = (Node::start(&redis, 1), Node::start(&redis, 2));
    let a = room("a");
    let _kept = other.subscribe(&a).await;
    one.bus.publish_presence(&a, &PresenceHint::Request);
    let asked = other.next(|received| match received {
        Received::Presence(_, node, PresenceHint::Request) => Some(node),
        _ => None,
    });
    assert_eq!(asked.await, 1);
    drop(one);
    let gone = |received| match received {
        Received::NodeGone(node) => Some(node),
        _ => None,
    };
    assert_eq!(other.next(gone).await, 1);
}

#[tokio::test]
async fn after_redis_was_away_rooms_are_subscribed_again_and_everything_is_told_anew() {
    let redis = Redis::start().unwrap();
    let (mut one, mut other) = (Node::start(&redis, 1), Node::start(&redis, 2));
    let a = room("a");
    let _kept = (one.subscribe(&a).await, other.subscribe(&a).await);
    one.bus.publish(&a, &hint(1));
    assert_eq!(other.next_head().await.2, Seq(1));
    redis.stop().unwrap();
    while one.bus.is_connected() {
        one.bus.publish(&a, &hint(2));
        tokio::task::yield_now().await;
    }
    redis.restart().unwrap();
    let again = |received| match received {
        Received::Subscribed(rooms) => Some(rooms),
        _ => None,
    };
    assert_eq!(other.next(again).await, std::slice::from_ref(&a));
    // What was known of the other may be too much by now.
    let gone = |received| match received {
        Received::NodeGone(node) => Some(node),
        _ => None,
    };
    assert_eq!(other.next(gone).await, 1);
    one.bus.publish(&a, &hint(3));
    while other.next_head().await.2 != Seq(3) {}
}

#[test]
fn an_address_that_cannot_be_read_is_refused() {
    let refused = RedisBus::new("not an address", "test", 1, &Supervisor::default());
    assert!(refused.is_err());
}

#[tokio::test]
async fn after_a_failover_nodes_find_the_new_server_by_its_sentinel() {
    let primary = Redis::start().unwrap();
    let replica = primary.start_replica().unwrap();
    let sentinel = Sentinel::start(&primary).unwrap();
    // Only a replica that is known can be promoted.
    while !replica
        .info("replication")
        .unwrap()
        .contains("master_link_status:up")
    {}
    let (one, mut other) = (Node::at(&sentinel.url(), 1), Node::at(&sentinel.url(), 2));
    let a = room("a");
    let _kept = other.subscribe(&a).await;
    while !one.bus.is_connected() {
        tokio::task::yield_now().await;
    }
    one.bus.publish(&a, &hint(1));
    assert_eq!(other.next_head().await.2, Seq(1));
    primary.stop().unwrap();
    // Whoever asks during a failover may be hung up on.
    let says_primary = |info: String| info.contains("role:master");
    while !replica.info("replication").is_ok_and(says_primary) {
        tokio::task::yield_now().await;
    }
    let again = |received| match received {
        Received::Subscribed(rooms) => Some(rooms),
        _ => None,
    };
    assert_eq!(other.next(again).await, std::slice::from_ref(&a));
    let mut heard = false;
    while !heard {
        one.bus.publish(&a, &hint(2));
        let next = timeout(Duration::from_millis(100), other.next_head()).await;
        heard = next.is_ok_and(|(_, _, head)| head == Seq(2));
    }
}

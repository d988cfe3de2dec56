//! What every bus keeps: it may lose, repeat and reorder, it never invents, and telling never blocks.

use super::{
    Bus, Connections, Hint, NodeMessage, PresenceHint, ReadHint, Received, Subscription, Usage,
};
use common::ids::Seq;
use common::text::RoomName;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};
use tokio::time::timeout;

/// Rounds of telling, until everything has come or could have been lost.
const ROUNDS: u64 = 50;

/// Far more than a bus keeps.
const FLOOD: u64 = 100_000;

/// Makes a test of each check. `$fresh` gives two nodes' ends of a bus, and what must live as long.
macro_rules! test_bus {
    ($fresh:expr) => {
        #[tokio::test]
        async fn nothing_is_invented() {
            let (one, other, _kept) = $fresh;
            $crate::bus::contract::nothing_is_invented(one, other).await;
        }

        #[tokio::test]
        async fn telling_does_not_block() {
            let (one, _other, _kept) = $fresh;
            $crate::bus::contract::telling_does_not_block(&*one);
        }
    };
}

pub(crate) use test_bus;

pub(crate) fn room(name: &str) -> RoomName {
    name.parse().unwrap()
}

/// A hint with one event.
pub(crate) fn hint(head: u64) -> Hint {
    Hint {
        node: 0,
        epoch: "e".parse().unwrap(),
        head: Seq(head),
        events: vec![(Seq(head), "frame".into())],
    }
}

fn messages() -> [NodeMessage; 4] {
    let usage = Usage {
        payer: 1,
        bucket: 2,
        tokens: 3,
    };
    let connections = Connections { owner: 4, count: 5 };
    [
        NodeMessage::Invalidated,
        NodeMessage::Usage(vec![usage]),
        NodeMessage::Connections(vec![connections]),
        NodeMessage::Online(vec![(room("a"), 6)]),
    ]
}

fn presence(version: u64) -> PresenceHint {
    PresenceHint::All {
        version,
        users: Vec::new(),
    }
}

fn read(seq: u64) -> ReadHint {
    ReadHint {
        epoch: "e".parse().unwrap(),
        read: vec![("u1".parse().unwrap(), Seq(seq))],
    }
}

fn start(bus: &dyn Bus) -> UnboundedReceiver<Received> {
    let (sender, received) = unbounded_channel();
    bus.start(Box::new(move |message| drop(sender.send(message))));
    received
}

/// Whatever a node is told was said by another one, as it was said, and about a room that it wants.
pub(crate) async fn nothing_is_invented(one: Arc<dyn Bus>, other: Arc<dyn Bus>) {
    let mut received = [start(&*one), start(&*other)];
    let _kept: Vec<Option<Subscription>> = vec![
        one.subscribe(&room("a")),
        other.subscribe(&room("a")),
        other.subscribe(&room("b")),
    ];
    for round in 1..=ROUNDS {
        // The first says odd numbers, the other one even ones.
        for (bus, number) in [(&one, 2 * round - 1), (&other, 2 * round)] {
            for name in ["a", "b", "elsewhere"] {
                bus.publish(&room(name), &hint(number));
                bus.publish_presence(&room(name), &presence(number));
                bus.publish_read(&room(name), &read(number));
            }
            messages()
                .iter()
                .for_each(|message| bus.publish_to_nodes(message));
        }
        for (node, received) in received.iter_mut().enumerate() {
            let next = timeout(Duration::from_millis(20), received.recv());
            // Nothing need come.
            if let Ok(Some(message)) = next.await {
                check(node, &message);
            }
            while let Ok(message) = received.try_recv() {
                check(node, &message);
            }
        }
    }
}

fn check(node: usize, received: &Received) {
    let is_wanted = |name: &RoomName| *name == room("a") || (node == 1 && *name == room("b"));
    // What the other one says: even to the first node, odd to the second.
    let is_others =
        |number: u64| (1..=2 * ROUNDS).contains(&number) && number.is_multiple_of(2) == (node == 0);
    let is_said = match received {
        Received::Hint(name, found) => {
            let due = Hint {
                node: found.node,
                ..hint(found.head.0)
            };
            is_wanted(name) && is_others(found.head.0) && *found == due
        }
        Received::Presence(name, _, PresenceHint::All { version, users }) => {
            is_wanted(name) && is_others(*version) && users.is_empty()
        }
        Received::Presence(..) => false,
        Received::Read(name, found) => {
            let number = found.read.first().map_or(0, |(_, seq)| seq.0);
            is_wanted(name) && is_others(number) && *found == read(number)
        }
        Received::Node(_, message) => {
            *message == NodeMessage::Alive || messages().contains(message)
        }
        Received::Subscribed(rooms) => rooms.iter().all(is_wanted),
        // Nobody is gone, but a bus may think so.
        Received::NodeGone(_) => true,
    };
    assert!(is_said, "node {node} is told {received:?}");
}

/// Also where nobody takes anything: what is too much is dropped.
pub(crate) fn telling_does_not_block(bus: &dyn Bus) {
    for number in 1..=FLOOD {
        bus.publish(&room("a"), &hint(number));
        bus.publish_to_nodes(&NodeMessage::Invalidated);
    }
    assert!(bus.is_local() || bus.dropped() > 0);
}

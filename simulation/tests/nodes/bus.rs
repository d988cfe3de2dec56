//! The bus: what is told waits until the world delivers it, drops it, or delivers it twice.

use crate::mutants::Mutant;
use backend::bus::{
    Bus, Hint, NodeMessage, PresenceHint, ReadHint, Received, Receiver, Subscription,
};
use bytes::Bytes;
use common::ids::Seq;
use common::text::RoomName;
use parking_lot::Mutex;
use std::sync::Arc;

/// On its way to a node, as bytes.
#[derive(Debug, Clone)]
pub(crate) struct Message {
    pub(crate) from: usize,
    pub(crate) to: usize,
    room: RoomName,
    what: Kind,
}

#[derive(Debug, Clone)]
enum Kind {
    Hint(Bytes),
    Presence(Bytes),
}

impl Message {
    pub(crate) fn decode(&self) -> Received {
        let room = self.room.clone();
        match &self.what {
            Kind::Hint(bytes) => {
                let hint = Hint::decode(bytes.clone());
                Received::Hint(room, hint.expect("it was encoded"))
            }
            Kind::Presence(bytes) => {
                let (node, hint) = PresenceHint::decode(bytes.slice(1..)).expect("it was encoded");
                Received::Presence(room, node, hint)
            }
        }
    }
}

/// What is on its way between all nodes.
pub(crate) type Network = Arc<Mutex<Vec<Message>>>;

/// One node's end of it.
pub(crate) struct FaultyBus {
    pub(crate) node: usize,
    pub(crate) nodes: usize,
    /// Another one for each life of the node.
    pub(crate) life: u64,
    pub(crate) network: Network,
    pub(crate) mutant: Option<Mutant>,
}

impl FaultyBus {
    fn send(&self, room: &RoomName, what: &Kind) {
        if *room == crate::node::barrier() {
            return;
        }
        let mut network = self.network.lock();
        for to in (0..self.nodes).filter(|to| *to != self.node) {
            network.push(Message {
                from: self.node,
                to,
                room: room.clone(),
                what: what.clone(),
            });
        }
    }
}

impl Bus for FaultyBus {
    fn publish(&self, room: &RoomName, hint: &Hint) {
        let mut hint = Hint {
            node: self.life,
            ..hint.clone()
        };
        if self.mutant == Some(Mutant::InventedPositions) && hint.head.0.is_multiple_of(7) {
            hint.head = Seq(hint.head.0 + 1);
            for (seq, _) in &mut hint.events {
                *seq = Seq(seq.0 + 1);
            }
        }
        self.send(room, &Kind::Hint(hint.encode().into()));
    }

    fn publish_presence(&self, room: &RoomName, hint: &PresenceHint) {
        self.send(room, &Kind::Presence(hint.encode(self.life).into()));
    }

    fn publish_read(&self, _: &RoomName, _: &ReadHint) {}

    fn publish_to_nodes(&self, _: &NodeMessage) {}

    fn subscribe(&self, room: &RoomName) -> Option<Subscription> {
        Some(Subscription::new(room.clone(), Arc::new(|_| {})))
    }

    fn start(&self, _: Receiver) {}

    fn is_connected(&self) -> bool {
        true
    }
}

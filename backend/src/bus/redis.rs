//! The bus over Redis: one channel of publish and subscribe for each room that is live somewhere.
//!
//! Two connections: one publishes, one is subscribed to the channels of this node's live rooms. Where
//! either is lost, it is made anew with a growing pause, and rooms are subscribed to again.
//!
//! On one more channel every node says every two seconds that it is there. Where it may have told less
//! than it meant to, it says so there: the others forget its users, and it tells them anew.

mod connection;
mod publisher;
mod subscriber;
#[cfg(test)]
mod tests;

use super::{Bus, Hint, NodeMessage, PresenceHint, ReadHint, Receiver, Subscription};
use crate::redis_server::RedisServer;
use crate::supervisor::Supervisor;
use common::text::RoomName;
use connection::Channels;
use parking_lot::Mutex;
use publisher::Publisher;
use redis::RedisError;
use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use subscriber::Subscriber;
use tokio::sync::mpsc;

/// Hints that may wait to be told; beyond, they are dropped.
const HINTS_MAX: usize = 4096;

/// See the module.
pub struct RedisBus {
    server: Arc<RedisServer>,
    hints: mpsc::Sender<Waiting>,
    shared: Arc<Shared>,
    /// Until [`Bus::start`].
    starting: Mutex<Option<Starting>>,
    supervisor: Supervisor,
    /// This node's number in hints.
    node: u64,
}

/// A message on its way, and for whom: those who want hints about a room, or (none) all nodes.
type Waiting = (Option<RoomName>, Vec<u8>);

struct Starting {
    hints: mpsc::Receiver<Waiting>,
    changes: mpsc::UnboundedReceiver<Change>,
}

struct Shared {
    channels: Channels,
    /// How many want hints about a room.
    wanted: Mutex<HashMap<RoomName, usize>>,
    changes: mpsc::UnboundedSender<Change>,
    is_publishing: AtomicBool,
    is_subscribed: AtomicBool,
    dropped: AtomicU64,
}

enum Change {
    Subscribe(RoomName),
    Unsubscribe(RoomName),
}

impl RedisBus {
    /// A bus at this address, such as `redis://cache:6379` or `rediss://…` for TLS. `node` is a random
    /// number that no other node has. Names of channels begin with `prefix`.
    ///
    /// # Errors
    /// The address cannot be read.
    pub fn new(
        url: &str,
        prefix: &str,
        node: u64,
        supervisor: &Supervisor,
    ) -> Result<Self, RedisError> {
        let (hints, waiting) = mpsc::channel(HINTS_MAX);
        let (changes, changed) = mpsc::unbounded_channel();
        Ok(Self {
            server: Arc::new(RedisServer::new(url)?),
            hints,
            shared: Arc::new(Shared {
                channels: Channels::new(prefix),
                wanted: Mutex::default(),
                changes,
                is_publishing: AtomicBool::new(false),
                is_subscribed: AtomicBool::new(false),
                dropped: AtomicU64::new(0),
            }),
            starting: Mutex::new(Some(Starting {
                hints: waiting,
                changes: changed,
            })),
            supervisor: supervisor.clone(),
            node,
        })
    }
}

impl RedisBus {
    fn send(&self, room: Option<&RoomName>, message: Vec<u8>) {
        if self.hints.try_send((room.cloned(), message)).is_err() {
            self.shared.dropped.fetch_add(1, Ordering::Relaxed);
        }
    }
}

impl Shared {
    fn wanted(&self) -> Vec<RoomName> {
        self.wanted.lock().keys().cloned().collect()
    }

    fn is_wanted(&self, room: &RoomName) -> bool {
        self.wanted.lock().contains_key(room)
    }

    fn unsubscribe(&self, room: &RoomName) {
        let mut wanted = self.wanted.lock();
        let Some(count) = wanted.get_mut(room) else {
            return;
        };
        *count -= 1;
        if *count == 0 {
            wanted.remove(room);
            // The task may have ended with the node.
            drop(self.changes.send(Change::Unsubscribe(room.clone())));
        }
    }
}

impl Bus for RedisBus {
    fn publish(&self, room: &RoomName, hint: &Hint) {
        let hint = Hint {
            node: self.node,
            ..hint.clone()
        };
        self.send(Some(room), hint.encode());
    }

    fn publish_presence(&self, room: &RoomName, hint: &PresenceHint) {
        self.send(Some(room), hint.encode(self.node));
    }

    fn publish_read(&self, room: &RoomName, hint: &ReadHint) {
        self.send(Some(room), hint.encode(self.node));
    }

    fn publish_to_nodes(&self, message: &NodeMessage) {
        self.send(None, message.encode(self.node));
    }

    fn subscribe(&self, room: &RoomName) -> Option<Subscription> {
        let mut wanted = self.shared.wanted.lock();
        let count = wanted.entry(room.clone()).or_default();
        *count += 1;
        if *count == 1 {
            let change = Change::Subscribe(room.clone());
            drop(self.shared.changes.send(change));
        }
        let shared = Arc::clone(&self.shared);
        let end = Arc::new(move |room: &RoomName| shared.unsubscribe(room));
        Some(Subscription::new(room.clone(), end))
    }

    fn start(&self, receiver: Receiver) {
        let Some(Starting { hints, changes }) = self.starting.lock().take() else {
            return;
        };
        let receiver = Arc::new(receiver);
        let mut publisher = Publisher {
            shared: Arc::clone(&self.shared),
            hints,
            waiting: Vec::new(),
            receiver: Arc::clone(&receiver),
            node: self.node,
            told_dropped: 0,
        };
        let server = Arc::clone(&self.server);
        self.supervisor.spawn("publishing on the bus", async move {
            publisher.publish_forever(&server).await;
        });
        let (server, shared) = (Arc::clone(&self.server), Arc::clone(&self.shared));
        let node = self.node;
        self.supervisor.spawn("listening to the bus", async move {
            let mut subscriber = Subscriber {
                shared,
                changes,
                receiver,
                node,
                is_bad_told: false,
                heard: HashMap::new(),
            };
            subscriber.listen_forever(&server).await;
        });
    }

    fn dropped(&self) -> u64 {
        self.shared.dropped.load(Ordering::Relaxed)
    }

    fn is_connected(&self) -> bool {
        let shared = &self.shared;
        shared.is_publishing.load(Ordering::Acquire) && shared.is_subscribed.load(Ordering::Acquire)
    }
}

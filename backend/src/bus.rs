//! The bus: how nodes tell each other that something was stored.
//!
//! What is told is a hint. A bus may lose, repeat and reorder hints; it never invents one. Whatever a
//! hint would have told is in the store, and is found there a little later, so a bus that is not there
//! makes a node slower and nothing else.

#[cfg(test)]
mod contract;
mod hint;
mod local;
mod node_message;
mod presence;
mod read_hint;
pub mod redis;

use crate::clock::{Environment, NoRandomness};
use crate::config::BusConfig;
use crate::supervisor::Supervisor;
use common::text::RoomName;
use redis::RedisBus;
use std::sync::Arc;
use std::time::Duration;

pub use hint::{EVENTS_BYTES_MAX, Hint, HintError};
pub use local::LocalBus;
pub use node_message::{Connections, NodeMessage, Usage};
pub use presence::PresenceHint;
pub use read_hint::ReadHint;

/// Why the bus cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum BusError {
    /// The address of Redis cannot be read.
    #[error("bus.url cannot be used: {0}")]
    Address(#[from] ::redis::RedisError),
    /// No randomness.
    #[error(transparent)]
    Random(#[from] NoRandomness),
}

/// The bus that the configuration names. A Redis that cannot be reached is tried again.
///
/// # Errors
/// Its address cannot be read.
pub fn open(
    config: &BusConfig,
    environment: &Environment,
    supervisor: &Supervisor,
) -> Result<Arc<dyn Bus>, BusError> {
    match &config.url {
        Some(url) => {
            let node = environment.random.bits()?;
            Ok(Arc::new(RedisBus::new(
                url,
                &config.prefix,
                node,
                supervisor,
            )?))
        }
        None => Ok(Arc::new(LocalBus)),
    }
}

/// Between nodes.
pub trait Bus: Send + Sync {
    /// Tells the other nodes. Does not block; what cannot be told now is dropped and counted.
    fn publish(&self, room: &RoomName, hint: &Hint);

    /// Tells the other nodes who is online. Does not block, as [`publish`](Self::publish).
    fn publish_presence(&self, room: &RoomName, hint: &PresenceHint);

    /// Tells the other nodes how far users have read. Does not block, as [`publish`](Self::publish).
    fn publish_read(&self, room: &RoomName, hint: &ReadHint);

    /// Tells all other nodes something. Does not block, as [`publish`](Self::publish).
    fn publish_to_nodes(&self, message: &NodeMessage);

    /// Hints about this room are wanted for as long as the answer lives.
    fn subscribe(&self, room: &RoomName) -> Option<Subscription>;

    /// Begins to deliver; called once. `receiver` is called from a task of the bus and must not block.
    fn start(&self, receiver: Receiver);

    /// Whether there is nobody to tell.
    fn is_local(&self) -> bool {
        false
    }

    /// Hints that could not be told in time.
    fn dropped(&self) -> u64 {
        0
    }

    /// Whether hints can be told and heard now. Always true for a single node.
    fn is_connected(&self) -> bool;
}

/// A node that says nothing for so long is gone, and its users with it.
pub const NODE_SILENT_MAX: Duration = Duration::from_secs(7);

/// What a bus delivers to.
pub type Receiver = Box<dyn Fn(Received) + Send + Sync>;

/// What a bus has to say.
#[derive(Debug)]
pub enum Received {
    /// Another node has stored something.
    Hint(RoomName, Hint),
    /// Another node, by its number, says who is online on it.
    Presence(RoomName, u64, PresenceHint),
    /// Another node says how far users have read.
    Read(RoomName, ReadHint),
    /// Another node, by its number, tells all others something.
    Node(u64, NodeMessage),
    /// Nothing was heard of a node for [some time](NODE_SILENT_MAX).
    NodeGone(u64),
    /// Hints about these rooms are delivered from now on; there may have been some before.
    Subscribed(Vec<RoomName>),
}

/// See [`Bus::subscribe`].
pub struct Subscription {
    room: RoomName,
    end: Arc<dyn Fn(&RoomName) + Send + Sync>,
}

impl Subscription {
    /// Hints about a room are wanted until this is dropped, which calls `end`.
    #[must_use]
    pub fn new(room: RoomName, end: Arc<dyn Fn(&RoomName) + Send + Sync>) -> Self {
        Self { room, end }
    }
}

impl Drop for Subscription {
    fn drop(&mut self) {
        (self.end)(&self.room);
    }
}

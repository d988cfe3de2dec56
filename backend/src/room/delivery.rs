//! Delivery from a room's tail to its members: the members on each shard, passes over them, and write
//! pacing.
//!
//! A connection takes part in several roles, each with a trait of its own: [`Subscriber`] receives a
//! room's events, [`ShardConnection`] is driven by its worker, [`ManagedConnection`] is managed for its
//! user, and a [`SendOrigin`] learns the outcome of what it sent. No call blocks.

pub(super) mod members;
mod pass;
pub mod shard;
mod write_pacing;

use super::{Batch, Frame, Position, Room};
use crate::store::Placed;
use common::ids::{RequestId, Seq};
use common::{CloseCode, ErrorFrame};
use std::sync::Arc;

pub use members::MemberKey;

/// The number by which a connection knows one of its own memberships.
pub type MembershipKey = usize;

/// Someone whose permissions can change.
pub trait PermissionHolder: Send + Sync {
    /// What the connection's user may do somewhere may have changed.
    fn recheck_permissions(&self);
}

/// A connection as the rooms see it that it has joined.
pub trait Subscriber: PermissionHolder {
    /// Writes what follows a position in the room of this membership, if it stands there. Called
    /// on the thread of the connection's own shard.
    fn deliver(&self, membership: MembershipKey, room: &Arc<Room>, batch: &Batch) -> Delivery;

    /// Looks at what [`deliver`](Self::deliver) will need, so that it is in the processor's cache
    /// by then.
    fn prepare(&self);
}

/// What a subscriber did with a [`Batch`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Delivery {
    /// It needs nothing more of this pass. It has been given the events up to here, or will read
    /// them by itself when its socket accepts more data.
    Done(Seq),
    /// It stands here and not where the batch begins: it is to be given what follows this.
    Elsewhere(Position),
    /// It is no longer a member of the room.
    NotAMember,
}

/// A connection as its worker's shard sees it. Called on the thread of that worker.
pub trait ShardConnection: PermissionHolder {
    /// Writes what is ready, after [`shard::Shard::enqueue`].
    fn flush(&self);

    /// Looks at the time, in milliseconds of the shard's clock.
    fn tick(&self, now_ms: u64);

    /// The node is going away.
    fn shut_down(&self);
}

/// A connection as one of its user's.
pub trait ManagedConnection: PermissionHolder {
    /// What the connection rests on has ended: it is closed with this code.
    fn close(&self, code: CloseCode);

    /// The connection is removed from this room: it is delivered nothing more from there.
    fn remove_from_room(&self, room: &Arc<Room>);

    /// Where the connection comes from, as a number: see `limits::Subnet`.
    fn address(&self) -> u64;

    /// A frame for this connection alone, of the kind that may be dropped under load.
    fn tell(self: Arc<Self>, frame: &Frame);
}

/// A connection as the origin of what it has sent.
pub trait SendOrigin: Send + Sync {
    /// What this connection sent was stored, or was not. Called once for each;
    /// [`shard::Shards::notify`] is to follow.
    fn completed(self: Arc<Self>, id: Option<&RequestId>, outcome: Result<&Placed, &ErrorFrame>);
}

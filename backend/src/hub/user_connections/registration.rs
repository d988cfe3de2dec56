//! Guards of an open connection: one while it counts against the limits, one while it is registered for
//! its user.

use super::UserConnections;
use crate::wire;
use common::ServerFrame;
use common::ids::{Epoch, Seq, UserId};
use common::reply::ReadUpTo;
use common::text::RoomName;
use std::sync::Arc;
use std::sync::atomic::Ordering;

/// One open connection, for as long as this lives.
pub struct ConnectionCount(pub(super) Arc<UserConnections>);

impl Drop for ConnectionCount {
    fn drop(&mut self) {
        self.0.count.fetch_sub(1, Ordering::Relaxed);
    }
}

/// One of the connections that a user may have, until the connection itself is registered.
pub struct Reservation {
    pub(super) connections: Arc<UserConnections>,
    pub(super) user: UserId,
}

impl Drop for Reservation {
    fn drop(&mut self) {
        self.connections.release(&self.user);
    }
}

/// A connection among its user's, for as long as this lives.
pub struct ConnectionRegistration {
    pub(super) connections: Arc<UserConnections>,
    pub(super) user: UserId,
    pub(super) number: usize,
}

impl ConnectionRegistration {
    /// The user has read a room up to here: the other connections are told. With the log's epoch it
    /// is kept, too.
    pub fn read_up_to(&self, room: RoomName, epoch: Option<Epoch>, seq: Seq) {
        let read = ReadUpTo { room, seq };
        let frame = wire::text(&ServerFrame::Read(read.clone()));
        self.connections
            .tell_others(&self.user, self.number, &frame);
        self.connections.shards.notify();
        if let Some(epoch) = epoch {
            self.connections
                .markers
                .mark(self.user.clone(), read.room, epoch, seq);
        }
    }
}

impl Drop for ConnectionRegistration {
    fn drop(&mut self) {
        self.connections.remove(&self.user, self.number);
    }
}

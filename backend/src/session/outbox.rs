//! The part of a session that other tasks touch: what is ready to be sent.
//!
//! It holds no events. Rooms leave a note which membership has something to read; the committer
//! leaves the answers to what this connection posted, and those are bounded by
//! [`IN_FLIGHT_MAX`], because the session reads no further frames while that many are open.

use crate::room::{Frame, MembershipKey, Recipient};
use crate::store::Placed;
use common::codec::encode_server;
use common::ids::RequestId;
use common::reply::Ack;
use common::{ErrorFrame, ServerFrame};
use parking_lot::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use tokio::sync::Notify;

/// Posts of one connection that may wait for the store at once.
pub const IN_FLIGHT_MAX: usize = 256;

/// Frames that may wait before one that may be dropped is.
const TOLD_MAX: usize = 1024;

/// See the module.
#[derive(Default)]
pub struct Outbox {
    ready: Mutex<Ready>,
    changed: Notify,
    in_flight: AtomicUsize,
}

/// What is ready to be sent.
#[derive(Debug, Default)]
pub struct Ready {
    /// Frames for this connection alone.
    pub personal: Vec<Frame>,
    /// Memberships with something to read.
    pub memberships: Vec<MembershipKey>,
}

impl Outbox {
    /// Resolves when something has become ready since the last call.
    pub async fn changed(&self) {
        self.changed.notified().await;
    }

    /// Takes what is ready.
    pub fn take(&self) -> Ready {
        std::mem::take(&mut *self.ready.lock())
    }

    /// Adds a frame for this connection alone.
    pub fn push(&self, frame: &ServerFrame) {
        self.push_encoded(encode_server(frame).into());
    }

    /// Adds an encoded frame for this connection alone.
    pub fn push_encoded(&self, frame: Frame) {
        self.ready.lock().personal.push(frame);
        self.changed.notify_one();
    }

    /// Notes that something was posted whose outcome will come.
    pub fn posting(&self) {
        self.in_flight.fetch_add(1, Ordering::Relaxed);
    }

    /// Posts whose outcome has not come yet.
    pub fn in_flight(&self) -> usize {
        self.in_flight.load(Ordering::Relaxed)
    }
}

impl Recipient for Outbox {
    fn wake(&self, membership: MembershipKey) {
        self.ready.lock().memberships.push(membership);
        self.changed.notify_one();
    }

    fn tell(&self, frame: Frame) {
        if self.ready.lock().personal.len() < TOLD_MAX {
            self.push_encoded(frame);
        }
    }

    fn settled(&self, id: Option<&RequestId>, outcome: Result<&Placed, &ErrorFrame>) {
        self.in_flight.fetch_sub(1, Ordering::Relaxed);
        match (outcome, id) {
            (Ok(placed), Some(id)) => {
                self.push(&ServerFrame::Ack(Box::new(ack(id.clone(), placed))));
            }
            (Err(error), id) => {
                self.push(&ServerFrame::Error(error.clone().answering(id.cloned())));
            }
            // Nothing to say, but the session may be waiting for room to post more.
            (Ok(_), None) => self.changed.notify_one(),
        }
    }
}

fn ack(id: RequestId, placed: &Placed) -> Ack {
    Ack {
        room: Some(placed.room.clone()),
        seq: Some(placed.seq),
        epoch: Some(placed.epoch.clone()),
        timestamp: Some(placed.timestamp),
        ..Ack::done(id)
    }
}

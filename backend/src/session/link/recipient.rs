//! How rooms, shards and committers use a link.

use super::{IN_FLIGHT_MAX, Link, TOLD_BYTES_MAX, signal};
use crate::room::{
    Batch, Delivery, Frame, ManagedConnection, MembershipKey, PermissionHolder, Room, SendOrigin,
    ShardConnection, Subscriber,
};
use crate::session::End;
use crate::store::Placed;
use crate::wire;
use common::ids::RequestId;
use common::reply::Ack;
use common::{CloseCode, ErrorFrame, ServerFrame};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use tokio::io::Interest;

impl PermissionHolder for Link {
    fn recheck_permissions(&self) {
        self.signal(signal::PERMISSIONS);
    }
}

impl Subscriber for Link {
    fn deliver(&self, membership: MembershipKey, room: &Arc<Room>, batch: &Batch) -> Delivery {
        let now_ms = self.worker.shard.now_ms();
        self.with_out(|out| out.deliver(membership, room, batch, &self.socket, now_ms))
    }

    fn prepare(&self) {
        // Its two ends and its middle; and what the event loop keeps of its socket.
        let seen = self.heard_ms.load(Ordering::Relaxed) ^ self.address;
        let is_locked = self.out.is_locked();
        let socket = self.socket.try_io(Interest::WRITABLE, || Ok(()));
        drop(std::hint::black_box((seen, is_locked, socket)));
    }
}

impl ShardConnection for Link {
    fn flush(&self) {
        self.queued.store(false, Ordering::Release);
        self.write();
    }

    fn tick(&self, now_ms: u64) {
        if now_ms >= self.due_ms.load(Ordering::Relaxed) {
            self.due_ms.store(u64::MAX, Ordering::Relaxed);
            self.signal(signal::DUE);
        }
        self.with_out(|out| match self.look(out, now_ms) {
            Err(end) => out.finish(end),
            Ok(false) => {}
            Ok(true) => {
                self.pinged_ms.store(now_ms, Ordering::Relaxed);
                wire::ping_into(out.personal());
                out.flush(&self.socket, now_ms);
            }
        });
    }

    fn shut_down(&self) {
        self.signal(signal::SHUT_DOWN);
    }
}

impl ManagedConnection for Link {
    fn close(&self, code: CloseCode) {
        self.finish(End::Close(code, "what the connection rests on has changed"));
    }

    fn remove_from_room(&self, room: &Arc<Room>) {
        // What it is told of that, the session says: in its place among what else it says.
        if self.out.lock().remove_room_cursor(room) {
            self.signal(signal::PERMISSIONS);
        }
    }

    fn address(&self) -> u64 {
        self.address
    }

    fn tell(self: Arc<Self>, frame: &Frame) {
        let mut out = self.out.lock();
        if out.personal().len() < TOLD_BYTES_MAX {
            out.personal().extend_from_slice(frame);
            drop(out);
            self.queue();
        }
    }
}

impl SendOrigin for Link {
    fn completed(self: Arc<Self>, id: Option<&RequestId>, outcome: Result<&Placed, &ErrorFrame>) {
        let answer = match (outcome, id) {
            (Ok(placed), Some(id)) => Some(ServerFrame::Ack(Box::new(ack(id.clone(), placed)))),
            (Err(error), id) => Some(ServerFrame::Error(error.clone().answering(id.cloned()))),
            (Ok(_), None) => None,
        };
        if let Some(answer) = &answer {
            self.push(answer);
        }
        let before = self.in_flight.fetch_sub(1, Ordering::AcqRel);
        // The session reads no further while that many are open.
        if before >= IN_FLIGHT_MAX || self.draining.load(Ordering::Acquire) {
            self.signal(signal::COMPLETED);
        }
        if answer.is_some() {
            self.queue();
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

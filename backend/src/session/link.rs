//! The sending half of a connection, shared by its session, its shard, and everything that sends to it.
//!
//! Writing is done on the worker's thread: by the shard's flusher for rooms, by the session for its own
//! answers. Neither blocks. When the socket accepts no more data, the session is told to wait until it
//! does.

mod out;
mod recipient;
mod shard_registration;
pub(super) mod signal;
mod timeouts;

use super::End;
use crate::room::delivery::shard::Shard;
use crate::room::{Frame, MembershipKey, Position, Room, ShardConnection};
use crate::wire;
use common::ids::Seq;
use common::{CloseCode, ServerFrame};
use futures_util::task::AtomicWaker;
use out::{Out, Sink};
use parking_lot::Mutex;
use std::io::{self, IoSlice};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU8, AtomicU64, AtomicUsize, Ordering};
use std::task::Context;
use std::time::Duration;
use tokio::net::TcpStream;

pub use shard_registration::ShardRegistration;
pub use timeouts::Timeouts;

/// Posts of one connection that may wait for the store at once.
pub const IN_FLIGHT_MAX: usize = 256;

/// Bytes that may wait before a frame that may be dropped is.
const TOLD_BYTES_MAX: usize = 64 * 1024;

/// A worker's shard, and its number.
#[derive(Clone)]
pub struct WorkerHandle {
    /// The shard.
    pub shard: Arc<Shard>,
    /// Its number.
    pub number: usize,
}

/// See the module.
pub struct Link {
    socket: TcpStream,
    worker: WorkerHandle,
    timeouts: Timeouts,
    out: Mutex<Out>,
    signals: AtomicU8,
    session: AtomicWaker,
    in_flight: AtomicUsize,
    /// Whether the session is to be told of everything that is settled.
    draining: AtomicBool,
    /// Whether the shard knows that there is something to write.
    queued: AtomicBool,
    heard_ms: AtomicU64,
    pinged_ms: AtomicU64,
    /// When the session is to be told, by the shard's clock; never where it is `u64::MAX`.
    due_ms: AtomicU64,
    address: u64,
}

impl Sink for TcpStream {
    fn write(&self, slices: &[IoSlice<'_>]) -> io::Result<usize> {
        match slices {
            // Most writes are of one piece, and for that the system has a shorter way.
            [one] => self.try_write(one),
            _ => self.try_write_vectored(slices),
        }
    }
}

impl Link {
    /// For a socket that this worker serves, with what is to be written before anything else. The
    /// session alone reads it.
    #[must_use]
    pub fn new(
        socket: TcpStream,
        address: u64,
        worker: WorkerHandle,
        timeouts: Timeouts,
        first: Vec<u8>,
    ) -> Self {
        let now_ms = worker.shard.now_ms();
        Self {
            socket,
            timeouts,
            out: Mutex::new(Out::beginning_with(first)),
            signals: AtomicU8::new(0),
            session: AtomicWaker::new(),
            in_flight: AtomicUsize::new(0),
            draining: AtomicBool::new(false),
            queued: AtomicBool::new(false),
            heard_ms: AtomicU64::new(now_ms),
            pinged_ms: AtomicU64::new(now_ms),
            due_ms: AtomicU64::new(u64::MAX),
            address,
            worker,
        }
    }

    /// The number of the shard that serves it.
    #[must_use]
    pub fn shard(&self) -> usize {
        self.worker.number
    }

    /// The socket.
    #[must_use]
    pub fn stream(&self) -> &TcpStream {
        &self.socket
    }

    /// Runs something over what is on its way, and tells the session what has become of it.
    fn with_out<T>(&self, work: impl FnOnce(&mut Out) -> T) -> T {
        let mut out = self.out.lock();
        let before = standing(&out);
        let result = work(&mut out);
        // That there is more is said as long as it is so; the rest, when it comes to be so.
        let bits = standing(&out) & !(before & !signal::MORE);
        drop(out);
        self.signal(bits);
        result
    }

    fn signal(&self, bits: u8) {
        if bits != 0 && self.signals.fetch_or(bits, Ordering::AcqRel) & bits != bits {
            self.session.wake();
        }
    }

    /// Takes the signals that have come, or sees to it that the task is woken by the next.
    pub(super) fn poll_signals(&self, context: &Context<'_>) -> u8 {
        self.session.register(context.waker());
        self.signals.swap(0, Ordering::AcqRel)
    }

    /// Adds a frame for this connection alone. The session flushes when it has done what there is.
    pub fn push(&self, frame: &ServerFrame) {
        wire::text_into(self.out.lock().personal(), frame);
    }

    /// Adds an encoded frame for this connection alone.
    pub fn push_encoded(&self, frame: &Frame) {
        self.out.lock().personal().extend_from_slice(frame);
    }

    /// Bytes of frames for this connection alone that were not offered to the socket yet.
    pub fn unwritten_bytes(&self) -> usize {
        self.out.lock().personal().len()
    }

    /// Adds the pong to a ping.
    pub fn pong(&self, payload: &[u8]) {
        wire::pong_into(self.out.lock().personal(), payload);
    }

    /// Writes what is ready, as much as the socket takes.
    pub fn write(&self) {
        let now_ms = self.worker.shard.now_ms();
        self.with_out(|out| out.flush(&self.socket, now_ms));
    }

    /// Adds the closing frame and writes what is left. Returns whether all of it was taken.
    pub fn write_last(&self, close: Option<(Option<u16>, &str)>) -> bool {
        let now_ms = self.worker.shard.now_ms();
        let mut out = self.out.lock();
        if let Some((code, reason)) = close {
            wire::close_into(out.personal(), code, reason);
        }
        out.flush_last(&self.socket, now_ms);
        !out.is_blocked()
    }

    /// Whether the socket does not take more.
    #[must_use]
    pub fn is_blocked(&self) -> bool {
        self.out.lock().is_blocked()
    }

    /// Why the connection is to end.
    #[must_use]
    pub fn end(&self) -> Option<End> {
        self.out.lock().end()
    }

    /// Places a cursor in a room; what lies behind it is written with the next flush.
    pub fn place(&self, key: MembershipKey, room: Arc<Room>, position: Position) {
        self.out.lock().place(key, room, position);
    }

    /// Whether it has a cursor in this room.
    #[must_use]
    pub fn has_cursor(&self, key: MembershipKey) -> bool {
        self.out.lock().has_cursor(key)
    }

    /// Takes a cursor out.
    pub fn remove_cursor(&self, key: MembershipKey) {
        self.out.lock().remove_cursor(key);
    }

    /// The next room to be read from the store, while the socket takes what is read.
    #[must_use]
    pub fn next_behind(&self) -> Option<(MembershipKey, Arc<Room>, Seq)> {
        let mut out = self.out.lock();
        if out.is_behind() {
            out.next_behind()
        } else {
            None
        }
    }

    /// What the store had; it is written with the next flush.
    pub fn supply(&self, key: MembershipKey, frames: Vec<Frame>, cursor: Seq) {
        self.out.lock().supply(key, frames, cursor);
    }

    /// Ends the connection, because what it reads next is gone.
    pub fn lose(&self) {
        self.with_out(|out| out.finish(out::lost()));
    }

    /// Ends the connection.
    pub fn finish(&self, end: End) {
        self.with_out(|out| out.finish(end));
    }

    /// Notes that something was posted whose outcome will come.
    pub fn posting(&self) {
        self.in_flight.fetch_add(1, Ordering::Relaxed);
    }

    /// Posts whose outcome has not come yet.
    #[must_use]
    pub fn in_flight(&self) -> usize {
        self.in_flight.load(Ordering::Acquire)
    }

    /// From now on the session is told of everything that is settled.
    pub fn drain(&self) {
        self.draining.store(true, Ordering::Release);
    }

    /// Notes a sign of life.
    pub fn heard(&self) {
        self.heard_ms
            .store(self.worker.shard.now_ms(), Ordering::Relaxed);
    }

    /// Tells the session when so much time has passed, give or take a tick.
    pub fn tell_after(&self, time: Duration) {
        let ms = u64::try_from(time.as_millis()).unwrap_or(u64::MAX);
        let due_ms = self.worker.shard.now_ms().saturating_add(ms);
        self.due_ms.store(due_ms, Ordering::Relaxed);
    }

    /// Lets the shard know of the connection, until what this returns is dropped.
    #[must_use]
    pub fn register(self: &Arc<Self>) -> ShardRegistration {
        ShardRegistration {
            number: self
                .worker
                .shard
                .add(Arc::clone(self) as Arc<dyn ShardConnection>),
            worker: self.worker.clone(),
        }
    }

    /// Sees to it that what was added by somebody else is written.
    fn queue(self: Arc<Self>) {
        if !self.queued.swap(true, Ordering::AcqRel) {
            let worker = self.worker.clone();
            worker.shard.enqueue(self);
        }
    }

    /// Why this connection is to end, if it is; otherwise whether it is time for a ping.
    fn look(&self, out: &Out, now_ms: u64) -> Result<bool, End> {
        if out.is_blocked() {
            return match out.stalled_ms(now_ms) >= self.timeouts.stall_max_ms {
                true => Err(End::Close(CloseCode::SlowReader, "reading too slowly")),
                false => Ok(false),
            };
        }
        // While reading is suspended the peer cannot be heard; that is no silence.
        if self.in_flight() >= IN_FLIGHT_MAX {
            self.heard_ms.store(now_ms, Ordering::Relaxed);
        }
        let silent_ms = now_ms.saturating_sub(self.heard_ms.load(Ordering::Relaxed));
        if silent_ms >= self.timeouts.heartbeat_ms.saturating_mul(2) {
            return Err(End::Close(CloseCode::HeartbeatTimeout, "no sign of life"));
        }
        let since_ping = now_ms.saturating_sub(self.pinged_ms.load(Ordering::Relaxed));
        Ok(since_ping >= self.timeouts.heartbeat_ms)
    }
}

/// What the session should know.
fn standing(out: &Out) -> u8 {
    let bits = [
        (out.is_blocked(), signal::BLOCKED),
        (out.is_behind(), signal::BEHIND),
        (out.end().is_some(), signal::ENDED),
        (out.has_more(), signal::MORE),
    ];
    let bits = bits.into_iter().filter(|(is_so, _)| *is_so);
    bits.fold(0, |all, (_, bit)| all | bit)
}

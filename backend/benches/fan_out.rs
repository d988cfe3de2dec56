//! Publishing to a room, as far as the sockets: events are encoded and appended, and one pass over
//! the members gives each what lies behind its cursor. Beside it the same events put, one by one,
//! into a queue for each member and taken out again (`cargo bench -p backend`).
#![expect(
    clippy::unwrap_used,
    reason = "a benchmark that meets the unexpected must fail loudly"
)]

use backend::room::delivery::shard::{Shard, Shards};
use backend::room::encode::encode_into;
use backend::room::{
    Batch, Delivery, Frame, ManagedConnection, MembershipKey, PermissionHolder, Position, Room,
    SendOrigin, ShardConnection, Subscriber,
};
use backend::store::memory::MemoryStore;
use backend::store::{Body, NewEvent, Placed};
use common::ids::{Epoch, RequestId, Seq};
use common::text::RoomName;
use common::time::Timestamp;
use common::user::User;
use common::{CloseCode, ErrorFrame};
use divan::Bencher;
use divan::counter::ItemsCount;
use std::collections::VecDeque;
use std::fmt;
use std::hint::black_box;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::task::{Context, Waker};

fn main() {
    divan::main();
}

/// So many members, and so many events that are published in one turn.
#[derive(Clone, Copy)]
struct Size {
    members: usize,
    events: u64,
}

impl fmt::Display for Size {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} members, {} events", self.members, self.events)
    }
}

fn sizes() -> impl Iterator<Item = Size> {
    let members = [10, 100, 1000].into_iter();
    members.flat_map(|members| [1, 32].map(|events| Size { members, events }))
}

fn room_name() -> RoomName {
    "room".parse().unwrap()
}

fn user(number: usize) -> User {
    User {
        id: format!("~user-{number}").parse().unwrap(),
        name: format!("user-{number}").parse().unwrap(),
    }
}

/// 128 bytes of text, as somebody posted it.
fn posted() -> NewEvent {
    NewEvent {
        room: room_name(),
        author: user(1),
        id: None,
        body: Body::Message {
            content: Some("x".repeat(128).parse().unwrap()),
            data: None,
        },
        timestamp: Timestamp(1_800_000_000_000),
    }
}

/// A member without a socket: it takes what it is given and moves its cursors.
#[derive(Default)]
struct Reader {
    cursor: AtomicU64,
    presence: AtomicU64,
    bytes: AtomicU64,
}

impl PermissionHolder for Reader {
    fn recheck_permissions(&self) {}
}

impl Subscriber for Reader {
    fn deliver(&self, _: MembershipKey, _: &Arc<Room>, batch: &Batch) -> Delivery {
        let position = Position {
            event: Seq(self.cursor.load(Relaxed)),
            presence: self.presence.load(Relaxed),
        };
        if position != batch.from {
            return Delivery::Elsewhere(position);
        }
        let bytes: usize = batch.frames.iter().map(Frame::len).sum();
        self.bytes.fetch_add(bytes as u64, Relaxed);
        self.cursor.store(batch.to.event.0, Relaxed);
        self.presence.store(batch.to.presence, Relaxed);
        Delivery::Done(batch.to.event)
    }

    fn prepare(&self) {}
}

impl ShardConnection for Reader {
    fn flush(&self) {}

    fn tick(&self, _: u64) {}

    fn shut_down(&self) {}
}

impl ManagedConnection for Reader {
    fn close(&self, _: CloseCode) {}

    fn remove_from_room(&self, _: &Arc<Room>) {}

    fn address(&self) -> u64 {
        0
    }

    fn tell(self: Arc<Self>, _: &Frame) {}
}

impl SendOrigin for Reader {
    fn completed(self: Arc<Self>, _: Option<&RequestId>, _: Result<&Placed, &ErrorFrame>) {}
}

/// Does what the shard's flusher does, up to the end: there is nobody else on this thread.
fn flush(shard: &Shard) {
    let mut flushing = pin!(shard.flush(0));
    let mut context = Context::from_waker(Waker::noop());
    while flushing.as_mut().poll(&mut context).is_pending() {}
}

#[divan::bench(args = sizes())]
fn through_the_tail(bencher: Bencher<'_, '_>, size: Size) {
    let epoch: Epoch = "epoch".parse().unwrap();
    let shards = Shards::new(1);
    let store = Arc::new(MemoryStore::new(epoch.clone()));
    let room = Arc::new(Room::new(room_name(), store, shards.clone()));
    let readers: Vec<Arc<Reader>> = (0..size.members).map(|_| Arc::default()).collect();
    for (number, reader) in readers.iter().enumerate() {
        room.admit(0, user(number), reader.clone(), 0);
    }
    room.flush_presence();
    let shard = shards.get(0).unwrap().clone();
    flush(&shard);
    let (event, mut head, mut frame) = (posted(), Seq::ZERO, Vec::new());
    let mut publish = || {
        for _ in 0..size.events {
            head = head.next();
            frame.clear();
            encode_into(&mut frame, black_box(&event).clone(), head);
            room.append(&epoch, head, &frame);
        }
        room.mark();
        flush(&shard);
        head.0
    };
    let published = publish();
    let all_have_it = readers
        .iter()
        .all(|reader| reader.cursor.load(Relaxed) == published);
    assert!(all_have_it, "a member was passed over");
    bencher
        .counter(ItemsCount::new(size.members as u64 * size.events))
        .bench_local(publish);
}

#[divan::bench(args = sizes())]
fn through_queues(bencher: Bencher<'_, '_>, size: Size) {
    let mut queues: Vec<VecDeque<Frame>> = vec![VecDeque::new(); size.members];
    let (event, mut head, mut frame) = (posted(), Seq::ZERO, Vec::new());
    bencher
        .counter(ItemsCount::new(size.members as u64 * size.events))
        .bench_local(move || {
            for _ in 0..size.events {
                head = head.next();
                frame.clear();
                encode_into(&mut frame, black_box(&event).clone(), head);
                let shared = Frame::copy_from_slice(&frame);
                for queue in &mut queues {
                    queue.push_back(shared.clone());
                }
            }
            let mut bytes = 0;
            for queue in &mut queues {
                bytes += queue.drain(..).map(|frame| frame.len()).sum::<usize>();
            }
            bytes
        });
}

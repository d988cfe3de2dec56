//! The room's tail: adding an event, and reading from a cursor, each beside a queue of frames that
//! are shared by counting, as a hub without a tail keeps them (`cargo bench -p backend`).
#![expect(
    clippy::expect_used,
    reason = "a benchmark that meets the unexpected must fail loudly"
)]

use backend::room::Frame;
use backend::room::tail::{Tail, TailRead};
use common::ids::Seq;
use divan::counter::ItemsCount;
use divan::{Bencher, black_box};
use std::collections::VecDeque;

/// Bytes of an event as it is sent: 128 of text, and what stands around it.
const EVENT_BYTES: usize = 300;

/// Events that the queue keeps: as many as fit into a tail.
const QUEUE_MAX: usize = backend::room::tail::TAIL_BYTES_MAX / EVENT_BYTES;

fn main() {
    divan::main();
}

fn event() -> Vec<u8> {
    vec![b'x'; EVENT_BYTES]
}

/// One more event in a full room.
mod append {
    use super::*;

    #[divan::bench]
    fn to_tail(bencher: Bencher<'_, '_>) {
        let (event, mut tail, mut seq) = (event(), Tail::default(), Seq::ZERO);
        bencher.bench_local(move || {
            seq = seq.next();
            tail.append(seq, black_box(&event))
        });
    }

    #[divan::bench]
    fn to_queue(bencher: Bencher<'_, '_>) {
        let (event, mut queue) = (event(), VecDeque::new());
        bencher.bench_local(move || {
            queue.push_back(Frame::copy_from_slice(black_box(&event)));
            if queue.len() > QUEUE_MAX {
                queue.pop_front();
            }
            queue.len()
        });
    }
}

/// What a member is given who is so many events behind.
mod read {
    use super::*;

    const BEHIND: [u64; 4] = [1, 16, 64, 200];

    #[divan::bench(args = BEHIND)]
    fn from_tail(bencher: Bencher<'_, '_>, behind: u64) {
        let (event, mut tail) = (event(), Tail::default());
        for seq in 1..=400 {
            tail.append(Seq(seq), &event);
        }
        let cursor = tail.head().back(behind);
        assert!(matches!(
            tail.read(cursor),
            TailRead::Pieces { more: false, .. }
        ));
        bencher
            .counter(ItemsCount::new(behind))
            .bench_local(move || tail.read(black_box(cursor)));
    }

    #[divan::bench(args = BEHIND)]
    fn from_queue(bencher: Bencher<'_, '_>, behind: u64) {
        let queue: VecDeque<Frame> = (0..400).map(|_| event().into()).collect();
        let behind = usize::try_from(behind).expect("a small number");
        bencher
            .counter(ItemsCount::new(behind))
            .bench_local(move || {
                let from = queue.len() - black_box(behind);
                queue.range(from..).cloned().collect::<Vec<Frame>>()
            });
    }
}

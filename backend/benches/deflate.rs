//! What `permessage-deflate` (RFC 7692) would save and cost, without context takeover: an event
//! compressed once for all, and inflated by every receiver (`cargo bench -p backend --bench
//! deflate`). See `docs/adr/0006-no-permessage-deflate.md`.
#![expect(
    clippy::expect_used,
    reason = "a benchmark that meets the unexpected must fail loudly"
)]

use backend::room::encode::encode;
use backend::store::{Body, NewEvent};
use backend::wire::split_text;
use common::ids::Seq;
use common::time::Timestamp;
use common::user::User;
use divan::counter::BytesCount;
use divan::{Bencher, black_box};
use flate2::{Compress, Compression, Decompress, FlushCompress, FlushDecompress};

/// Prose, as people write it.
const PROSE: &str = include_str!("../../ARCHITECTURE.md");

/// Bytes of text in a message.
const SIZES: [usize; 5] = [32, 128, 512, 2048, 8192];

fn main() {
    for size in SIZES {
        let event = payload(size);
        let [fast, best] = [1, 9].map(|level| deflate(&mut compressor(level), &event).len());
        let of = |bytes: usize| 100 * bytes / event.len();
        println!(
            "{size} of text: {} sent, deflated {fast} ({} %) at level 1, {best} ({} %) at level 9",
            event.len(),
            of(fast),
            of(best),
        );
    }
    divan::main();
}

/// A message's frame without its header.
fn payload(size: usize) -> Vec<u8> {
    let text: String = PROSE
        .chars()
        .filter(char::is_ascii)
        .skip(700)
        .take(size)
        .collect();
    let author = User {
        id: "01J9ZQ4X7K2M5N8P1R3T".parse().expect("an id"),
        name: "Grace Hopper".parse().expect("a name"),
    };
    let event = NewEvent {
        room: "general".parse().expect("a room"),
        author,
        id: Some("01J9ZQ4X7K2M5N8P1R3T-17".parse().expect("an id")),
        body: Body::Message {
            content: Some(text.trim().parse().expect("a text")),
            data: None,
        },
        timestamp: Timestamp(1_700_000_000_000),
    };
    let frame = encode(event, Seq(123_456));
    split_text(&frame).expect("a whole frame").0.to_vec()
}

fn compressor(level: u32) -> Compress {
    Compress::new(Compression::new(level), false)
}

/// As a message is: up to an empty block, whose last four bytes are left out (RFC 7692, 7.2.1).
fn deflate(compress: &mut Compress, bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len() + 64);
    compress.reset();
    compress
        .compress_vec(bytes, &mut out, FlushCompress::Sync)
        .expect("compressed");
    out.truncate(out.len().saturating_sub(4));
    out
}

#[divan::bench(args = SIZES)]
fn deflate_once(bencher: Bencher<'_, '_>, size: usize) {
    let (event, mut compress) = (payload(size), compressor(1));
    bencher
        .counter(BytesCount::new(event.len()))
        .bench_local(move || deflate(&mut compress, black_box(&event)));
}

#[divan::bench(args = SIZES)]
fn inflate_by_a_receiver(bencher: Bencher<'_, '_>, size: usize) {
    let event = payload(size);
    let mut deflated = deflate(&mut compressor(1), &event);
    deflated.extend_from_slice(&[0, 0, 0xff, 0xff]);
    let mut decompress = Decompress::new(false);
    let mut out = Vec::with_capacity(event.len() + 64);
    bencher.bench_local(move || {
        decompress.reset(false);
        out.clear();
        decompress
            .decompress_vec(black_box(&deflated), &mut out, FlushDecompress::Sync)
            .expect("inflated");
        out.len()
    });
}

/// The baseline: what an event costs without it.
#[divan::bench(args = SIZES)]
fn encode_once(bencher: Bencher<'_, '_>, size: usize) {
    bencher.bench_local(|| payload(black_box(size)));
}

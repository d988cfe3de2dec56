//! The codec: every client frame decoded and every server frame encoded, each beside what
//! serde_json takes for the same text as a tree of values (`cargo bench -p common`).
//!
//! The frames are those of the golden files, so that a new one is measured as soon as it has its
//! file. A tree of values checks nothing but that it is JSON: what a frame costs beyond it, its
//! bounds, its codes and the second reading cost.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a benchmark that meets the unexpected must fail loudly"
)]

use common::codec::{decode_client, decode_server, write_server};
use divan::counter::BytesCount;
use divan::{Bencher, black_box};
use serde_json::Value;
use std::fmt;
use std::path::Path;

fn main() {
    divan::main();
}

/// A frame's golden text, known by its variant.
#[derive(Clone)]
struct Sample {
    name: String,
    text: String,
}

impl fmt::Display for Sample {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)
    }
}

/// The fullest form of every frame that this side sends, `client` or `server`.
fn samples(side: &str) -> Vec<Sample> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/v1");
    let sample = |file: std::fs::DirEntry| {
        let name = file.file_name().into_string().ok()?;
        let name = name.strip_prefix(side)?.strip_prefix('.')?;
        let name = name.strip_suffix(".full.json")?.to_owned();
        let text = std::fs::read_to_string(file.path()).ok()?;
        let text = text.trim().to_owned();
        Some(Sample { name, text })
    };
    let files = std::fs::read_dir(folder).expect("the golden files are in the tree");
    let mut samples: Vec<Sample> = files.flatten().filter_map(sample).collect();
    samples.sort_by(|left, right| left.name.cmp(&right.name));
    assert!(!samples.is_empty(), "no golden file of the {side}");
    samples
}

mod decode_client_frame {
    use super::*;

    #[divan::bench(args = samples("client"))]
    fn as_frame(bencher: Bencher<'_, '_>, sample: &Sample) {
        assert!(decode_client(&sample.text).is_ok(), "{sample}");
        bencher
            .counter(BytesCount::of_str(&sample.text))
            .bench(|| decode_client(black_box(&sample.text)));
    }

    #[divan::bench(args = samples("client"))]
    fn as_values(bencher: Bencher<'_, '_>, sample: &Sample) {
        bencher
            .counter(BytesCount::of_str(&sample.text))
            .bench(|| serde_json::from_str::<Value>(black_box(&sample.text)));
    }
}

mod encode_server_frame {
    use super::*;

    #[divan::bench(args = samples("server"))]
    fn from_frame(bencher: Bencher<'_, '_>, sample: &Sample) {
        let frame = decode_server(&sample.text).unwrap();
        let mut out = Vec::with_capacity(4096);
        bencher
            .counter(BytesCount::of_str(&sample.text))
            .bench_local(move || {
                out.clear();
                write_server(black_box(&frame), &mut out);
                out.len()
            });
    }

    #[divan::bench(args = samples("server"))]
    fn from_values(bencher: Bencher<'_, '_>, sample: &Sample) {
        let value: Value = serde_json::from_str(&sample.text).unwrap();
        let mut out = Vec::with_capacity(4096);
        bencher
            .counter(BytesCount::of_str(&sample.text))
            .bench_local(move || {
                out.clear();
                serde_json::to_writer(&mut out, black_box(&value)).unwrap();
                out.len()
            });
    }
}

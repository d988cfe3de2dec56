//! Whatever bytes a client sends are messages or a violation, the same in whatever pieces they come,
//! and no message is over the bound.
#![no_main]

use backend::wire::decoder::{Decoder, Incoming, Violation};
use libfuzzer_sys::fuzz_target;

const MESSAGE_BYTES_MAX: usize = 1024;

fn decoded(pieces: &[Vec<u8>]) -> (Vec<Incoming>, Option<Violation>) {
    let mut decoder = Decoder::default();
    let mut got = Vec::new();
    for piece in pieces {
        decoder.feed(piece);
        loop {
            match decoder.next(MESSAGE_BYTES_MAX) {
                Ok(Some(incoming)) => got.push(incoming),
                Ok(None) => break,
                Err(violation) => return (got, Some(violation)),
            }
        }
    }
    (got, None)
}

fuzz_target!(|pieces: Vec<Vec<u8>>| {
    let in_pieces = decoded(&pieces);
    assert_eq!(in_pieces, decoded(&[pieces.concat()]));
    for incoming in in_pieces.0 {
        let length = match incoming {
            Incoming::Text(text) => text.len(),
            Incoming::Binary(bytes) | Incoming::Ping(bytes) => bytes.len(),
            Incoming::Pong | Incoming::Close(_) => 0,
        };
        assert!(length <= MESSAGE_BYTES_MAX);
    }
});

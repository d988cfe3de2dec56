//! Whatever bytes a client sends, in whatever pieces, are messages or a violation, and no message is
//! over the bound.
#![no_main]

use backend::wire::decoder::{Decoder, Incoming};
use libfuzzer_sys::fuzz_target;

const MESSAGE_BYTES_MAX: usize = 1024;

fuzz_target!(|pieces: Vec<Vec<u8>>| {
    let mut decoder = Decoder::default();
    for piece in pieces {
        decoder.feed(&piece);
        loop {
            match decoder.next(MESSAGE_BYTES_MAX) {
                Ok(Some(Incoming::Text(text))) => assert!(text.len() <= MESSAGE_BYTES_MAX),
                Ok(Some(_)) => {}
                Ok(None) => break,
                Err(_) => return,
            }
        }
    }
});

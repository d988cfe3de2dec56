//! Whatever a client sends is a frame or an error frame, and a frame comes back from its own text.
#![no_main]

use common::codec::{decode_client, encode_client};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    if let Ok(frame) = decode_client(text) {
        assert_eq!(decode_client(&encode_client(&frame)), Ok(frame));
    }
});

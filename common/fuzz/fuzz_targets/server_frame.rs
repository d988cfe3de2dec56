//! Whatever a server sends is a frame or is passed over.
#![no_main]

use common::codec::{decode_server, encode_server};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    if let Ok(frame) = decode_server(text) {
        assert_eq!(decode_server(&encode_server(&frame)).ok(), Some(frame));
    }
});

//! Whatever a body says is something to publish or an error frame.
#![no_main]

use common::codec::decode_publish;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| drop(decode_publish(text)));

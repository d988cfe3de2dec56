//! Whatever a connection begins with is taken for a handshake only where all of its head is there,
//! and no byte of it is lost.
#![no_main]

use backend::ws::first_request::First;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    match First::of(bytes) {
        First::Other(kept) => assert_eq!(kept, bytes),
        First::Upgrade(request) => {
            let head = bytes.len() - request.unread().len();
            assert!(bytes[..head].ends_with(b"\n"));
            assert!(matches!(request.parts.uri.path(), "/ws"));
            for short in 0..head {
                assert!(matches!(First::of(&bytes[..short]), First::Other(_)));
            }
            assert_eq!(request.into_bytes(), bytes);
        }
    }
});

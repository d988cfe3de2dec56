//! Whatever a proxy's header says is an address or none; who is not trusted is never believed.
#![no_main]

use backend::limits::Proxies;
use libfuzzer_sys::fuzz_target;
use std::net::{IpAddr, Ipv4Addr};

fuzz_target!(|text: &str| {
    let peer = IpAddr::V4(Ipv4Addr::new(10, 0, 0, 1));
    let trusting = Proxies {
        trusted: vec![peer.into()],
        header: "x-forwarded-for".to_owned(),
    };
    drop(trusting.origin(peer, text.lines()));
    assert_eq!(Proxies::default().origin(peer, text.lines()), Ok(peer));
});

//! The server as its users meet it: real sockets, a real store, one module for each promise.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that meets the unexpected must fail loudly"
)]

mod accounts;
mod admin;
mod attacks;
mod bad_input;
mod cluster;
mod foreign;
mod framing;
mod handshake;
mod http_api;
mod lifecycle;
mod limits;
mod matrix;
mod plain_client;
mod private_rooms;
mod room_list;
mod rooms;
mod slow_readers;
mod support;
mod visitors;

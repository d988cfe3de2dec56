//! The real server: hub, rooms, sessions, committer and SQLite, with a network of bytes and a disk
//! that the simulation turns by hand.
//!
//! It runs on a paused runtime (`node`), writes to a file whose commits the simulation lets through,
//! fails or cuts off (`disk`), and its sessions hold one end of a socket pair each (`wire`). What a
//! connection is sent (`stream`) and what is stored (`truth`) are held against the model of a log.
#![cfg(unix)]

mod disk;
mod faults;
mod network;
mod node;
mod presence;
mod runs;
mod server;
mod stream;
mod truth;
mod wire;

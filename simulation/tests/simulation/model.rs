//! The contract as code: a server without sockets, and a network of frames.

mod faults;
mod logs;
mod mutants;
mod network;
mod runs;
mod server;
mod store;

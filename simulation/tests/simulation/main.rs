//! Many client cores, a server and a network that does what networks do, all from one seed.
//!
//! A step is one event that a core or the server is given. After every step the views of that client,
//! what it was told, and what the server has stored are held against the logs: `checks`. There are
//! two servers behind one trait (`server`). The `model` is the contract in code, without sockets, and
//! makes `mutants`: mistakes made on purpose, which the checks must find. The `real` one is hub,
//! rooms, sessions, committer and SQLite, with a network of bytes and a disk that fails.
//!
//! A seed that fails is printed with the command that replays it and tells every step;
//! `HUBBUB_SEEDS=n` plays that many.

#[cfg(test)]
mod checks;
#[cfg(test)]
mod faults;
#[cfg(test)]
mod ledger;
#[cfg(test)]
mod life;
#[cfg(test)]
mod log;
#[cfg(test)]
mod model;
#[cfg(test)]
mod peer;
#[cfg(test)]
mod person;
#[cfg(test)]
mod real;
#[cfg(test)]
#[path = "../../../common/tests/support/rng.rs"]
mod rng;
#[cfg(test)]
mod seeds;
#[cfg(test)]
mod server;
#[cfg(test)]
mod shell;
#[cfg(test)]
mod time;
#[cfg(test)]
#[path = "../support/waiting.rs"]
mod waiting;
#[cfg(test)]
mod world;

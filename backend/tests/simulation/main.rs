//! Many client cores against the real server: hub, rooms, sessions, committer and SQLite, with a
//! network and a disk that do what networks and disks do, all from one seed.
//!
//! The node is the real one from the bytes of a WebSocket inwards. It runs on a paused runtime that
//! the simulation turns by hand (`node`), writes to a file whose commits the simulation lets through,
//! fails or cuts off (`disk`), and its sessions hold one end of a socket pair each (`wire`). After
//! every step what a client shows, what it was sent and what is stored are held against the model of
//! the log that the simulation of the client core uses, too: `truth`, `checks`. A seed that fails is
//! printed; `HUBBUB_SEED=n` replays it alone and tells every step, `HUBBUB_SEEDS=n` runs that many.
#![cfg(unix)]

#[cfg(test)]
mod checks;
#[cfg(test)]
mod disk;
#[cfg(test)]
mod faults;
#[cfg(test)]
mod network;
#[cfg(test)]
mod node;
#[cfg(test)]
mod runs;
#[cfg(test)]
mod server;
#[cfg(test)]
mod shell;
#[cfg(test)]
mod time;
#[cfg(test)]
mod truth;
#[cfg(test)]
mod wire;
#[cfg(test)]
mod world;

// The people, what they have said, and the model of a log are those of the other simulation.
#[cfg(test)]
#[path = "../../../common/tests/simulation/ledger.rs"]
mod ledger;
#[cfg(test)]
#[path = "../../../common/tests/simulation/log.rs"]
#[expect(dead_code, reason = "a model server asks more of it")]
mod log;
#[cfg(test)]
#[path = "../../../common/tests/simulation/peer.rs"]
#[expect(dead_code, reason = "a model server asks more of it")]
mod peer;
#[cfg(test)]
#[path = "../../../common/tests/simulation/person.rs"]
mod person;
#[cfg(test)]
#[path = "../../../common/tests/support/rng.rs"]
mod rng;
#[cfg(test)]
#[path = "../../../common/tests/support/seeds.rs"]
mod seeds;

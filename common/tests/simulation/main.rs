//! Many client cores, a model server and a network that does what networks do, all from one seed.
//!
//! A step is one event that a core or the server is given. After every step the views of that
//! client, or what the server has stored, are held against the logs: `checks`. A seed that fails is
//! printed; `HUBBUB_SEED=n` replays it alone and tells every step, `HUBBUB_SEEDS=n` runs that many.
//! `mutants` are mistakes made on purpose, which the checks must find.

#[cfg(test)]
mod checks;
#[cfg(test)]
mod faults;
#[cfg(test)]
mod ledger;
#[cfg(test)]
mod log;
#[cfg(test)]
mod mutants;
#[cfg(test)]
mod peer;
#[cfg(test)]
mod person;
#[cfg(test)]
#[path = "../support/rng.rs"]
mod rng;
#[cfg(test)]
mod runs;
#[cfg(test)]
#[path = "../support/seeds.rs"]
mod seeds;
#[cfg(test)]
mod server;
#[cfg(test)]
mod shell;
#[cfg(test)]
mod store;
#[cfg(test)]
mod time;
#[cfg(test)]
mod world;

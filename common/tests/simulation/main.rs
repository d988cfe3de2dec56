//! Many client cores, a model server and a network that does what networks do, all from one seed.
//!
//! After every step each client's views are held against the server's log. A seed that fails is
//! printed; `HUBBUB_SEED=n` replays it alone and tells every step, `HUBBUB_SEEDS=n` runs that many.

#[cfg(test)]
mod checks;
#[cfg(test)]
mod faults;
#[cfg(test)]
mod peer;
#[cfg(test)]
#[path = "../support/rng.rs"]
mod rng;
#[cfg(test)]
mod runs;
#[cfg(test)]
mod server;
#[cfg(test)]
mod time;
#[cfg(test)]
mod world;

//! Three nodes on one store, with a bus between them that loses, repeats, delays and reorders what it
//! carries, and does not reach some of them at times; all from one seed.
//!
//! The nodes are real hubs, without sockets. Users post to any of them, sometimes the same message to
//! two; readers take what their node delivers, and go on at another node where they left off. Nodes are
//! cut off, stand still, are killed and started. At every moment a reader has heard a part of the log
//! without a gap, and at the end all of it.
//!
//! The same checks are played with mistakes made on purpose (`mutants`), each of which some seed must
//! find. A seed that fails is printed; `HUBBUB_SEED=n` replays it, `HUBBUB_SEEDS=n` plays so many.

#[cfg(test)]
mod bus;
#[cfg(test)]
mod model;
#[cfg(test)]
mod mutants;
#[cfg(test)]
mod node;
#[cfg(test)]
mod reader;
#[cfg(test)]
#[path = "../../../common/tests/support/rng.rs"]
mod rng;
#[cfg(test)]
#[path = "../simulation/seeds.rs"]
mod seeds;
#[cfg(test)]
#[path = "../support/waiting.rs"]
mod waiting;
#[cfg(test)]
mod world;

//! The wire is a contract: every frame as bytes, and what becomes of bytes that are no frame.

#[cfg(test)]
mod codes;
#[cfg(test)]
mod golden;
#[cfg(test)]
mod mutations;
#[cfg(test)]
mod original;
#[cfg(test)]
mod refusals;
#[cfg(test)]
#[path = "../support/rng.rs"]
mod rng;
#[cfg(test)]
mod roundtrips;
#[cfg(test)]
mod samples;
#[cfg(test)]
mod stored;

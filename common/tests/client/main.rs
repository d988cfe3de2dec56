//! The client core, driven by hand: what it does when this or that happens.

#[cfg(test)]
mod bench;
#[cfg(test)]
mod changes;
#[cfg(test)]
mod connecting;
#[cfg(test)]
mod flicker;
#[cfg(test)]
mod liveness;
#[cfg(test)]
mod markers;
#[cfg(test)]
mod outbox;
#[cfg(test)]
mod presence;
mod proving;
#[cfg(test)]
#[path = "../support/rng.rs"]
mod rng;
#[cfg(test)]
mod rooms;
#[cfg(test)]
mod sending;
#[cfg(test)]
mod shown;
#[cfg(test)]
mod timelines;

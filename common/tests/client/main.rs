//! The client core, driven by hand: what it does when this or that happens.

#[cfg(test)]
mod changes;
#[cfg(test)]
mod connecting;
#[cfg(test)]
mod credentials;
#[cfg(test)]
mod flicker;
#[cfg(test)]
mod following;
#[cfg(test)]
mod harness;
#[cfg(test)]
mod liveness;
#[cfg(test)]
mod markers;
#[cfg(test)]
mod message_views;
#[cfg(test)]
mod outbox;
#[cfg(test)]
mod presence;
#[cfg(test)]
#[path = "../support/rng.rs"]
mod rng;
#[cfg(test)]
mod room_list;
#[cfg(test)]
mod rooms;
#[cfg(test)]
mod sending;
#[cfg(test)]
mod timelines;

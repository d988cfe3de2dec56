//! The client core, driven by hand: what it does when this or that happens.

#[cfg(test)]
mod bench;
#[cfg(test)]
mod connecting;
#[cfg(test)]
mod liveness;
#[cfg(test)]
mod outbox;
#[cfg(test)]
mod presence;
#[cfg(test)]
mod rooms;
#[cfg(test)]
mod sending;
#[cfg(test)]
mod timelines;

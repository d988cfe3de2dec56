//! One connection's server-side state and the actor around it.
//!
//! [`state`] decides what a frame asks for and whether it may; [`actor`] does it and reads the
//! socket; [`link`] is the part that others touch, and writes to it.

pub mod actor;
mod end;
pub mod link;
pub mod state;

pub use actor::{Session, SessionConfig, close};
pub use end::End;

//! The Rust client of Hubbub.
//!
#![doc = include_str!("../README.md")]

pub mod shell;

mod client;
mod clock;
mod error;
mod event;
mod events;
mod follower;
mod handler;
mod options;
mod order;
mod outbox;
mod room;
mod sending;
mod sends;
mod shared;
mod socket;
mod status;
mod target;
mod tls;

pub use client::Client;
pub use clock::Clock;
pub use common;
pub use error::{FollowError, SendError, StartError, StopReason, Unsent};
pub use event::{Event, Position, Start};
pub use events::Events;
pub use options::{FreshToken, Options, RefreshError};
pub use outbox::OutboxError;
pub use room::Room;
pub use sending::{Sending, Stored};
pub use status::Status;
pub use target::{Address, AddressError, Identity, Target};

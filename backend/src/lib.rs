//! The Hubbub server.
//!
//! A message walks this path, and each step is a module:
//! [`ws`] → [`session`] → [`hub`] → [`room`] and [`store`], and back out through the room's tail.
//! [`http`] is the other entry; [`request`] is what both share; [`app`] puts the parts together.
//! Dependencies go one way: a room knows nothing of sessions, a store knows nothing of rooms.

pub mod app;
pub mod assets;
pub mod audit;
pub mod auth;
pub mod bus;

pub mod cli;
pub mod clock;
pub mod cluster;
pub mod config;
pub mod descriptors;
pub mod engine;
pub mod http;
pub mod hub;
pub mod invalidation;
pub mod limits;
pub mod redis_server;
pub mod request;
pub mod room;
pub mod session;
mod sharded_lock;
pub mod shutdown;
pub mod socket;
pub mod store;
pub mod supervisor;
pub mod telemetry;
pub mod unicode;
pub mod wire;
pub mod worker;
pub mod write_behind;
pub mod ws;

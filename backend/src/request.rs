//! What holds for every request, whether the HTTP server read it or a worker did: where it comes from,
//! who makes it, whether it may be served, and how it is refused.

pub mod address;
mod app_state;
pub mod cookies;
pub mod error;
pub mod guard;
mod head;
pub mod host;
pub mod identity;
mod origin;
pub mod read_limit;

pub use app_state::AppState;

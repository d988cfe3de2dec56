//! What applies to every request, whether the HTTP server or a worker has read it: its origin, the
//! identity of the client, the checks before it is served, and how it is refused.

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

//! The real program as a process: how it starts, what it says, and what it does when its disk, its
//! files or its life are taken away.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that meets the unexpected must fail loudly"
)]

mod command_line;
mod disasters;
#[path = "../server/support/http.rs"]
mod http;
mod people;
mod program;
#[cfg(target_os = "linux")]
mod slow_readers;
mod store_copy;

/// How long anything may take before the test gives up.
const DEADLINE: std::time::Duration = std::time::Duration::from_secs(20);

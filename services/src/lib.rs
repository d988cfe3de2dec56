//! Servers that tests talk to, started on free loopback ports with temporary data, so that a service
//! that is already running is left alone.
//!
//! Each one ends with the process that started it, however that ends: a shell beside it waits for the
//! end of a pipe that only this process holds open, then stops the server and removes its data.

mod guarded;
mod nginx;
mod postgres;
mod programs;
mod redis;
mod sentinel;

pub use nginx::Nginx;
pub use postgres::{Durability, Postgres};
pub use redis::Redis;
pub use sentinel::Sentinel;

/// Why a server could not be started.
#[derive(Debug, thiserror::Error)]
pub enum ServiceError {
    /// A program is missing.
    #[error(
        "the program {program} is needed and was not found; install the Debian package {package}, or run `cargo xtask test`, which does"
    )]
    Missing {
        /// The program.
        program: &'static str,
        /// The Debian package that has it.
        package: &'static str,
    },
    /// A command failed.
    #[error("{command} failed: {output}")]
    Failed {
        /// The command.
        command: String,
        /// What it wrote.
        output: String,
    },
    /// The server did not accept connections in time.
    #[error(
        "{0} did not accept connections within 60 s; is the machine overloaded, or the disk full?"
    )]
    Silent(&'static str),
    /// The system refused something.
    #[error("cannot start a server for tests: {0}")]
    Io(#[from] std::io::Error),
}

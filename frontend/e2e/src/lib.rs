//! What the browser tests stand on: a real server, real Chromium, and waiting that does not guess.
//!
//! ```no_run
//! # async fn a_test() {
//! use e2e::{Browser, Driver, Server};
//!
//! let server = Server::start().await;
//! let driver = Driver::start().await;
//! let ada = Browser::open(&driver, "ada").await;
//! ada.goto(&server.url("/r/general")).await;
//! ada.wait_text("h1", "general").await;
//! # }
//! ```
//!
//! Everything ends with the value that stands for it, also when a test panics. The tests are run by
//! `cargo xtask test --only browser`, which builds the server and finds the browser's driver.
#![expect(
    clippy::expect_used,
    clippy::panic,
    reason = "what goes wrong in the harness is the failure of the test that uses it"
)]

mod browser;
mod chat;
mod cuttable_proxy;
mod door;
mod driver;
mod page;
mod paths;
mod pictures;
mod process;
mod saved;
mod server;
mod socket;
mod wait;

pub use browser::{Browser, Scheme, Viewport};
pub use chat::{arrive, choose, open_person, say, sees, timeline};
pub use cuttable_proxy::CuttableProxy;
pub use door::{PASSWORD, open_way, sign_in, sign_up};
pub use driver::Driver;
pub use paths::{root, target_dir};
pub use pictures::pictures;
pub use process::Process;
pub use saved::Saved;
pub use server::Server;
pub use socket::Socket;
pub use wait::{eventually, eventually_within};

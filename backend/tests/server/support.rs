//! A real server on a real port, and clients that speak to it over real sockets.
//!
//! Every wait is for a frame or an answer, with a deadline that only a broken server reaches.
pub(crate) mod client;
pub(crate) mod http;
pub(crate) mod people;
pub(crate) mod raw;
mod server;

pub(crate) use server::Server;

use backend::app::Running;
use std::time::Duration;

/// How long anything may take before the test gives up.
pub(crate) const DEADLINE: Duration = Duration::from_secs(20);

impl Server {
    /// Stops politely, and starts again on the same port with the same data.
    pub(crate) async fn restart(&mut self) {
        self.stop().await;
        self.rise().await;
    }

    /// The running server itself, for what cannot be asked over a socket.
    pub(crate) fn take_running(&mut self) -> Running {
        self.running.take().unwrap()
    }

    /// A client that names no subprotocol and says who it is by `?name=`.
    pub(crate) async fn connect(&self, name: &str) -> client::Client {
        client::Client::connect(self.address, name).await
    }

    pub(crate) async fn get(&self, path: &str) -> http::Answer {
        http::request(self.address, "GET", path, &[], "").await
    }

    pub(crate) async fn send(&self, method: &str, path: &str) -> http::Answer {
        http::request(self.address, method, path, &[], "").await
    }

    /// The code that the first account needs.
    pub(crate) fn claim_code(&self) -> Option<String> {
        let running = self.running.as_ref().unwrap();
        running.unclaimed().flatten().map(str::to_owned)
    }

    pub(crate) async fn post(&self, path: &str, body: &str) -> http::Answer {
        let headers = [("content-type", "application/json")];
        http::request(self.address, "POST", path, &headers, body).await
    }
}

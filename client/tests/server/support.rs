//! A server in this process, and what the tests ask of its clients.

#[path = "../../../backend/tests/server/support/server.rs"]
mod server;

pub(crate) use server::Server;

use hubbub_client::{Client, Event, Events, Options, Status};
use std::path::PathBuf;
use std::time::Duration;

/// How long anything may take before the test gives up.
pub(crate) const DEADLINE: Duration = Duration::from_secs(20);

impl Server {
    pub(crate) fn url(&self) -> String {
        format!("ws://{}", self.address)
    }

    /// A client of this name that does not wait long before it tries again.
    pub(crate) fn options(&self, name: &str) -> Options {
        let options = Options::new(&self.url()).unwrap().name(name).unwrap();
        options.config(|config| {
            config.backoff.floor_ms = 10;
            config.backoff.base_ms = 20;
            config.backoff.cap_ms = 50;
        })
    }

    pub(crate) fn client(&self, name: &str) -> Client {
        Client::start(self.options(name)).unwrap()
    }

    /// A file among the server's data.
    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.config.store.data_dir.join(name)
    }
}

/// Awaits something that only a broken client or server does not give in time.
pub(crate) async fn soon<T>(future: impl Future<Output = T>) -> T {
    tokio::time::timeout(DEADLINE, future)
        .await
        .expect("not in time")
}

/// Waits until the status is this one.
pub(crate) async fn until(client: &Client, mut is_it: impl FnMut(&Status) -> bool) {
    let wait = async {
        let mut status = client.status();
        while !is_it(&status) {
            status = client.status_change(&status).await;
        }
    };
    soon(wait).await;
}

/// The texts of the next messages, this many.
pub(crate) async fn texts(events: &mut Events, count: usize) -> Vec<String> {
    let mut texts = Vec::new();
    while texts.len() < count {
        match soon(events.next()).await {
            Some(Event::Message { message, .. }) => {
                texts.push(message.content.as_ref().unwrap().to_string());
            }
            Some(Event::Reset { position }) => texts.push(format!("reset {}", position.seq)),
            Some(_) => {}
            None => panic!("the client has ended after {texts:?}"),
        }
    }
    texts
}

/// One to `count`, in words as the tests say them.
pub(crate) fn numbered(numbers: std::ops::RangeInclusive<usize>) -> Vec<String> {
    numbers.map(|number| format!("message {number}")).collect()
}

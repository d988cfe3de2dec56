//! A server with a data folder of its own, in this process.

use backend::app::{self, Running};
use backend::clock::Environment;
use backend::config::Config;
use hubbub_client::{Client, Event, Events, Options, Status};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;
use tempfile::TempDir;

/// How long anything may take before the test gives up.
pub(crate) const DEADLINE: Duration = Duration::from_secs(20);

pub(crate) struct Server {
    running: Option<Running>,
    pub(crate) address: SocketAddr,
    folder: TempDir,
    config: Config,
}

impl Server {
    pub(crate) async fn start() -> Self {
        Self::with(|_| {}).await
    }

    /// A server whose configuration `change` has been over.
    pub(crate) async fn with(change: impl FnOnce(&mut Config)) -> Self {
        let folder = TempDir::new().unwrap();
        let mut config = Config::default();
        config.server.port = 0;
        config.store.data_dir = folder.path().join("data");
        change(&mut config);
        let running = app::start(config.clone(), Environment::system()).await;
        let running = running.unwrap();
        Self {
            address: running.address(),
            running: Some(running),
            folder,
            config,
        }
    }

    pub(crate) async fn stop(&mut self) {
        self.running.take().unwrap().stop().await.unwrap();
    }

    /// Starts again on the same port, with the same data.
    pub(crate) async fn rise(&mut self) {
        self.config.server.port = self.address.port();
        let running = app::start(self.config.clone(), Environment::system()).await;
        self.running = Some(running.unwrap());
    }

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

    /// A file beside the server's data.
    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
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

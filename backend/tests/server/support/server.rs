//! A server on a real port, in this process, with a data folder of its own.

use backend::app::{self, Running};
use backend::clock::Environment;
use backend::config::Config;
use std::net::SocketAddr;
use tempfile::TempDir;

/// See the module.
pub(crate) struct Server {
    pub(super) running: Option<Running>,
    pub(crate) address: SocketAddr,
    _folder: TempDir,
    pub(super) config: Config,
}

async fn run(config: &Config) -> Running {
    let running = app::start(config.clone(), Environment::system()).await;
    running.unwrap()
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
        config.store.data_dir = folder.path().to_owned();
        change(&mut config);
        let running = run(&config).await;
        Self {
            address: running.address(),
            running: Some(running),
            _folder: folder,
            config,
        }
    }

    /// Stops politely.
    pub(crate) async fn stop(&mut self) {
        self.running.take().unwrap().stop().await.unwrap();
    }

    /// Starts again on the same port with the same data.
    pub(crate) async fn rise(&mut self) {
        self.config.server.port = self.address.port();
        self.running = Some(run(&self.config).await);
    }
}

//! A server on a real port, in this process, with a store of its own: a folder, or with
//! `HUBBUB_TEST_STORE=postgres` a database in a temporary PostgreSQL cluster.

use backend::app::{self, Running};
use backend::clock::Environment;
use backend::config::{Config, StoreConfig, StoreEngine};
use services::Postgres;
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

/// Every test runs on every engine: which one, the command that runs the tests says.
fn use_chosen_engine(store: &mut StoreConfig) {
    match std::env::var("HUBBUB_TEST_STORE").as_deref() {
        Err(_) | Ok("sqlite") => {}
        Ok("postgres") => {
            store.engine = StoreEngine::Postgres;
            store.urls = vec![Postgres::shared().unwrap().create_database().unwrap()];
            store.connections_max = 8;
        }
        Ok(other) => panic!("HUBBUB_TEST_STORE is sqlite or postgres, not {other}"),
    }
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
        use_chosen_engine(&mut config.store);
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

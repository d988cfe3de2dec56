//! The server under test: the release binary with the page inside it, on a port and a folder of its
//! own.

use crate::paths;
use crate::process::Process;
use crate::wait::eventually;
use nix::sys::signal::Signal;
use std::fs;
use std::process::Command;
use std::time::Duration;
use tempfile::TempDir;

const START_TIME_MAX: Duration = Duration::from_secs(20);

/// A `hubbub serve`, which can go away and come back on the same port with the same data.
pub struct Server {
    process: Option<Process>,
    port: u16,
    data: TempDir,
    config: String,
}

impl Server {
    /// Starts a server with an empty database and waits until it is healthy.
    pub async fn start() -> Self {
        Self::with("").await
    }

    /// The same, with a configuration in TOML.
    pub async fn with(config: &str) -> Self {
        let data = TempDir::new().expect("a temporary folder for the server's data");
        let mut server = Self {
            process: None,
            port: 0,
            data,
            config: config.to_owned(),
        };
        server.launch().await;
        server
    }

    /// An address on this server: `server.url("/r/general")`.
    #[must_use]
    pub fn url(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.port)
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    /// Waits for a line that the server writes, and gives what `pick` makes of it.
    pub async fn said<T>(&self, what: &str, pick: impl Fn(&str) -> Option<T>) -> T {
        let process = self.process.as_ref().expect("the server runs");
        process.wait_line(what, START_TIME_MAX, 0, pick).await.0
    }

    /// Ends the server at once, as a power cut would. Not an error when it is gone already.
    pub fn kill(&mut self) {
        self.finish(Signal::SIGKILL);
    }

    /// Asks the server to end, and checks that it does so in order.
    pub fn stop(&mut self) {
        if let Some(mut process) = self.process.take() {
            let status = process.end(Signal::SIGTERM);
            assert!(status.success(), "the server ended badly: {status}");
        }
    }

    /// Makes the server silent, or lets it speak again: as if a cable were pulled, no connection
    /// is closed.
    pub fn freeze(&self, frozen: bool) {
        if let Some(process) = &self.process {
            process.freeze(frozen);
        }
    }

    /// Starts the server again on the same port, with the same data.
    pub async fn restart(&mut self) {
        self.finish(Signal::SIGKILL);
        self.launch().await;
    }

    fn finish(&mut self, signal: Signal) {
        if let Some(mut process) = self.process.take() {
            process.end(signal);
        }
    }

    async fn launch(&mut self) {
        let mut serve = Command::new(paths::server());
        serve.args([
            "serve",
            "--host",
            "127.0.0.1",
            "--port",
            &self.port.to_string(),
        ]);
        let file = self.data.path().join("hubbub.toml");
        fs::write(&file, &self.config).expect("writing the configuration");
        serve.arg("--config").arg(file);
        let process = Process::start("server", serve.arg("--data-dir").arg(self.data.path()));
        let (port, _) = process
            .wait_line("where it listens", START_TIME_MAX, 0, |line| {
                line.split_once("listening on http://127.0.0.1:")?
                    .1
                    .trim()
                    .parse()
                    .ok()
            })
            .await;
        self.port = port;
        self.process = Some(process);
        let health = self.url("/health");
        eventually("the server's /health", || async {
            reqwest::get(&health)
                .await
                .ok()
                .filter(|answer| answer.status().is_success())
        })
        .await;
    }
}

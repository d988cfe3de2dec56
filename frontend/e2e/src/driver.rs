//! The browser's driver, a program between the tests and Chromium.

use crate::place;
use crate::process::Process;
use std::process::Command;
use std::time::Duration;

const START_TIME_MAX: Duration = Duration::from_secs(20);

/// A chromedriver on a port of its own. Open browsers must be dropped before it, which they are when
/// they are declared after it.
pub struct Driver {
    port: u16,
    _process: Process,
}

impl Driver {
    /// Starts chromedriver on a port that the system chooses.
    pub async fn start() -> Self {
        let process = Process::start(
            "chromedriver",
            Command::new(place::chromedriver()).arg("--port=0"),
        );
        let (port, _) = process
            .wait_line("its port", START_TIME_MAX, 0, |line| {
                line.split_once("started successfully on port ")?
                    .1
                    .trim_end_matches('.')
                    .parse()
                    .ok()
            })
            .await;
        Self {
            port,
            _process: process,
        }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }
}

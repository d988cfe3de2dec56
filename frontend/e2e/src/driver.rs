//! The browser's driver, a program between the tests and Chromium.

use crate::paths;
use crate::process::Process;
use nix::sys::signal::Signal;
use std::fs;
use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;
use tempfile::TempDir;

const START_TIME_MAX: Duration = Duration::from_secs(20);

/// A chromedriver on a port of its own. Open browsers must be dropped before it, which they are when
/// they are declared after it.
pub struct Driver {
    port: u16,
    process: Process,
    /// All that Chromium writes, profiles included.
    folder: TempDir,
}

impl Driver {
    /// Starts chromedriver on a port that the system chooses.
    pub async fn start() -> Self {
        let folder = TempDir::new().expect("a temporary folder for Chromium");
        let mut chromedriver = Command::new(paths::chromedriver());
        chromedriver.arg("--port=0").env("TMPDIR", folder.path());
        let process = Process::start("chromedriver", &mut chromedriver);
        let (port, _) = process
            .wait_line("its port", START_TIME_MAX, 0, |line| {
                let (_, port) = line.split_once("started successfully on port ")?;
                port.trim_end_matches('.').parse().ok()
            })
            .await;
        Self {
            port,
            process,
            folder,
        }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// An empty folder for one user's profile, which goes away with the driver.
    pub(crate) fn new_profile(&self) -> PathBuf {
        let profile = TempDir::new_in(self.folder.path()).expect("a folder for a profile");
        profile.keep()
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        let _ = self.process.try_end(Signal::SIGTERM);
        remove(&self.folder);
    }
}

/// Removes a folder into which Chromium's processes write until they notice that the first of them
/// is gone.
#[expect(
    clippy::disallowed_methods,
    reason = "a drop can neither await nor be told of their end"
)]
fn remove(folder: &TempDir) {
    for _ in 0..100 {
        if fs::remove_dir_all(folder.path()).is_ok() {
            return;
        }
        std::thread::sleep(Duration::from_millis(20));
    }
}

//! A server process that ends with this one.

use std::ffi::OsStr;
use std::io::{self, Write};
use std::net::{Ipv4Addr, TcpListener};
use std::os::unix::fs::MetadataExt;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

/// The user that PostgreSQL's Debian package creates. Its server refuses to run as root.
const UNPRIVILEGED: &str = "postgres";

/// Starts the server `$3…` and waits for a line or the end of standard input. Then stops the server
/// with the signal in the line, or with `$1` at the end of the input: the process that started it is
/// gone, and with it whoever could want the folder `$2`.
const GUARD: &str = r#"
signal=$1; folder=$2; shift 2
"$@" </dev/null &
server=$!
if ! read -r asked; then asked=; fi
kill -s "${asked:-$signal}" "$server" 2>/dev/null
wait "$server"
[ -n "$asked" ] || rm -rf "$folder"
"#;

/// See the module. Dropping it stops the server.
pub(crate) struct Guarded {
    guard: Child,
}

impl Guarded {
    /// Starts a server whose data are in `folder`. When this process ends, `signal` ends the server
    /// and the folder is removed.
    pub(crate) fn start(command: &[&OsStr], signal: &str, folder: &Path) -> io::Result<Self> {
        let mut guard = Command::new("sh");
        guard.args(["-c", GUARD, "guard", signal]).arg(folder);
        guard.args(command);
        // Ctrl+C ends the tests, and thereby the server; it does not reach the guard itself.
        guard.process_group(0);
        guard.stdin(Stdio::piped());
        guard.stdout(Stdio::null()).stderr(Stdio::null());
        Ok(Self {
            guard: guard.spawn()?,
        })
    }

    /// Ends the server with a signal and waits until it has ended. The folder stays.
    pub(crate) fn stop(mut self, signal: &str) -> io::Result<()> {
        if let Some(mut input) = self.guard.stdin.take() {
            writeln!(input, "{signal}")?;
        }
        self.guard.wait().map(drop)
    }
}

impl Drop for Guarded {
    fn drop(&mut self) {
        drop(self.guard.stdin.take());
        // Nothing is left to be done where waiting fails.
        drop(self.guard.wait());
    }
}

/// Repeats an attempt until it succeeds or a minute has passed.
#[expect(
    clippy::disallowed_methods,
    reason = "a server that starts says nothing; tests wait for it on a thread of their own"
)]
pub(crate) fn until_ready(mut is_ready: impl FnMut() -> bool) -> bool {
    let began = Instant::now();
    while began.elapsed() < Duration::from_secs(60) {
        if is_ready() {
            return true;
        }
        sleep(Duration::from_millis(20));
    }
    false
}

/// Whether this process runs as root.
pub(crate) fn is_root() -> bool {
    let own = std::fs::metadata("/proc/self");
    own.is_ok_and(|own| own.uid() == 0)
}

/// What to put before a command that refuses to run as root.
pub(crate) fn unprivileged() -> Vec<&'static OsStr> {
    match is_root() {
        // Replaced by the program, so that signals reach it.
        true => [
            "setpriv",
            "--init-groups",
            "--reuid",
            UNPRIVILEGED,
            "--regid",
            UNPRIVILEGED,
        ]
        .map(OsStr::new)
        .into(),
        false => Vec::new(),
    }
}

/// A port that is free now.
pub(crate) fn free_port() -> io::Result<u16> {
    Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?
        .local_addr()?
        .port())
}

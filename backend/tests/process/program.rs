//! The program, started and ended.

use crate::DEADLINE;
use crate::http::{Answer, request};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{ExitStatus, Output, Stdio};
use tokio::io::{AsyncBufReadExt, BufReader, Lines};
use tokio::process::{Child, ChildStdout, Command};
use tokio::time::timeout;

/// A `hubbub serve` that answers.
pub(crate) struct Program {
    child: Child,
    pub(crate) address: SocketAddr,
    /// Kept open: the program may go on writing.
    _lines: Lines<BufReader<ChildStdout>>,
}

/// Runs `hubbub` with these arguments to its end.
pub(crate) async fn run(arguments: &[&str]) -> Output {
    let command = Command::new(env!("CARGO_BIN_EXE_hubbub"))
        .args(arguments)
        .output();
    timeout(DEADLINE, command)
        .await
        .expect("it does not end")
        .unwrap()
}

/// Runs `hubbub` with these arguments to its end, which must be good. What it has printed.
pub(crate) async fn run_well(arguments: &[&str]) -> String {
    let output = run(arguments).await;
    assert!(output.status.success(), "{arguments:?}: {output:?}");
    let printed = String::from_utf8(output.stdout).unwrap();
    printed.trim_end().to_owned()
}

impl Program {
    pub(crate) async fn start(folder: &Path) -> Self {
        Self::start_under("exec \"$@\"", folder).await
    }

    /// Starts it from a shell that first does something to itself, such as setting a limit.
    pub(crate) async fn start_under(shell: &str, folder: &Path) -> Self {
        let mut child = Command::new("sh")
            .args([
                "-c",
                shell,
                "sh",
                env!("CARGO_BIN_EXE_hubbub"),
                "serve",
                "--port",
                "0",
            ])
            .arg("--data-dir")
            .arg(folder)
            .env("HUBBUB_LOG", "off")
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let line = timeout(DEADLINE, lines.next_line())
            .await
            .expect("it does not start")
            .unwrap();
        let line = line.expect("it ended at once");
        let address = line
            .strip_prefix("listening on http://")
            .unwrap()
            .parse()
            .unwrap();
        Self {
            child,
            address,
            _lines: lines,
        }
    }

    /// As a power cut would.
    pub(crate) async fn kill(mut self) {
        self.child.kill().await.unwrap();
    }

    /// With SIGTERM.
    pub(crate) async fn terminate(self) -> ExitStatus {
        self.signal("-TERM").await
    }

    /// With this signal, as `kill` names it.
    pub(crate) async fn signal(mut self, signal: &str) -> ExitStatus {
        let id = self.child.id().unwrap().to_string();
        assert!(
            Command::new("kill")
                .args([signal, &id])
                .status()
                .await
                .unwrap()
                .success()
        );
        timeout(DEADLINE, self.child.wait())
            .await
            .expect("it does not end")
            .unwrap()
    }

    /// Bytes of memory it holds.
    #[cfg(target_os = "linux")]
    pub(crate) fn memory(&self) -> u64 {
        let kib = self.status("VmRSS:");
        let kib: u64 = kib.strip_suffix(" kB").unwrap().parse().unwrap();
        kib * 1024
    }

    /// Descriptors that its table has room for.
    #[cfg(target_os = "linux")]
    pub(crate) fn descriptors(&self) -> u64 {
        self.status("FDSize:").parse().unwrap()
    }

    /// What the kernel says of it.
    #[cfg(target_os = "linux")]
    fn status(&self, field: &str) -> String {
        let status = format!("/proc/{}/status", self.child.id().unwrap());
        let status = std::fs::read_to_string(status).unwrap();
        let value = status.lines().find_map(|line| line.strip_prefix(field));
        value.unwrap().trim().to_owned()
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        request(self.address, "GET", path, &[], "").await
    }

    /// Asks until `/ready` answers with this status.
    pub(crate) async fn wait_for_ready(&self, status: u16) {
        let asked = async {
            while self.get("/ready").await.status != status {
                tokio::task::yield_now().await;
            }
        };
        timeout(DEADLINE, asked).await.expect("readiness stays");
    }

    pub(crate) async fn say(&self, room: &str, content: &str) -> Answer {
        let body = serde_json::json!({ "content": content }).to_string();
        let path = format!("/api/v1/rooms/{room}/messages?name=Ada");
        let headers = [("content-type", "application/json")];
        request(self.address, "POST", &path, &headers, &body).await
    }

    /// What a room's log says, oldest first, by pages.
    pub(crate) async fn contents(&self, room: &str) -> Vec<String> {
        let mut found = Vec::new();
        loop {
            let after = found.len();
            let path = format!("/api/v1/rooms/{room}/messages?after={after}&limit=200");
            let page = self.get(&path).await.json();
            let messages = page["messages"]
                .as_array()
                .unwrap_or_else(|| panic!("no page: {page}"));
            found.extend(
                messages
                    .iter()
                    .map(|m| m["content"].as_str().unwrap().to_owned()),
            );
            if page["more"] != true {
                return found;
            }
        }
    }
}

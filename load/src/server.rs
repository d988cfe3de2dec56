//! The real server as a child process: started, killed, asked to end, measured.

use anyhow::{Context, Result, bail};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use std::fs::{self, File, OpenOptions};
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::time::Duration;
use tokio::io::{AsyncBufReadExt, BufReader, Lines};
use tokio::process::{Child, ChildStdout, Command};
use tokio::time::timeout;

/// A large log is opened in this time, also on a busy disk.
const START_MAX: Duration = Duration::from_secs(60);

/// After SIGTERM.
const STOP_MAX: Duration = Duration::from_secs(30);

/// Kernel ticks in a second, as `/proc` counts CPU time: 100 on every Linux (`USER_HZ`).
const TICKS_PER_SECOND: f64 = 100.0;

/// Where the program and its data are, over all its lives.
pub(crate) struct Server {
    program: PathBuf,
    folder: PathBuf,
    address: SocketAddr,
    running: Option<Running>,
}

struct Running {
    child: Child,
    pid: Pid,
    /// Kept open, or the server's next line would fail.
    _lines: Lines<BufReader<ChildStdout>>,
}

/// What a process has used so far.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Usage {
    pub(crate) cpu_seconds: f64,
    /// Memory that is its own, its part of what is shared included (PSS).
    pub(crate) pss_mib: f64,
    /// The most resident memory it ever had.
    pub(crate) peak_mib: f64,
}

impl Server {
    /// Starts `$HUBBUB_BIN` with its data in `folder` on a port that the system chooses; later
    /// lives get the same one. `heartbeat_ms` is how often each side looks after the other.
    pub(crate) async fn start(folder: &Path, heartbeat_ms: u64) -> Result<Self> {
        let program = std::env::var_os("HUBBUB_BIN")
            .context("HUBBUB_BIN must name the server's program (`cargo xtask` sets it)")?;
        fs::create_dir_all(folder)?;
        fs::write(folder.join("hubbub.toml"), config(folder, heartbeat_ms)?)?;
        let mut server = Self {
            program: program.into(),
            folder: folder.to_owned(),
            address: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            running: None,
        };
        server.rise().await?;
        Ok(server)
    }

    /// Where it listens.
    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// What it wrote to its log, for a run that failed.
    pub(crate) fn log(&self) -> PathBuf {
        self.folder.join("server.log")
    }

    /// Starts it; returns when it listens.
    pub(crate) async fn rise(&mut self) -> Result<()> {
        let mut child = Command::new(&self.program)
            .arg("serve")
            .arg("--config")
            .arg(self.folder.join("hubbub.toml"))
            .arg("--port")
            .arg(self.address.port().to_string())
            .env("RUST_LOG", "warn")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(self.open_log()?)
            .kill_on_drop(true)
            .spawn()
            .with_context(|| format!("starting {}", self.program.display()))?;
        let pid = child.id().context("the server ended at once")?;
        let output = child.stdout.take().context("the server has no output")?;
        let mut lines = BufReader::new(output).lines();
        let listening = async {
            while let Some(line) = lines.next_line().await? {
                if let Some((_, address)) = line.split_once("listening on http://") {
                    return Ok(address.trim().parse()?);
                }
            }
            bail!(
                "the server ended at its start, see {}",
                self.log().display()
            )
        };
        self.address = timeout(START_MAX, listening)
            .await
            .context("the server does not come to listen")??;
        self.running = Some(Running {
            child,
            pid: Pid::from_raw(i32::try_from(pid)?),
            _lines: lines,
        });
        Ok(())
    }

    fn open_log(&self) -> Result<File> {
        let log = OpenOptions::new()
            .create(true)
            .append(true)
            .open(self.log());
        log.with_context(|| format!("opening {}", self.log().display()))
    }

    /// `kill -9`: no goodbye, no flush.
    pub(crate) async fn kill(&mut self) -> Result<()> {
        if let Some(mut running) = self.running.take() {
            running.child.kill().await.context("killing the server")?;
        }
        Ok(())
    }

    /// SIGTERM: it says goodbye, stores what it has taken, and ends.
    pub(crate) async fn stop(&mut self) -> Result<ExitStatus> {
        let mut running = self.running.take().context("the server is not running")?;
        kill(running.pid, Signal::SIGTERM)?;
        timeout(STOP_MAX, running.child.wait())
            .await
            .context("the server does not end")?
            .context("waiting for the server's end")
    }

    /// What this life of it has used.
    pub(crate) fn usage(&self) -> Result<Usage> {
        let running = self.running.as_ref().context("the server is not running")?;
        let proc = PathBuf::from(format!("/proc/{}", running.pid));
        let stat = fs::read_to_string(proc.join("stat"))?;
        let status = fs::read_to_string(proc.join("status"))?;
        let maps = fs::read_to_string(proc.join("smaps_rollup")).unwrap_or_default();
        Ok(Usage {
            cpu_seconds: cpu_seconds(&stat).context("reading its CPU time")?,
            pss_mib: mib(&maps, "Pss:").unwrap_or_default(),
            peak_mib: mib(&status, "VmHWM:").unwrap_or_default(),
        })
    }
}

/// Everything that could turn a crowd from one address away is opened.
fn config(folder: &Path, heartbeat_ms: u64) -> Result<String> {
    let data = serde_json::to_string(&folder.join("data"))?;
    Ok(format!(
        "[server]\npage = false\nheartbeat = \"{heartbeat_ms}ms\"\n\
         [store]\ndata_dir = {data}\n\
         [limits]\nconnections_max = 100000\nconnections_per_user_max = 0\n\
         connections_per_address_max = 0\nmessages_per_second = 0\njoins_per_second = 0\n"
    ))
}

/// User and system time from `/proc/<pid>/stat` (proc_pid_stat(5), fields 14 and 15).
fn cpu_seconds(stat: &str) -> Option<f64> {
    // The program's name stands in parentheses and may hold anything; what follows it does not.
    let (_, fields) = stat.rsplit_once(") ")?;
    let mut fields = fields.split(' ').skip(11);
    let user: f64 = fields.next()?.parse().ok()?;
    let system: f64 = fields.next()?.parse().ok()?;
    Some((user + system) / TICKS_PER_SECOND)
}

/// A line such as `VmHWM:   5120 kB`.
fn mib(text: &str, key: &str) -> Option<f64> {
    let line = text.lines().find_map(|line| line.strip_prefix(key))?;
    let kib: f64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kib / 1024.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn proc_is_read_by_its_fields() {
        let stat = "7 (a b) c) S 1 7 7 0 -1 4 10 0 0 0 150 50 0 0 20 0 4 0 99";
        assert_eq!(cpu_seconds(stat), Some(2.0));
        assert_eq!(cpu_seconds("7"), None);
        assert_eq!(mib("A: 1\nVmHWM:\t  2048 kB\n", "VmHWM:"), Some(2.0));
        assert_eq!(mib("", "VmHWM:"), None);
    }
}

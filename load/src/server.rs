//! The real server as a child process: started, killed, asked to end, measured.

mod threads;

pub(crate) use threads::{Shares, Threads};

use crate::environment::pin_to_cpu;
use crate::options::RunOptions;
use anyhow::{Context, Result, bail};
use nix::sys::signal::{Signal, kill};
use nix::time::clock_getcpuclockid;
use nix::unistd::Pid;
use services::{Durability, Postgres};
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

/// The heartbeat where nobody's silence is to be noticed: members who only read send nothing.
pub(crate) const QUIET_MS: u64 = 600_000;

/// How the server is set, beyond what allows many clients from one address.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ServerPlan {
    /// How often each side looks after the other.
    pub(crate) heartbeat_ms: u64,
    /// How long a reader may take nothing before it is closed.
    pub(crate) stall_max_ms: u64,
    /// Threads; 0 is one for each processor.
    pub(crate) workers: usize,
    /// It stays on CPU 0, and this program on CPU 1.
    pub(crate) pin: bool,
    /// Durable rooms are in PostgreSQL.
    pub(crate) postgres: bool,
}

impl ServerPlan {
    /// With the usual timeouts, and this heartbeat.
    pub(crate) fn heartbeat(heartbeat_ms: u64) -> Self {
        Self {
            heartbeat_ms,
            stall_max_ms: 30_000,
            workers: 0,
            pin: false,
            postgres: false,
        }
    }

    /// As a run was told.
    pub(crate) fn told(mut self, options: &RunOptions) -> Self {
        (self.workers, self.pin) = (options.workers, options.pin);
        self.postgres = options.postgres;
        self
    }
}

/// Where the program and its data are, over all its lives.
pub(crate) struct Server {
    program: PathBuf,
    folder: PathBuf,
    plan: ServerPlan,
    address: SocketAddr,
    running: Option<Running>,
    /// Where its durable rooms are, if not in the folder.
    _postgres: Option<Postgres>,
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
    pub(crate) cpu: Duration,
    /// Memory that is its own, its part of what is shared included (PSS).
    pub(crate) pss_mib: f64,
    /// The most resident memory it ever had.
    pub(crate) peak_mib: f64,
}

impl Server {
    /// Starts `$HUBBUB_BIN` with its data in `folder` on a port that the system chooses; later
    /// lives get the same one.
    pub(crate) async fn start(folder: &Path, plan: ServerPlan) -> Result<Self> {
        let postgres = plan.postgres.then(|| Postgres::start(Durability::Synced));
        let postgres = postgres.transpose()?;
        let database = postgres.as_ref().map(Postgres::create_database);
        let urls = Vec::from_iter(database.transpose()?);
        let mut server = Self::new(folder, plan, &urls, None)?;
        server._postgres = postgres;
        server.rise().await?;
        Ok(server)
    }

    /// Starts one of several nodes: on these databases and this Redis.
    pub(crate) async fn node(
        folder: &Path,
        plan: ServerPlan,
        urls: &[String],
        redis: &str,
    ) -> Result<Self> {
        let mut server = Self::new(folder, plan, urls, Some(redis))?;
        server.rise().await?;
        Ok(server)
    }

    fn new(folder: &Path, plan: ServerPlan, urls: &[String], redis: Option<&str>) -> Result<Self> {
        let program = std::env::var_os("HUBBUB_BIN")
            .context("HUBBUB_BIN must name the server's program (`cargo xtask` sets it)")?;
        fs::create_dir_all(folder)?;
        let config = config(folder, &plan, urls, redis)?;
        fs::write(folder.join("hubbub.toml"), config)?;
        Ok(Self {
            program: program.into(),
            folder: folder.to_owned(),
            plan,
            address: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            running: None,
            _postgres: None,
        })
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
        if self.plan.pin {
            // A process begins where the thread that starts it stands.
            pin_to_cpu(0)?;
        }
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
        if self.plan.pin {
            pin_to_cpu(1)?;
        }
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

    /// SIGSTOP: it does nothing any more, and its connections stay open.
    pub(crate) fn freeze(&self) -> Result<()> {
        Ok(kill(self.running()?.pid, Signal::SIGSTOP)?)
    }

    /// SIGCONT: it goes on where it was.
    pub(crate) fn thaw(&self) -> Result<()> {
        Ok(kill(self.running()?.pid, Signal::SIGCONT)?)
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
        let maps = fs::read_to_string(self.proc()?.join("smaps_rollup")).unwrap_or_default();
        Ok(Usage {
            cpu: self.cpu()?,
            pss_mib: mib(&maps, "Pss:").unwrap_or_default(),
            peak_mib: self.status("VmHWM:")?,
        })
    }

    /// The CPU time that this life of it has used, user and system, to the nanosecond.
    pub(crate) fn cpu(&self) -> Result<Duration> {
        let clock = clock_getcpuclockid(self.running()?.pid)?;
        Ok(clock.now()?.into())
    }

    /// What each of its threads has used.
    pub(crate) fn threads(&self) -> Result<Threads> {
        Ok(Threads::take(&self.proc()?))
    }

    /// Its memory in RAM, in MiB.
    pub(crate) fn rss_mib(&self) -> Result<f64> {
        self.status("VmRSS:")
    }

    fn status(&self, key: &str) -> Result<f64> {
        let status = fs::read_to_string(self.proc()?.join("status"))?;
        mib(&status, key).with_context(|| format!("the server's {key} is not told"))
    }

    fn proc(&self) -> Result<PathBuf> {
        Ok(PathBuf::from(format!("/proc/{}", self.running()?.pid)))
    }

    fn running(&self) -> Result<&Running> {
        self.running.as_ref().context("the server is not running")
    }
}

/// Everything that would limit many clients from one address is opened.
fn config(
    folder: &Path,
    plan: &ServerPlan,
    urls: &[String],
    redis: Option<&str>,
) -> Result<String> {
    let data = serde_json::to_string(&folder.join("data"))?;
    let ServerPlan {
        heartbeat_ms,
        stall_max_ms,
        workers,
        ..
    } = plan;
    let engine = match urls.is_empty() {
        true => String::new(),
        false => format!(
            "engine = \"postgres\"\nurls = {}\n",
            serde_json::to_string(urls)?
        ),
    };
    let bus = redis.map(|url| format!("[bus]\nengine = \"redis\"\nurl = \"{url}\"\n"));
    let bus = bus.unwrap_or_default();
    Ok(format!(
        "[server]\npage = false\nheartbeat = \"{heartbeat_ms}ms\"\n\
         stall_max = \"{stall_max_ms}ms\"\nworkers = {workers}\n\
         [store]\ndata_dir = {data}\n{engine}{bus}\
         [limits]\nconnections_max = 100000\nconnections_per_user_max = 0\n\
         connections_per_address_max = 0\nmessages_per_second = 0\njoins_per_second = 0\n"
    ))
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
        assert_eq!(mib("A: 1\nVmHWM:\t  2048 kB\n", "VmHWM:"), Some(2.0));
        assert_eq!(mib("", "VmHWM:"), None);
    }
}

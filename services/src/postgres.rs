//! PostgreSQL.

use crate::ServiceError;
use crate::guarded::{Guarded, free_port, is_root, unprivileged, until_ready};
use crate::programs::{find, postgres_folders};
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

const PACKAGE: &str = "postgresql";

/// Whether commits are synced to disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Durability {
    /// As in operation.
    Synced,
    /// Not, for tests that do not end the server: commits take a tenth of the time.
    Unsynced,
}

/// A cluster of databases, and the server that serves it.
pub struct Postgres {
    folder: PathBuf,
    port: u16,
    durability: Durability,
    databases: AtomicU32,
    server: Mutex<Option<Guarded>>,
}

impl Postgres {
    /// The one that all tests of this process share, without durability. Every test takes a database of
    /// its own.
    ///
    /// # Errors
    /// It cannot be started. Later calls return the same error.
    pub fn shared() -> Result<&'static Self, Arc<ServiceError>> {
        static SHARED: OnceLock<Result<Postgres, Arc<ServiceError>>> = OnceLock::new();
        let shared = SHARED.get_or_init(|| Postgres::start(Durability::Unsynced).map_err(Arc::new));
        shared.as_ref().map_err(Arc::clone)
    }

    /// Creates a cluster and starts its server.
    ///
    /// # Errors
    /// PostgreSQL is not installed, or does not start.
    pub fn start(durability: Durability) -> Result<Self, ServiceError> {
        // Outside the folder of temporary files, which the unprivileged user may not be able to enter.
        let folder = tempfile::Builder::new()
            .prefix("hubbub-postgres-")
            .tempdir()?
            .keep();
        if is_root() {
            run(Command::new("chown").arg("postgres:postgres").arg(&folder))?;
        }
        let initdb = find("initdb", PACKAGE, postgres_folders())?;
        let mut command = without_privileges(&initdb);
        command.args(["--no-sync", "--auth=trust", "--username=hubbub"]);
        command.args(["--encoding=UTF8", "--locale=C.UTF-8", "--pgdata"]);
        run(command.arg(folder.join("data")))?;
        let cluster = Self {
            folder,
            port: free_port()?,
            durability,
            databases: AtomicU32::new(0),
            server: Mutex::default(),
        };
        cluster.restart()?;
        Ok(cluster)
    }

    /// Starts the server again after [`stop`](Self::stop), at the same address with the same data.
    ///
    /// # Errors
    /// It does not start.
    pub fn restart(&self) -> Result<(), ServiceError> {
        let program = find("postgres", PACKAGE, postgres_folders())?;
        let (data, port) = (self.folder.join("data"), self.port.to_string());
        let mut command = unprivileged();
        command.extend([program.as_os_str(), "-D".as_ref(), data.as_os_str()]);
        command.extend(["-p", &port].map(OsStr::new));
        let sockets = format!("unix_socket_directories={}", data.display());
        let mut settings = vec![
            "listen_addresses=127.0.0.1",
            sockets.as_str(),
            // Servers that tests leave behind keep theirs until the process ends.
            "max_connections=1000",
        ];
        if self.durability == Durability::Unsynced {
            settings.extend([
                "fsync=off",
                "full_page_writes=off",
                "synchronous_commit=off",
            ]);
        }
        for setting in &settings {
            command.extend(["-c", setting].map(OsStr::new));
        }
        // SIGINT: connections end at once, and the data are left in order.
        *self.lock() = Some(Guarded::start(&command, "INT", &self.folder)?);
        let is_ready = || self.execute("postgres", "SELECT 1").is_ok();
        match until_ready(is_ready) {
            true => Ok(()),
            false => Err(ServiceError::Silent("PostgreSQL")),
        }
    }

    /// Ends the server as if the machine had lost its power; every connection ends with it.
    ///
    /// # Errors
    /// The server cannot be reached.
    pub fn stop(&self) -> Result<(), ServiceError> {
        let server = self.lock().take();
        // SIGQUIT: nothing is written any more, as in a crash, but the children end, too.
        Ok(server.map_or(Ok(()), |server| server.stop("QUIT"))?)
    }

    /// Creates an empty database and returns its address.
    ///
    /// # Errors
    /// The server refuses.
    pub fn create_database(&self) -> Result<String, ServiceError> {
        let number = self.databases.fetch_add(1, Ordering::Relaxed);
        let name = format!("test{number}");
        self.execute("postgres", &format!("CREATE DATABASE {name}"))?;
        Ok(self.url(&name))
    }

    /// Runs a command of SQL in a database.
    ///
    /// # Errors
    /// The server refuses.
    pub fn execute(&self, database: &str, sql: &str) -> Result<String, ServiceError> {
        let psql = find("psql", "postgresql-client", postgres_folders())?;
        let mut command = Command::new(psql);
        command.args(["--no-psqlrc", "--quiet", "--tuples-only", "--no-align"]);
        command.args(["--set=ON_ERROR_STOP=1", "--command", sql]);
        run(command.arg(self.url(database)))
    }

    /// How many transactions a second `connections` of `pgbench` make, each running this script over
    /// and over for so many seconds.
    ///
    /// # Errors
    /// `pgbench` is not installed, or fails.
    pub fn transactions_per_second(
        &self,
        database: &str,
        script: &str,
        connections: usize,
        seconds: u64,
    ) -> Result<f64, ServiceError> {
        let pgbench = find("pgbench", "postgresql", postgres_folders())?;
        let file = self.folder.with_extension("pgbench.sql");
        std::fs::write(&file, script)?;
        let mut command = Command::new(pgbench);
        command.args(["--no-vacuum", "--client", &connections.to_string()]);
        command.args(["--time", &seconds.to_string(), "--file"]);
        let output = run(command.arg(&file).arg(self.url(database)));
        drop(std::fs::remove_file(&file));
        let output = output?;
        let lines = output.lines();
        let tps = lines.filter_map(|line| line.strip_prefix("tps = "));
        let mut tps = tps.filter_map(|rest| rest.split(' ').next()?.parse().ok());
        tps.next_back().ok_or(ServiceError::Silent("pgbench"))
    }

    /// The folder of its data, removed with it.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The address of a database.
    #[must_use]
    pub fn url(&self, database: &str) -> String {
        format!("postgres://hubbub@127.0.0.1:{}/{database}", self.port)
    }

    fn lock(&self) -> MutexGuard<'_, Option<Guarded>> {
        self.server.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A command that does not run as root.
fn without_privileges(program: &Path) -> Command {
    let mut words = unprivileged().into_iter();
    let Some(first) = words.next() else {
        return Command::new(program);
    };
    let mut command = Command::new(first);
    command.args(words).arg(program);
    command
}

/// Runs a command to its end. Returns what it wrote to standard output.
fn run(command: &mut Command) -> Result<String, ServiceError> {
    let done = command.stdin(Stdio::null()).output()?;
    let text = |bytes| String::from_utf8_lossy(bytes).trim().to_owned();
    if done.status.success() {
        return Ok(text(&done.stdout));
    }
    Err(ServiceError::Failed {
        command: format!("{command:?}"),
        output: text(&done.stderr),
    })
}

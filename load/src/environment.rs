//! What a run needs of the machine: a folder, descriptors, processors, a seed.

use anyhow::{Context, Result};
use nix::sched::{CpuSet, sched_setaffinity};
use nix::sys::resource::{Resource, getrlimit, setrlimit};
use nix::unistd::Pid;
use std::hash::{BuildHasher, RandomState};
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// A folder that is gone after the run, unless it was named or the run failed.
pub(crate) struct Environment {
    path: PathBuf,
    temporary: Option<TempDir>,
}

impl Environment {
    /// A folder of the run's own, in `parent` or where the system keeps temporary files.
    pub(crate) fn new(parent: Option<&PathBuf>) -> Result<Self> {
        let temporary = match parent {
            Some(parent) => {
                std::fs::create_dir_all(parent)?;
                TempDir::with_prefix_in("hubbub-load-", parent)
            }
            None => TempDir::with_prefix("hubbub-load-"),
        };
        let temporary = temporary.context("making a folder for the run")?;
        Ok(Self {
            path: temporary.path().to_owned(),
            temporary: Some(temporary),
        })
    }

    pub(crate) fn folder(&self) -> &Path {
        &self.path
    }

    /// Keeps the folder, and says where it is.
    pub(crate) fn keep(&mut self) -> String {
        if let Some(temporary) = self.temporary.take() {
            self.path = temporary.keep();
        }
        self.path.display().to_string()
    }
}

/// A seed that nobody has chosen.
pub(crate) fn seed() -> u64 {
    RandomState::new().hash_one(std::process::id()) % 1_000_000_000
}

/// Lets this process, and the server it starts, have so many descriptors each.
pub(crate) fn raise_descriptors(wanted: usize) -> Result<()> {
    let wanted = u64::try_from(wanted)?;
    let (soft, hard) = getrlimit(Resource::RLIMIT_NOFILE)?;
    if soft >= wanted {
        return Ok(());
    }
    // Only root may raise the second.
    setrlimit(Resource::RLIMIT_NOFILE, wanted, hard.max(wanted)).with_context(|| {
        format!("{wanted} open files are needed and {hard} allowed: see `ulimit -n`")
    })
}

/// Keeps this thread, and the processes it starts from now on, on one processor.
pub(crate) fn pin_to_cpu(cpu: usize) -> Result<()> {
    let mut cpus = CpuSet::new();
    cpus.set(cpu)?;
    sched_setaffinity(Pid::from_raw(0), &cpus)
        .with_context(|| format!("`--pin` needs the CPUs 0 and 1, and CPU {cpu} is not to be had"))
}

/// How many processes wanted a processor in the last minute; 0 where the system does not say.
pub(crate) fn load_average() -> f64 {
    let text = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    let first = text.split(' ').next().and_then(|first| first.parse().ok());
    first.unwrap_or_default()
}

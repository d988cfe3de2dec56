//! How many files the process may have open: every connection is one.

/// Descriptors that are no connections: the database, its readers, the workers' own.
#[cfg(unix)]
const BESIDE: u64 = 100;

/// Raises the soft limit (`RLIMIT_NOFILE`) to the hard one, and says what that leaves room for.
#[cfg(unix)]
pub fn raise(connections_max: usize) {
    use nix::sys::resource::{Resource, getrlimit, setrlimit};
    let raised = getrlimit(Resource::RLIMIT_NOFILE).and_then(|(soft, hard)| {
        setrlimit(Resource::RLIMIT_NOFILE, hard, hard)?;
        Ok((soft, hard))
    });
    let (before, allowed) = match raised {
        Ok(limits) => limits,
        Err(error) => return tracing::warn!(%error, "the limit of open files cannot be raised"),
    };
    let connections = allowed.saturating_sub(BESIDE);
    let wanted = u64::try_from(connections_max).unwrap_or(u64::MAX);
    if connections < wanted {
        tracing::warn!(
            allowed,
            connections,
            wanted,
            "open files are allowed for fewer connections than `limits.connections_max`; \
             see `ulimit -Hn`"
        );
    } else {
        tracing::info!(before, allowed, "open files");
    }
}

/// Elsewhere there is no such limit.
#[cfg(not(unix))]
pub fn raise(_connections_max: usize) {}

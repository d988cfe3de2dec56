//! The limit of open files. Every connection uses one descriptor.

/// Descriptors that are no connections: the database, its readers, the workers' own.
#[cfg(unix)]
const BESIDE: u64 = 100;

/// Descriptors that room is made for at once, at most: 8 MiB of the kernel's memory.
#[cfg(unix)]
const AT_ONCE_MAX: u64 = 1 << 20;

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
    let expected = wanted.saturating_add(BESIDE).min(allowed).min(AT_ONCE_MAX);
    if let Err(error) = make_room(expected) {
        tracing::debug!(%error, "no room was made for descriptors");
    }
}

/// Has the process's table of open files grow now. Linux grows it by doubling, and where there are
/// threads, waits each time until none can be looking at the old one: some twenty milliseconds in
/// which a crowd that returns stands before the door.
#[cfg(unix)]
fn make_room(descriptors: u64) -> std::io::Result<()> {
    use nix::fcntl::{FcntlArg, fcntl};
    let file = std::fs::File::open("/dev/null")?;
    let last = i32::try_from(descriptors.saturating_sub(1)).unwrap_or(i32::MAX);
    // Whatever has the last number grows the table, and the table stays as it is.
    let copy = fcntl(&file, FcntlArg::F_DUPFD_CLOEXEC(last))?;
    Ok(nix::unistd::close(copy)?)
}

/// The connections that the limit of open files leaves room for.
#[cfg(unix)]
#[must_use]
pub fn connections_max() -> usize {
    use nix::sys::resource::{Resource, getrlimit};
    let (allowed, _) = getrlimit(Resource::RLIMIT_NOFILE).unwrap_or((u64::MAX, u64::MAX));
    usize::try_from(allowed.saturating_sub(BESIDE)).unwrap_or(usize::MAX)
}

/// Elsewhere there is no such limit.
#[cfg(not(unix))]
pub fn raise(_connections_max: usize) {}

/// Elsewhere there is no such limit.
#[cfg(not(unix))]
#[must_use]
pub fn connections_max() -> usize {
    usize::MAX
}

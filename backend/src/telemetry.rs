//! Logging: `tracing` to standard error, filtered by `HUBBUB_LOG` (as `info` or `backend=debug`).

use tracing_subscriber::EnvFilter;

/// Starts logging. Later calls do nothing.
pub fn init(json: bool) {
    let filter = EnvFilter::try_from_env("HUBBUB_LOG").unwrap_or_else(|_| EnvFilter::new("info"));
    let lines = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr);
    // A second start in one process (tests) keeps the first one's logging.
    drop(if json {
        lines.json().try_init()
    } else {
        lines.try_init()
    });
}

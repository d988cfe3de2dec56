//! Logging: `tracing` to standard error, filtered by `HUBBUB_LOG` (as `info` or `backend=debug`).
//!
//! A log must not harm the server: lines that cannot be written are dropped and counted, and the
//! count is logged as soon as a line can be written again.

use std::io::{self, Write};
use std::sync::atomic::{AtomicU64, Ordering};
use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::MakeWriter;

/// Starts logging. Later calls do nothing.
pub fn init(json: bool) {
    let filter = EnvFilter::try_from_env("HUBBUB_LOG").unwrap_or_else(|_| EnvFilter::new("info"));
    let lines = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .log_internal_errors(false)
        .with_writer(LossyLog::new(io::stderr));
    // A second start in one process (tests) keeps the first one's logging.
    drop(if json {
        lines.json().try_init()
    } else {
        lines.try_init()
    });
}

/// Writes lines to what `open` gives, and drops those that it does not take.
struct LossyLog<F> {
    open: F,
    dropped: AtomicU64,
}

impl<F> LossyLog<F> {
    fn new(open: F) -> Self {
        let dropped = AtomicU64::new(0);
        Self { open, dropped }
    }
}

/// One line on its way.
struct Line<'a, W> {
    out: W,
    dropped: &'a AtomicU64,
}

impl<'a, W: Write + 'a, F: Fn() -> W + 'static> MakeWriter<'a> for LossyLog<F> {
    type Writer = Line<'a, W>;

    fn make_writer(&'a self) -> Self::Writer {
        Line {
            out: (self.open)(),
            dropped: &self.dropped,
        }
    }
}

impl<W: Write> Write for Line<'_, W> {
    /// Never fails, and takes all of the line.
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        if self.out.write_all(line).is_err() {
            self.dropped.fetch_add(1, Ordering::Relaxed);
            return Ok(line.len());
        }
        let dropped = self.dropped.swap(0, Ordering::Relaxed);
        if dropped > 0 {
            let told = writeln!(self.out, "{dropped} lines of the log could not be written");
            if told.is_err() {
                self.dropped.fetch_add(dropped, Ordering::Relaxed);
            }
        }
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use parking_lot::Mutex;
    use std::sync::Arc;
    use std::sync::atomic::AtomicBool;

    /// A file on a disk that may be full.
    #[derive(Clone, Default)]
    struct Disk {
        full: Arc<AtomicBool>,
        text: Arc<Mutex<Vec<u8>>>,
    }

    impl Write for Disk {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            if self.full.load(Ordering::Relaxed) {
                return Err(io::ErrorKind::StorageFull.into());
            }
            self.text.lock().write(bytes)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn lines_that_cannot_be_written_are_dropped_and_counted() {
        let disk = Disk::default();
        let opened = disk.clone();
        let log = LossyLog::new(move || opened.clone());
        for (line, full) in [("a\n", false), ("b\n", true), ("c\n", true), ("d\n", false)] {
            disk.full.store(full, Ordering::Relaxed);
            log.make_writer().write_all(line.as_bytes()).unwrap();
        }
        let text = String::from_utf8(disk.text.lock().clone()).unwrap();
        assert_eq!(text, "a\nd\n2 lines of the log could not be written\n");
    }
}

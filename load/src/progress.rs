//! A line that says how far a run is: drawn over itself in a terminal, seldom elsewhere.

use std::io::{IsTerminal, Write, stderr};
use std::time::Duration;
use tokio::time::Instant;

/// Between two lines in a terminal.
const TERMINAL_EVERY: Duration = Duration::from_millis(250);
/// Between two lines in a file.
const FILE_EVERY: Duration = Duration::from_secs(10);

/// Writes to standard error, so that the result can be taken from standard output.
pub(crate) struct Progress {
    start: Instant,
    last: Option<Instant>,
    terminal: bool,
}

impl Progress {
    pub(crate) fn new() -> Self {
        Self {
            start: Instant::now(),
            last: None,
            terminal: stderr().is_terminal(),
        }
    }

    /// Says it, if the last line is old enough.
    pub(crate) fn say(&mut self, words: impl FnOnce() -> String) {
        let every = if self.terminal {
            TERMINAL_EVERY
        } else {
            FILE_EVERY
        };
        if self.last.is_some_and(|last| last.elapsed() < every) {
            return;
        }
        self.last = Some(Instant::now());
        let seconds = self.start.elapsed().as_secs();
        let line = format!("{seconds:>4} s  {}", words());
        let _ = match self.terminal {
            true => write!(stderr(), "\r\x1b[2K{line}"),
            false => writeln!(stderr(), "{line}"),
        };
    }

    /// Begins a part of the run: said at once, on a line of its own.
    pub(crate) fn begin(&mut self, words: &str) {
        self.last = None;
        self.say(|| words.to_owned());
        self.end();
    }

    /// Leaves the line, since something else is about to be printed.
    pub(crate) fn end(&mut self) {
        if self.terminal {
            let _ = writeln!(stderr());
        }
        self.last = None;
    }
}

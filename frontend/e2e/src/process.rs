//! A program under test, whose output is watched and which ends when it is dropped.
//!
//! It stays in the test's process group, so that Ctrl-C in a terminal ends it too.

use crate::wait::eventually_within;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use std::io::{BufRead, BufReader, Read};
use std::process::{Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

/// How long a program may take to end after it was asked.
const POLITE_TIME_MAX: Duration = Duration::from_secs(20);

/// A running program.
pub struct Process {
    name: &'static str,
    pid: Pid,
    ended: Receiver<ExitStatus>,
    gone: bool,
    lines: Lines,
    session_end: Signal,
}

type Lines = Arc<Mutex<Vec<String>>>;

impl Process {
    /// Starts a program. Its output appears in the test's own, each line with the name before it.
    #[must_use]
    pub fn start(name: &'static str, command: &mut Command) -> Self {
        let piped = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut child = piped
            .spawn()
            .unwrap_or_else(|error| panic!("starting {name}: {error}"));
        let pid = Pid::from_raw(i32::try_from(child.id()).expect("a process id fits an i32"));
        let lines = Lines::default();
        let outputs: [Option<Box<dyn Read + Send>>; 2] = [
            child.stdout.take().map(|pipe| Box::new(pipe) as _),
            child.stderr.take().map(|pipe| Box::new(pipe) as _),
        ];
        for output in outputs.into_iter().flatten() {
            let lines = Arc::clone(&lines);
            thread::spawn(move || watch(name, output, &lines));
        }
        let (sender, ended) = channel();
        thread::spawn(move || child.wait().map(|status| sender.send(status)));
        Self {
            name,
            pid,
            ended,
            gone: false,
            lines,
            session_end: Signal::SIGKILL,
        }
    }

    /// Asks politely at the end instead of killing, for a program that has children of its own.
    #[must_use]
    pub fn ended_by_interrupt(mut self) -> Self {
        self.session_end = Signal::SIGINT;
        self
    }

    /// How many lines it has written so far, to be given to [`Process::wait_line`] later.
    #[must_use]
    pub fn line_count(&self) -> usize {
        self.read_lines(Vec::len)
    }

    /// Waits for the first line, not counting the first `skipped`, of which `pick` makes something.
    /// Gives back what it made, and how many lines were read up to and with that line.
    pub async fn wait_line<T>(
        &self,
        what: &str,
        time_max: Duration,
        skipped: usize,
        pick: impl Fn(&str) -> Option<T>,
    ) -> (T, usize) {
        let what = format!("{} to say {what}", self.name);
        let find = |lines: &Vec<String>| {
            let mut numbered = lines.iter().enumerate().skip(skipped);
            numbered.find_map(|(index, line)| Some((pick(line)?, index + 1)))
        };
        eventually_within(time_max, &what, || {
            let found = self.read_lines(find);
            assert!(
                found.is_some() || !self.has_ended(),
                "{} ended, waiting for {what}",
                self.name
            );
            async { found }
        })
        .await
    }

    /// Whether the program has ended by itself.
    fn has_ended(&self) -> bool {
        // Signal 0 asks only; a program that has ended and been waited for is not found.
        kill(self.pid, None).is_err()
    }

    /// Stops the program where it stands, or lets it go on: meanwhile it answers nobody, and its
    /// connections stay open.
    pub fn freeze(&self, frozen: bool) {
        let signal = if frozen {
            Signal::SIGSTOP
        } else {
            Signal::SIGCONT
        };
        kill(self.pid, signal).expect("the program is there to be stopped");
    }

    /// Sends a signal and waits until the program has ended.
    pub fn end(&mut self, signal: Signal) -> ExitStatus {
        self.try_end(signal)
            .unwrap_or_else(|| panic!("{} did not end on {signal}", self.name))
    }

    pub(crate) fn try_end(&mut self, signal: Signal) -> Option<ExitStatus> {
        // It may have ended already, which the wait will tell.
        let _ = kill(self.pid, signal);
        let status = self.ended.recv_timeout(POLITE_TIME_MAX).ok();
        self.gone |= status.is_some();
        status
    }

    fn read_lines<T>(&self, read: impl FnOnce(&Vec<String>) -> T) -> T {
        read(&self.lines.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        if !self.gone && self.try_end(self.session_end).is_none() {
            let _ = self.try_end(Signal::SIGKILL);
        }
    }
}

/// Keeps what a program writes, and shows it: the test's harness hides it unless the test fails.
fn watch(name: &str, output: impl Read, lines: &Lines) {
    for line in BufReader::new(output).split(b'\n').map_while(Result::ok) {
        let line = String::from_utf8_lossy(&line).into_owned();
        println!("{name}: {line}");
        lines
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(line);
    }
}

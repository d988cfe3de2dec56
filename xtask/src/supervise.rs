//! Keeping programs running beside each other, and ending them together and politely.
//!
//! Each child leads a process group of its own. So a Ctrl-C reaches only xtask, which passes it on
//! exactly once, to the child and to whatever the child has started (Trunk's cargo, for one).

use crate::clock::now;
use crate::command;
use anyhow::{Context, Result, bail};
use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;
use std::os::unix::process::CommandExt;
use std::process::{Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread;
use std::time::Duration;

/// How long a child may take to end after it was asked.
const POLITE_TIME_MAX: Duration = Duration::from_secs(15);

/// How long to wait between two questions whether a child is ready.
const READY_INTERVAL: Duration = Duration::from_millis(50);

/// What the supervisor waits for.
enum Event {
    /// Ctrl-C, or a request to end from outside.
    Interrupted,
    /// A child has ended.
    Ended {
        name: &'static str,
        status: ExitStatus,
    },
}

/// Owns the children; when it is dropped, they are gone.
pub(crate) struct Supervisor {
    events: Receiver<Event>,
    sender: Sender<Event>,
    running: Vec<(&'static str, Pid)>,
}

impl Supervisor {
    /// From here on Ctrl-C is an event and no longer the end of this program. Once per process.
    pub(crate) fn new() -> Result<Self> {
        let (sender, events) = channel();
        let interrupts = sender.clone();
        ctrlc::set_handler(move || {
            // Nobody listens any more only when this program is ending anyway.
            let _ = interrupts.send(Event::Interrupted);
        })
        .context("taking over Ctrl-C")?;
        Ok(Self {
            events,
            sender,
            running: Vec::new(),
        })
    }

    /// Starts a child. Its name appears in messages.
    pub(crate) fn start(&mut self, name: &'static str, command: &mut Command) -> Result<()> {
        let mut child = command
            .stdin(Stdio::null())
            .process_group(0)
            .spawn()
            .map_err(|error| command::not_started(command, &error))?;
        let pid = Pid::from_raw(i32::try_from(child.id()).context("a process id beyond i32")?);
        self.running.push((name, pid));
        let ends = self.sender.clone();
        thread::spawn(move || {
            if let Ok(status) = child.wait() {
                let _ = ends.send(Event::Ended { name, status });
            }
        });
        Ok(())
    }

    /// Waits until `ready` says yes. An error when a child ends first, or the time is over.
    pub(crate) fn wait_until(
        &mut self,
        what: &str,
        time_max: Duration,
        ready: impl Fn() -> bool,
    ) -> Result<()> {
        let deadline = now() + time_max;
        while !ready() {
            match self.events.recv_timeout(READY_INTERVAL) {
                Ok(Event::Interrupted) => bail!("interrupted while waiting for {what}"),
                Ok(Event::Ended { name, status }) => {
                    self.forget(name);
                    bail!("{name} ended ({status}) before {what}");
                }
                Err(RecvTimeoutError::Timeout) if now() < deadline => {}
                Err(_) => bail!("no sign of {what} after {} s", time_max.as_secs()),
            }
        }
        Ok(())
    }

    /// Waits for Ctrl-C or the end of any child, then ends the others too.
    ///
    /// It is a success only when everybody was asked to end and did so in order.
    pub(crate) fn until_end(mut self) -> Result<()> {
        let first = self.events.recv().context("waiting for the end")?;
        match first {
            Event::Interrupted => self.stop_all(),
            Event::Ended { name, status } => {
                self.forget(name);
                let others = self.stop_all();
                others.and_then(|()| bail!("{name} ended by itself ({status})"))
            }
        }
    }

    /// Asks all children to end and waits until they have, with force when time is over or the
    /// person has pressed Ctrl-C again.
    fn stop_all(&mut self) -> Result<()> {
        self.signal_all(Signal::SIGINT);
        let deadline = now() + POLITE_TIME_MAX;
        let mut trouble = Vec::new();
        while !self.running.is_empty() {
            match self
                .events
                .recv_timeout(deadline.saturating_duration_since(now()))
            {
                Ok(Event::Ended { name, status }) => {
                    self.forget(name);
                    if !ended_by_request(status) {
                        trouble.push(format!("{name} ended badly ({status})"));
                    }
                }
                Ok(Event::Interrupted) | Err(_) => {
                    let names: Vec<_> = self.running.iter().map(|(name, _)| *name).collect();
                    trouble.push(format!("{} had to be killed", names.join(" and ")));
                    self.signal_all(Signal::SIGKILL);
                    self.running.clear();
                }
            }
        }
        if trouble.is_empty() {
            Ok(())
        } else {
            bail!("{}", trouble.join("; "))
        }
    }

    /// A group outlives its leader while any of its members runs; one without members is no error.
    fn signal_all(&self, signal: Signal) {
        for (_, pid) in &self.running {
            let _ = killpg(*pid, signal);
        }
    }

    fn forget(&mut self, ended: &str) {
        self.running.retain(|(name, _)| *name != ended);
    }
}

/// Trunk and the server end with 0 after an interrupt; a program that does not handle it at all
/// dies of it, and that too is what was asked for.
fn ended_by_request(status: ExitStatus) -> bool {
    use std::os::unix::process::ExitStatusExt;
    status.success() || status.signal() == Some(Signal::SIGINT as i32)
}

impl Drop for Supervisor {
    fn drop(&mut self) {
        let _ = self.stop_all();
    }
}

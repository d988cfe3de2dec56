//! What is measured while people talk: the counters before and after.

use super::tally::Tally;
use crate::report::Case;
use crate::server::{Server, Shares, Threads};
use crate::times::{Times, per_second, ratio};
use anyhow::{Context, Result};
use nix::time::ClockId;
use std::sync::atomic::Ordering::Relaxed;
use std::time::Duration;
use tokio::time::Instant;

/// What was measured while people talked.
#[derive(Debug, Clone, Default)]
pub(crate) struct Talk {
    pub(crate) time: Duration,
    /// Messages that arrived: at the last member, or by their `ack`.
    pub(crate) messages: u64,
    pub(crate) deliveries: u64,
    /// By the clock: messages that were due by its end and had not arrived. Otherwise 0.
    pub(crate) behind: u64,
    /// A writer gave up following the clock.
    pub(crate) overrun: bool,
    /// From a message's setting out to its arriving.
    pub(crate) times: Times,
    pub(crate) server_cpu: Duration,
    /// What each of the server's threads had of it.
    pub(crate) threads: Shares,
    pub(crate) own_cpu: Duration,
    /// By how much the server's memory grew, at the most.
    pub(crate) growth_mib: f64,
}

impl Talk {
    /// The figures that every talk has.
    pub(crate) fn tell(&self, case: Case) -> Case {
        let each = |cpu: Duration, count: u64| cpu.as_secs_f64() * 1e6 / ratio(count.max(1));
        let cores = |cpu: Duration| cpu.as_secs_f64() / self.time.as_secs_f64();
        case.with("messages", "1/s", per_second(self.messages, self.time))
            .with("deliveries", "1/s", per_second(self.deliveries, self.time))
            .with(
                "server's CPU per delivery",
                "us",
                each(self.server_cpu, self.deliveries),
            )
            .with(
                "server's CPU per message",
                "us",
                each(self.server_cpu, self.messages),
            )
            .with("server", "cores", cores(self.server_cpu))
            .with("generator", "cores", cores(self.own_cpu))
    }
}

/// The counters at one moment.
pub(super) struct CounterSnapshot {
    pub(super) at: Instant,
    pub(super) delivered: u64,
    pub(super) arrived: u64,
    server_cpu: Duration,
    threads: Threads,
    own_cpu: Duration,
    pub(super) rss_mib: f64,
}

impl CounterSnapshot {
    /// What several servers use counts together; threads are told of the first.
    pub(super) fn take(tally: &Tally, servers: &[Server]) -> Result<Self> {
        let first = servers.first().context("there is a server")?;
        let cpu = servers.iter().map(Server::cpu).sum::<Result<Duration>>()?;
        Ok(Self {
            at: Instant::now(),
            delivered: tally.delivered.load(Relaxed),
            arrived: tally.arrived.load(Relaxed),
            server_cpu: cpu,
            threads: first.threads()?,
            own_cpu: ClockId::CLOCK_PROCESS_CPUTIME_ID.now()?.into(),
            rss_mib: rss_mib(servers)?,
        })
    }

    /// What came between an earlier moment and this one, as far as counters tell.
    pub(super) fn since(&self, before: &Self) -> Talk {
        Talk {
            time: self.at - before.at,
            messages: self.arrived - before.arrived,
            deliveries: self.delivered - before.delivered,
            server_cpu: self.server_cpu.saturating_sub(before.server_cpu),
            threads: self.threads.since(&before.threads),
            own_cpu: self.own_cpu.saturating_sub(before.own_cpu),
            ..Talk::default()
        }
    }
}

/// The memory of several servers, in MiB.
pub(super) fn rss_mib(servers: &[Server]) -> Result<f64> {
    servers.iter().map(Server::rss_mib).sum()
}

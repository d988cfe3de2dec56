//! `idle`: connections that have joined and say nothing: what each costs in memory, and what it
//! costs to look after them.

use crate::light_clients::{LightClientPlan, LightClients};
use crate::options::{CONNECTIONS_MAX, RunOptions, count, members_per_room, seconds};
use crate::progress::Progress;
use crate::report::Case;
use crate::run_scenario::run_scenario;
use crate::server::{Server, ServerPlan};
use crate::times::ratio;
use anyhow::{Result, ensure};
use clap::Args;
use serde::Serialize;
use std::path::Path;
use std::time::Duration;
use tokio::time::{Instant, sleep};

/// The usual heartbeat, for which the cost is told too.
const USUAL_HEARTBEAT: Duration = Duration::from_secs(25);

/// Hold connections that say nothing.
#[derive(Debug, Clone, Args, Serialize)]
pub(crate) struct IdleArguments {
    /// Connections, each of a person of its own, 1 to 90000.
    #[arg(long, default_value_t = 10_000, value_parser = count(1, CONNECTIONS_MAX))]
    connections: usize,
    /// Rooms that they are dealt out to evenly, at most as many as connections.
    #[arg(long, default_value_t = 100, value_parser = count(1, CONNECTIONS_MAX))]
    rooms: usize,
    /// Milliseconds between two heartbeats, 100 to 60000: short, so that there are some to measure.
    #[arg(long, default_value_t = 2000, value_parser = clap::value_parser!(u64).range(100..=60_000))]
    heartbeat_ms: u64,
    /// Seconds to measure, at least two heartbeats, at most 3600.
    #[arg(long, default_value_t = 10, value_parser = seconds())]
    seconds: u64,
    /// Rooms that are kept in memory (`live:`) instead of on disk.
    #[arg(long)]
    live: bool,
    #[command(flatten)]
    run: RunOptions,
}

impl IdleArguments {
    fn check(&self) -> Result<()> {
        members_per_room(self.connections, self.rooms)?;
        ensure!(
            self.seconds * 1000 >= self.heartbeat_ms * 2,
            "--seconds {} is less than two heartbeats of {} ms",
            self.seconds,
            self.heartbeat_ms
        );
        Ok(())
    }

    fn plan(&self, server: &Server, label: &str, rooms: usize, members: usize) -> LightClientPlan {
        LightClientPlan {
            live: self.live,
            ..LightClientPlan::new(server.address(), label, rooms, members)
        }
    }
}

/// Runs it; true when everybody was there in the end.
pub(crate) async fn idle(arguments: IdleArguments) -> Result<bool> {
    arguments.check()?;
    let run = async |folder: &Path, progress: &mut Progress| {
        let plan = ServerPlan::heartbeat(arguments.heartbeat_ms).told(&arguments.run);
        let server = Server::start(folder, plan).await?;
        measure(&arguments, &server, progress).await
    };
    let (options, connections) = (&arguments.run, arguments.connections);
    run_scenario("idle", &arguments, options, connections, run).await
}

async fn measure(
    arguments: &IdleArguments,
    server: &Server,
    progress: &mut Progress,
) -> Result<Vec<Case>> {
    // What a server needs for its first connection it does not need for each.
    let first = arguments.plan(server, "first", 1, 1);
    LightClients::gather(first, progress)
        .await?
        .call(progress)
        .await?;
    let before_mib = server.rss_mib()?;

    let members = members_per_room(arguments.connections, arguments.rooms)?;
    let plan = arguments.plan(server, "idle", arguments.rooms, members);
    let connections = u64::try_from(plan.people())?;
    let clients = LightClients::gather(plan, progress).await?;
    let each_kib = |now_mib: f64| (now_mib - before_mib) * 1024.0 / ratio(connections);
    let joined_kib = each_kib(server.rss_mib()?);

    let (began, cpu_before) = (Instant::now(), server.cpu()?);
    let time = Duration::from_secs(arguments.seconds);
    while began.elapsed() < time {
        progress.say(|| format!("{} s of heartbeats", began.elapsed().as_secs()));
        sleep(Duration::from_millis(200).min(time.saturating_sub(began.elapsed()))).await;
    }
    let cpu = server.cpu()?.saturating_sub(cpu_before).as_secs_f64();
    let beats = began.elapsed().as_secs_f64() * 1000.0 / ratio(arguments.heartbeat_ms);
    let beat_seconds = cpu / (beats * ratio(connections));
    let held_kib = each_kib(server.rss_mib()?);
    // Everybody must still be there, and be sent what is said.
    let books = clients.call(progress).await?;
    let usual = beat_seconds * ratio(connections) / USUAL_HEARTBEAT.as_secs_f64();
    let case = Case::new(format!("{connections} connections"))
        .with("memory per connection, joined", "KiB", joined_kib)
        .with("memory per connection, in the end", "KiB", held_kib)
        .with("CPU per heartbeat", "us", beat_seconds * 1e6)
        .with("CPU of a heartbeat every 25 s", "cores", usual);
    Ok(vec![books.tell(case)])
}

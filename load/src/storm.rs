//! `storm`: everybody connects, upgrades and joins at once.

use crate::light_clients::{LightClientPlan, LightClients};
use crate::options::{CONNECTIONS_MAX, RunOptions, count, members_per_room};
use crate::progress::Progress;
use crate::report::Case;
use crate::run_scenario::run_scenario;
use crate::server::{QUIET_MS, Server, ServerPlan};
use crate::times::{per_second, ratio};
use anyhow::Result;
use clap::Args;
use serde::Serialize;
use std::path::Path;
use tokio::time::Instant;

/// Connect and join as fast as the server takes it.
#[derive(Debug, Clone, Args, Serialize)]
pub(crate) struct StormArguments {
    /// Connections, each of a person of its own, 1 to 90000.
    #[arg(long, default_value_t = 5000, value_parser = count(1, CONNECTIONS_MAX))]
    connections: usize,
    /// Rooms that they are dealt out to evenly, at most as many as connections.
    #[arg(long, default_value_t = 50, value_parser = count(1, CONNECTIONS_MAX))]
    rooms: usize,
    /// Connections that are being opened side by side, 1 to 10000.
    #[arg(long, default_value_t = 200, value_parser = count(1, 10_000))]
    at_once: usize,
    /// Rooms that are kept in memory (`live:`) instead of on disk.
    #[arg(long)]
    live: bool,
    #[command(flatten)]
    run: RunOptions,
}

/// Runs it; true when everybody came in, and was sent what was said afterwards.
pub(crate) async fn storm(arguments: StormArguments) -> Result<bool> {
    members_per_room(arguments.connections, arguments.rooms)?;
    let run = async |folder: &Path, progress: &mut Progress| {
        let plan = ServerPlan::heartbeat(QUIET_MS).told(&arguments.run);
        let server = Server::start(folder, plan).await?;
        measure(&arguments, &server, progress).await
    };
    let (options, connections) = (&arguments.run, arguments.connections);
    run_scenario("storm", &arguments, options, connections, run).await
}

async fn measure(
    arguments: &StormArguments,
    server: &Server,
    progress: &mut Progress,
) -> Result<Vec<Case>> {
    let members = members_per_room(arguments.connections, arguments.rooms)?;
    let plan = LightClientPlan {
        live: arguments.live,
        at_once: arguments.at_once,
        ..LightClientPlan::new(server.address(), "storm", arguments.rooms, members)
    };
    let connections = u64::try_from(plan.people())?;
    let (began, cpu_before) = (Instant::now(), server.cpu()?);
    let clients = LightClients::gather(plan, progress).await?;
    let took = began.elapsed();
    let cpu = server.cpu()?.saturating_sub(cpu_before).as_secs_f64();
    let joins = clients.joins();
    let books = clients.call(progress).await?;
    let case = Case::new(format!("{connections} connections"))
        .with("connections", "1/s", per_second(connections, took))
        .with("joined, p50", "ms", joins.ms(50))
        .with("joined, p99", "ms", joins.ms(99))
        .with("joined, the last", "ms", joins.ms(100))
        .with(
            "server's CPU per connection",
            "us",
            cpu * 1e6 / ratio(connections),
        );
    Ok(vec![books.tell(case)])
}

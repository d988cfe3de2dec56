//! `slow-readers`: in a busy room some members stop reading for a while. Half of them read again
//! before the server gives up on them; the others are closed, and come back to where they were.
//! What that costs the others is seen beside the same room in which nobody stops.

use crate::light_clients::{LightClientPlan, LightClients, SendRate, Stall};
use crate::options::{RunOptions, count, seconds};
use crate::progress::Progress;
use crate::report::Case;
use crate::run_scenario::run_scenario;
use crate::server::{QUIET_MS, Server, ServerPlan};
use crate::times::ratio;
use anyhow::{Result, ensure};
use clap::Args;
use serde::Serialize;
use std::path::Path;
use std::slice::from_ref;
use std::time::Duration;

/// When the stalling begins: after the warming up, in the time that is measured.
const STALL_AFTER: Duration = Duration::from_millis(1500);

/// Stop some readers of a busy room for a while.
#[derive(Debug, Clone, Args, Serialize)]
pub(crate) struct SlowReadersArguments {
    /// Members of the room, 2 to 20000.
    #[arg(long, default_value_t = 200, value_parser = count(2, 20_000))]
    members: usize,
    /// Those of them who stop reading, fewer than all.
    #[arg(long, default_value_t = 20, value_parser = count(1, 20_000))]
    stalled: usize,
    /// Messages a second, 1 to 100000.
    #[arg(long, default_value_t = 500, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    rate: u32,
    /// Bytes of text in each message, 32 to 16384.
    #[arg(long, default_value_t = 1024, value_parser = count(32, 16_384))]
    bytes: usize,
    /// Milliseconds after which the server closes whoever takes nothing, 200 to 10000. One half
    /// stalls for half of that, the other for twice that.
    #[arg(long, default_value_t = 3000, value_parser = clap::value_parser!(u64).range(200..=10_000))]
    stall_max_ms: u64,
    /// Seconds to measure, 1 to 3600; three times the stall limit and more show all of it.
    #[arg(long, default_value_t = 10, value_parser = seconds())]
    seconds: u64,
    /// A room that is kept in memory (`live:`) instead of on disk: who is away for too long is told
    /// that something is missing.
    #[arg(long)]
    live: bool,
    #[command(flatten)]
    run: RunOptions,
}

/// Runs it; true when nobody missed anything, but in a live room what the server says is gone.
pub(crate) async fn slow_readers(arguments: SlowReadersArguments) -> Result<bool> {
    ensure!(
        arguments.stalled < arguments.members,
        "--stalled {} must be less than --members {}: somebody must read",
        arguments.stalled,
        arguments.members
    );
    let run = async |folder: &Path, progress: &mut Progress| {
        progress.begin("nobody stalls");
        let baseline = measure(&arguments, &folder.join("baseline"), 0, progress).await?;
        progress.begin(&format!("{} stall", arguments.stalled));
        let folder = folder.join("stalled");
        let stalled = measure(&arguments, &folder, arguments.stalled, progress).await?;
        Ok(vec![baseline, stalled])
    };
    let (options, members) = (&arguments.run, arguments.members);
    run_scenario("slow-readers", &arguments, options, members, run).await
}

/// Each case has a server of its own, so that neither inherits the other's memory.
async fn measure(
    arguments: &SlowReadersArguments,
    folder: &Path,
    stalled: usize,
    progress: &mut Progress,
) -> Result<Case> {
    let server_plan = ServerPlan {
        stall_max_ms: arguments.stall_max_ms,
        ..ServerPlan::heartbeat(QUIET_MS).told(&arguments.run)
    };
    let server = Server::start(folder, server_plan).await?;
    let plan = LightClientPlan {
        live: arguments.live,
        bytes: arguments.bytes,
        pace: SendRate::Rate(f64::from(arguments.rate)),
        stalls: stalls(stalled, Duration::from_millis(arguments.stall_max_ms)),
        ..LightClientPlan::new(server.address(), "slow", 1, arguments.members)
    };
    let time = Duration::from_secs(arguments.seconds);
    let (talk, books) = LightClients::run(plan, from_ref(&server), time, progress).await?;
    let name = match stalled {
        0 => "nobody stalls".to_owned(),
        stalled => format!("{stalled} stall"),
    };
    let case = talk
        .tell(Case::new(name))
        .with("last of the others, p50", "ms", talk.times.ms(50))
        .with("last of the others, p99", "ms", talk.times.ms(99))
        .with("growth of the server's memory", "MiB", talk.growth_mib)
        .with("closed by the server", "", ratio(books.closed));
    let case = books.tell(case);
    let faults = books.stalled;
    let silently = faults.lost + faults.doubled + faults.reordered + faults.foreign;
    let case = case.with_faults("missed in silence, or wrong, by the stalled", silently);
    Ok(match arguments.live {
        true => case.with("missed by the stalled, and told so", "", ratio(faults.told)),
        false => case.with_faults("missed by the stalled, and told so", faults.told),
    })
}

/// By turns shorter and longer than the server's stall limit.
fn stalls(count: usize, timeout: Duration) -> Vec<Stall> {
    let stall = |number: usize| Stall {
        after: STALL_AFTER,
        length: match number.is_multiple_of(2) {
            true => timeout / 2,
            false => timeout * 2,
        },
    };
    (0..count).map(stall).collect()
}

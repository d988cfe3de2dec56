//! `mass-return`: ten thousand clients are in their rooms, the server is killed and started, and
//! all of them come back at once.

use crate::clock::wait_until;
use crate::environment::seed;
use crate::final_check::final_check;
use crate::native_clients::{NativeClientPlan, NativeClients};
use crate::options::{CONNECTIONS_MAX, RunOptions, count, seconds};
use crate::progress::Progress;
use crate::report::Case;
use crate::rng::Rng;
use crate::run_scenario::run_scenario;
use crate::server::{Server, ServerPlan, Usage};
use crate::times::ratio;
use crate::verification::Verification;
use anyhow::{Context, Result};
use clap::Args;
use common::client::Config;
use serde::Serialize;
use std::path::Path;
use std::time::Duration;
use tokio::time::Instant;

/// The usual heartbeat: the run is about the return, not about the pings.
const HEARTBEAT_MS: u64 = 25_000;

/// Kill the server under many clients, start it again, and watch them return.
#[derive(Debug, Clone, Args, Serialize)]
pub(crate) struct MassReturnArguments {
    /// Clients, 1 to 90000, each the core that runs in the browser.
    #[arg(long, default_value_t = 10_000, value_parser = count(1, CONNECTIONS_MAX))]
    clients: usize,
    /// Rooms, 1 to 50000; each client is in one.
    #[arg(long, default_value_t = 200, value_parser = count(1, 50_000))]
    rooms: usize,
    /// Messages written before the kill, 0 to 1000000, and the tenth of them while the server is
    /// down.
    #[arg(long, default_value_t = 2_000, value_parser = count(0, 1_000_000))]
    messages: usize,
    /// Milliseconds for which the server is down, at most a minute.
    #[arg(long, default_value_t = 1_000, value_parser = clap::value_parser!(u64).range(..=60_000))]
    down_ms: u64,
    /// Seconds in which all must be back, 1 to 3600.
    #[arg(long, default_value_t = 120, value_parser = seconds())]
    heal: u64,
    /// Ask the server to end (SIGTERM) instead of killing it.
    #[arg(long)]
    polite: bool,
    #[command(flatten)]
    run: RunOptions,
}

/// Runs it; true when all came back and nothing was lost.
pub(crate) async fn mass_return(arguments: MassReturnArguments) -> Result<bool> {
    let run = async |folder: &Path, progress: &mut Progress| {
        Ok(vec![measure(&arguments, folder, progress).await?])
    };
    let (options, clients) = (&arguments.run, arguments.clients);
    run_scenario("mass-return", &arguments, options, clients, run).await
}

async fn measure(
    arguments: &MassReturnArguments,
    folder: &Path,
    progress: &mut Progress,
) -> Result<Case> {
    let mut rng = Rng::new(seed());
    let heal_max = Duration::from_secs(arguments.heal);
    let server_plan = ServerPlan::heartbeat(HEARTBEAT_MS).told(&arguments.run);
    let mut server = Server::start(folder, server_plan).await?;
    let plan = NativeClientPlan {
        clients: arguments.clients,
        rooms: arguments.rooms,
        rooms_each: 1,
        server: server.address(),
        config: Config::default(),
        many_sources: true,
    };
    let start = Instant::now();
    let mut natives = NativeClients::start(plan, rng.fork())?;
    natives.wait_live(heal_max).await?;
    let gathered = start.elapsed();
    progress.begin("everybody is live");
    talk(&mut natives, arguments.messages, progress).await?;

    if arguments.polite {
        server.stop().await?;
    } else {
        server.kill().await?;
    }
    for _ in 0..arguments.messages / 10 {
        natives.write_somewhere();
    }
    tokio::time::sleep(Duration::from_millis(arguments.down_ms)).await;
    server.rise().await?;
    progress.begin("the server is back");
    let back = wait_back(&natives, arguments.clients, heal_max, progress).await?;
    let usage = server.usage()?;
    let (verification, rested) = final_check(&natives, server.address(), heal_max).await?;
    rested?;
    for words in &verification.words {
        println!("  {words}");
    }
    let case = Case::new(format!("{} clients", arguments.clients)).with(
        "first gathering",
        "s",
        gathered.as_secs_f64(),
    );
    Ok(tell(case, back, usage, &verification))
}

/// The figures from the moment on at which the new server listens.
fn tell(case: Case, back: [f64; 3], usage: Usage, verification: &Verification) -> Case {
    let [half, most, all] = back;
    let count = |count: usize| u64::try_from(count).unwrap_or(u64::MAX);
    case.with("half are back after", "s", half)
        .with("99 in 100 are back after", "s", most)
        .with("all are back after", "s", all)
        .with("server's CPU until then", "s", usage.cpu.as_secs_f64())
        .with("server's memory, peak", "MiB", usage.peak_mib)
        .with("server's memory then (PSS)", "MiB", usage.pss_mib)
        .with("messages sent", "", ratio(count(verification.sent)))
        .with_faults("lost", count(verification.lost))
        .with_faults("doubled", count(verification.doubled))
        .with_faults("reordered", count(verification.reordered))
        .with_faults("foreign", count(verification.foreign))
        .with_faults("refused", count(verification.refused))
}

/// Some messages, and all of them stored.
async fn talk(natives: &mut NativeClients, messages: usize, progress: &mut Progress) -> Result<()> {
    for _ in 0..messages {
        natives.write_somewhere();
    }
    wait_until("all messages stored", Duration::from_secs(60), || {
        let (sent, acked) = natives.written();
        progress.say(|| format!("{sent} sent, {acked} acked"));
        acked == messages
    })
    .await?;
    Ok(())
}

/// The seconds until half, 99 in 100, and all are live.
async fn wait_back(
    natives: &NativeClients,
    clients: usize,
    time_max: Duration,
    progress: &mut Progress,
) -> Result<[f64; 3]> {
    let start = Instant::now();
    let mut seconds = [0.0; 3];
    for (part, second) in [clients / 2, clients - clients / 100, clients]
        .into_iter()
        .zip(&mut seconds)
    {
        wait_until("the return", time_max, || {
            let live = natives.live();
            progress.say(|| format!("{live} of {clients} are back"));
            live >= part
        })
        .await
        .with_context(|| format!("{} of {clients} are back", natives.live()))?;
        *second = start.elapsed().as_secs_f64();
    }
    Ok(seconds)
}

//! `mass-return`: ten thousand clients are in their rooms, the server is killed and started, and
//! all of them come back at once.

use crate::clock::wait_until;
use crate::crowd::{Crowd, CrowdPlan};
use crate::harvest::harvest;
use crate::place::{Place, raise_descriptors, seed};
use crate::progress::Progress;
use crate::rng::Rng;
use crate::server::{Server, Usage};
use crate::verdict::Verdict;
use anyhow::{Context, Result};
use clap::Args;
use common::client::Config;
use serde::Serialize;
use std::path::PathBuf;
use std::time::Duration;
use tokio::time::Instant;

/// The usual heartbeat: the run is about the return, not about the pings.
const HEARTBEAT_MS: u64 = 25_000;

/// Descriptors beyond one for each client.
const DESCRIPTORS_BESIDE: usize = 500;

/// Kill the server under a crowd, start it, and see the crowd return.
#[derive(Debug, Clone, Args)]
pub(crate) struct MassReturnArguments {
    /// Clients, each the core that runs in the browser.
    #[arg(long, default_value_t = 10_000)]
    clients: usize,
    /// Rooms; each client is in one.
    #[arg(long, default_value_t = 200)]
    rooms: usize,
    /// Messages written before the kill, and the tenth of them while the server is down.
    #[arg(long, default_value_t = 2_000)]
    messages: usize,
    /// Milliseconds for which the server is down.
    #[arg(long, default_value_t = 1_000)]
    down_ms: u64,
    /// Seconds in which all must be back.
    #[arg(long, default_value_t = 120)]
    heal: u64,
    /// Ask the server to end (SIGTERM) instead of killing it.
    #[arg(long)]
    polite: bool,
    /// Write the figures to this file, as JSON.
    #[arg(long)]
    json: Option<PathBuf>,
    /// Folder for the server's data [default: a temporary one].
    #[arg(long)]
    dir: Option<PathBuf>,
}

#[derive(Debug, Default, Serialize)]
struct Figures {
    clients: usize,
    rooms: usize,
    gathered_seconds: f64,
    /// From the moment the new server listens.
    half_back_seconds: f64,
    most_back_seconds: f64,
    all_back_seconds: f64,
    /// Of the new server, until all were back.
    cpu_seconds: f64,
    peak_mib: f64,
    pss_mib: f64,
    sent: usize,
    lost: usize,
    doubled: usize,
    reordered: usize,
}

/// Runs it; true when all came back and nothing was lost.
pub(crate) async fn mass_return(arguments: MassReturnArguments) -> Result<bool> {
    raise_descriptors(arguments.clients + DESCRIPTORS_BESIDE)?;
    let mut place = Place::new(arguments.dir.as_ref())?;
    let run = run(&arguments, &place).await;
    if run
        .as_ref()
        .map_or(true, |(_, verdict)| !verdict.is_sound())
    {
        eprintln!(
            "the run failed; the server's data and log: {}",
            place.keep()
        );
    }
    let (figures, verdict) = run?;
    print(&figures, &verdict);
    if let Some(file) = &arguments.json {
        std::fs::write(file, serde_json::to_string_pretty(&figures)?)
            .with_context(|| format!("writing {}", file.display()))?;
    }
    Ok(verdict.is_sound())
}

async fn run(arguments: &MassReturnArguments, place: &Place) -> Result<(Figures, Verdict)> {
    let (mut rng, mut progress) = (Rng::new(seed()), Progress::new());
    let heal_max = Duration::from_secs(arguments.heal);
    let mut server = Server::start(place.folder(), HEARTBEAT_MS).await?;
    let plan = CrowdPlan {
        clients: arguments.clients,
        rooms: arguments.rooms,
        rooms_each: 1,
        server: server.address(),
        config: Config::default(),
        many_sources: true,
    };
    let start = Instant::now();
    let mut crowd = Crowd::start(plan, rng.fork())?;
    crowd.wait_live(heal_max).await?;
    let gathered = start.elapsed();
    progress.begin("everybody is live");
    talk(&mut crowd, arguments.messages, &mut progress).await?;

    if arguments.polite {
        server.stop().await?;
    } else {
        server.kill().await?;
    }
    for _ in 0..arguments.messages / 10 {
        crowd.write_somewhere();
    }
    tokio::time::sleep(Duration::from_millis(arguments.down_ms)).await;
    server.rise().await?;
    progress.begin("the server is back");
    let back = wait_back(&crowd, arguments.clients, heal_max, &mut progress).await?;
    let usage: Usage = server.usage()?;
    let (verdict, rested) = harvest(&crowd, server.address(), heal_max).await?;
    rested?;
    let [half_back_seconds, most_back_seconds, all_back_seconds] = back;
    let figures = Figures {
        clients: arguments.clients,
        rooms: arguments.rooms,
        gathered_seconds: gathered.as_secs_f64(),
        half_back_seconds,
        most_back_seconds,
        all_back_seconds,
        cpu_seconds: usage.cpu_seconds,
        peak_mib: usage.peak_mib,
        pss_mib: usage.pss_mib,
        sent: verdict.sent,
        lost: verdict.lost,
        doubled: verdict.doubled,
        reordered: verdict.reordered,
    };
    Ok((figures, verdict))
}

/// Some messages, and all of them stored.
async fn talk(crowd: &mut Crowd, messages: usize, progress: &mut Progress) -> Result<()> {
    for _ in 0..messages {
        crowd.write_somewhere();
    }
    wait_until("all messages stored", Duration::from_secs(60), || {
        let (sent, acked) = crowd.written();
        progress.say(|| format!("{sent} sent, {acked} acked"));
        acked == messages
    })
    .await?;
    Ok(())
}

/// The seconds until half, 99 in 100, and all are live.
async fn wait_back(
    crowd: &Crowd,
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
            let live = crowd.live();
            progress.say(|| format!("{live} of {clients} are back"));
            live >= part
        })
        .await
        .with_context(|| format!("{} of {clients} are back", crowd.live()))?;
        *second = start.elapsed().as_secs_f64();
    }
    Ok(seconds)
}

fn print(figures: &Figures, verdict: &Verdict) {
    for words in &verdict.words {
        println!("  {words}");
    }
    println!("{:<36}{:>10}", "clients", figures.clients);
    println!("{:<36}{:>10}", "rooms", figures.rooms);
    for (name, value) in [
        ("first gathering, s", figures.gathered_seconds),
        ("half are back after, s", figures.half_back_seconds),
        ("99 in 100 are back after, s", figures.most_back_seconds),
        ("all are back after, s", figures.all_back_seconds),
        ("server's CPU until then, s", figures.cpu_seconds),
        ("server's memory, peak, MiB", figures.peak_mib),
        ("server's memory, then, MiB (PSS)", figures.pss_mib),
    ] {
        println!("{name:<36}{value:>10.2}");
    }
    for (name, value) in [
        ("messages sent", figures.sent),
        ("lost", figures.lost),
        ("doubled", figures.doubled),
        ("reordered", figures.reordered),
    ] {
        println!("{name:<36}{value:>10}");
    }
}

//! `chaos`: clients write and read through a network that fails, while the server is killed; then
//! every promise is checked. With `--cluster` there are several nodes, and everything between them
//! fails, too.

mod cluster;

use crate::environment::Environment;
use crate::final_check::final_check;
use crate::native_clients::{NativeClientPlan, NativeClients};
use crate::progress::Progress;
use crate::proxy::{Faults, Proxy};
use crate::rng::Rng;
use crate::server::{Server, ServerPlan};
use crate::verification::Verification;
use anyhow::{Context, Result};
use clap::Args;
use cluster::{Cluster, Fault};
use common::client::{BackoffConfig, Config};
use hubbub_client::Clock;
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;
use tokio::time::{Instant, sleep_until};

/// Each side looks after the other this often, or half-open connections would take up the run.
const HEARTBEAT_MS: u64 = 2_000;

/// All clients of a healthy server are in their rooms in this time.
const GATHER_MAX: Duration = Duration::from_secs(60);

/// Break the network and the server under writing clients, and check every promise.
#[derive(Debug, Clone, Args)]
pub(crate) struct ChaosArguments {
    /// Clients; every tenth of them crashes once, and comes back with its stored outbox.
    #[arg(long, default_value_t = 200)]
    clients: usize,
    /// Rooms; each client is in two.
    #[arg(long, default_value_t = 20)]
    rooms: usize,
    /// How often the server is killed (-9) and started again.
    #[arg(long, default_value_t = 20)]
    kills: usize,
    /// Messages that each client writes, on average.
    #[arg(long, default_value_t = 100)]
    messages: usize,
    /// Seconds over which the messages, the kills and the faults are spread.
    #[arg(long, default_value_t = 60)]
    seconds: u64,
    /// Seconds in which everything must be whole again, once the network is.
    #[arg(long, default_value_t = 60)]
    heal: u64,
    /// Decides the faults and their times [default: by the clock].
    #[arg(long)]
    seed: Option<u64>,
    /// Folder for the server's data, kept when the run fails [default: a temporary one].
    #[arg(long)]
    dir: Option<PathBuf>,
    /// A run of half a minute: 40 clients, 6 rooms, 4 kills.
    #[arg(long)]
    short: bool,
    /// Three nodes on two PostgreSQL servers and Redis behind nginx; each kill is then one of: a node
    /// killed, frozen, restarted or cut off from all that, Redis killed, a PostgreSQL server crashed.
    #[arg(long)]
    cluster: bool,
}

impl ChaosArguments {
    fn shortened(mut self) -> Self {
        if self.short {
            (self.clients, self.rooms, self.kills) = (40, 6, 4);
            (self.messages, self.seconds, self.heal) = (40, 12, 30);
        }
        self
    }
}

/// The figures of the run, beside the result.
struct Outcome {
    verification: Verification,
    rested: Result<Duration>,
    faults: Faults,
    kills: usize,
    crashes: usize,
    /// By kind: how often, and the longest time from the fault until a tenth of the clients had
    /// something acknowledged.
    recoveries: BTreeMap<&'static str, (usize, Duration)>,
    longest_away: Duration,
    took: Duration,
}

impl Outcome {
    fn is_sound(&self) -> bool {
        self.verification.is_sound() && self.rested.is_ok()
    }
}

/// Runs it; true when every promise was kept.
pub(crate) async fn chaos(arguments: ChaosArguments) -> Result<bool> {
    let arguments = arguments.shortened();
    let seed = arguments.seed.unwrap_or_else(crate::environment::seed);
    println!(
        "chaos: {} clients, {} rooms, {} kills, {} s, seed {seed}",
        arguments.clients, arguments.rooms, arguments.kills, arguments.seconds
    );
    let mut environment = Environment::new(arguments.dir.as_ref())?;
    let run = run(&arguments, seed, &environment).await;
    let again = |environment: &mut Environment| {
        let data = environment.keep();
        eprintln!("the run with seed {seed} failed; the server's data and log: {data}");
    };
    match run {
        Err(error) => {
            again(&mut environment);
            Err(error)
        }
        Ok(outcome) => {
            print(&outcome);
            if !outcome.is_sound() {
                again(&mut environment);
            }
            Ok(outcome.is_sound())
        }
    }
}

async fn run(arguments: &ChaosArguments, seed: u64, environment: &Environment) -> Result<Outcome> {
    let (clock, mut rng, mut progress) = (Clock::start(), Rng::new(seed), Progress::new());
    let folder = environment.folder();
    let mut target = match arguments.cluster {
        true => Target::Several(Cluster::start(folder, HEARTBEAT_MS).await?),
        false => Target::One(Box::new(
            Server::start(folder, ServerPlan::heartbeat(HEARTBEAT_MS)).await?,
        )),
    };
    let proxy = Proxy::start(target.address(), rng.fork()).await?;
    let plan = NativeClientPlan {
        clients: arguments.clients,
        rooms: arguments.rooms,
        rooms_each: 2,
        server: proxy.address(),
        config: config(arguments),
        many_sources: false,
    };
    let mut natives = NativeClients::start(plan, rng.fork())?;
    natives.wait_live(GATHER_MAX).await?;
    progress.begin("everybody is live; now the storm");

    proxy.set_stormy(true);
    let mut storm = Storm::new(arguments, rng.fork());
    storm.blow(&mut natives, &mut target, &mut progress).await?;
    proxy.set_stormy(false);

    progress.begin("the storm is over; waiting until everything is whole");
    let heal_max = Duration::from_secs(arguments.heal);
    let (verification, rested) = final_check(&natives, target.address(), heal_max).await?;
    let outcome = Outcome {
        verification,
        rested,
        faults: proxy.faults(),
        kills: storm.kills,
        crashes: storm.crashes,
        recoveries: storm.recoveries,
        longest_away: natives.longest_away(),
        took: clock.elapsed(),
    };
    natives.stop();
    target.stop().await?;
    Ok(outcome)
}

/// What is made to fail.
enum Target {
    One(Box<Server>),
    Several(Cluster),
}

impl Target {
    fn address(&self) -> SocketAddr {
        match self {
            Self::One(server) => server.address(),
            Self::Several(cluster) => cluster.address(),
        }
    }

    /// Something fails. Returns what, and for how long.
    async fn fail(&mut self, rng: &mut Rng) -> Result<(&'static str, Duration)> {
        match self {
            Self::One(server) => {
                server.kill().await?;
                let length = Duration::from_millis(rng.range(0, 600));
                Ok((Fault::Kill(0).kind(), length))
            }
            Self::Several(cluster) => {
                let (fault, length) = cluster.fail(rng).await?;
                Ok((fault.kind(), length))
            }
        }
    }

    async fn recover(&mut self) -> Result<()> {
        match self {
            Self::One(server) => server.rise().await,
            Self::Several(cluster) => cluster.recover().await,
        }
    }

    async fn stop(&mut self) -> Result<()> {
        match self {
            Self::One(server) => {
                let status = server.stop().await.context("after the run")?;
                anyhow::ensure!(status.success(), "the server ended badly ({status})");
                Ok(())
            }
            Self::Several(cluster) => cluster.stop().await,
        }
    }
}

/// As in the browser, but with shorter timeouts: a run is short, and there is no distance.
fn config(arguments: &ChaosArguments) -> Config {
    Config {
        // No view lets go of what it has shown.
        messages_max: arguments.clients * arguments.messages + 1,
        open_ms: 5_000,
        welcome_ms: 3_000,
        answer_ms: 10_000,
        probe_ms: 2_000,
        backoff: BackoffConfig {
            cap_ms: 3_000,
            ..BackoffConfig::default()
        },
        ..Config::default()
    }
}

/// The writing and the killing.
struct Storm {
    rng: Rng,
    /// From the beginning; the last first.
    writes: Vec<Duration>,
    kills_at: Vec<Duration>,
    crashes_at: Vec<Duration>,
    kills: usize,
    crashes: usize,
    recoveries: BTreeMap<&'static str, (usize, Duration)>,
}

impl Storm {
    fn new(arguments: &ChaosArguments, mut rng: Rng) -> Self {
        let length_ms = arguments.seconds.max(1) * 1000;
        let mut times = |count: usize| {
            let draw = |_| Duration::from_millis(rng.range(0, length_ms));
            let mut times: Vec<Duration> = (0..count).map(draw).collect();
            times.sort_by(|left, right| right.cmp(left));
            times
        };
        Self {
            writes: times(arguments.clients * arguments.messages),
            kills_at: times(arguments.kills),
            crashes_at: times(arguments.clients.div_ceil(10)),
            rng,
            kills: 0,
            crashes: 0,
            recoveries: BTreeMap::new(),
        }
    }

    async fn blow(
        &mut self,
        natives: &mut NativeClients,
        target: &mut Target,
        progress: &mut Progress,
    ) -> Result<()> {
        let start = Instant::now();
        // While something has failed: when it comes back.
        let mut failed: Option<Instant> = None;
        // What has failed, since when, and the number of acks at which it is overcome: one more for every
        // tenth client.
        let mut recovering: Option<(&'static str, Instant, usize)> = None;
        loop {
            let now = start.elapsed();
            while take_due(&mut self.writes, now) {
                natives.write_somewhere();
            }
            while take_due(&mut self.crashes_at, now) {
                natives.crash_somebody();
                self.crashes += 1;
            }
            if let Some((kind, since, acked)) = recovering
                && natives.written().1 >= acked
            {
                let longest = &mut self.recoveries.entry(kind).or_default().1;
                *longest = since.elapsed().max(*longest);
                recovering = None;
            }
            match failed {
                Some(until) if until <= Instant::now() => {
                    target.recover().await?;
                    failed = None;
                }
                // A kill that falls into the time it is down comes right after.
                None if take_due(&mut self.kills_at, now) => {
                    let (since, acked) = (Instant::now(), natives.written().1);
                    let (kind, length) = target.fail(&mut self.rng).await?;
                    self.kills += 1;
                    self.recoveries.entry(kind).or_default().0 += 1;
                    failed = Some(Instant::now() + length);
                    recovering = Some((kind, since, acked + natives.count().div_ceil(10)));
                }
                None if self.writes.is_empty() && self.kills_at.is_empty() => return Ok(()),
                _ => {}
            }
            progress.say(|| {
                let (sent, acked) = natives.written();
                let (live, kills) = (natives.live(), self.kills);
                format!("{live} live, {sent} sent, {acked} acked, {kills} kills")
            });
            sleep_until(Instant::now() + Duration::from_millis(2)).await;
        }
    }
}

/// Takes the next time, if it has come.
fn take_due(times: &mut Vec<Duration>, now: Duration) -> bool {
    let due = times.last().is_some_and(|at| *at <= now);
    if due {
        times.pop();
    }
    due
}

fn print(outcome: &Outcome) {
    let Outcome {
        verification,
        faults,
        ..
    } = outcome;
    for words in &verification.words {
        println!("  {words}");
    }
    let recovered = match &outcome.rested {
        Ok(time) => format!("{:.1} s", time.as_secs_f64()),
        Err(error) => format!("not in time: {error:#}"),
    };
    let away = outcome.longest_away.as_secs_f64();
    let took = outcome.took.as_secs_f64();
    for (name, value) in [
        ("sent", verification.sent),
        ("acked", verification.acked),
        ("stored", verification.stored),
        ("shown in views", verification.shown),
        ("lost", verification.lost),
        ("doubled", verification.doubled),
        ("reordered", verification.reordered),
        ("foreign", verification.foreign),
        ("refused", verification.refused),
        ("faults of the server", outcome.kills),
        ("client crashes", outcome.crashes),
        ("connections", faults.connections),
        ("cut", faults.cuts),
        ("one way before a cut", faults.one_way),
        ("stalled", faults.stalls),
        ("half open", faults.half_opens),
        ("delayed", faults.delayed),
    ] {
        println!("{name:<24}{value:>10}");
    }
    for (kind, (count, longest)) in &outcome.recoveries {
        let longest = format!("{:.1} s", longest.as_secs_f64());
        println!("{kind:<24}{count:>10}   acks again after {longest} at the most");
    }
    println!("{:<24}{:>10}", "longest away", format!("{away:.1} s"));
    println!("{:<24}{:>10}", "whole after", recovered);
    println!("{:<24}{:>10}", "took", format!("{took:.1} s"));
    // The form in which test programs close, so that it is counted as one.
    match outcome.is_sound() {
        true => println!("test result: ok. 1 passed; 0 failed"),
        false => println!("test result: FAILED. 0 passed; 1 failed"),
    }
}

//! `durable`: how many messages a second are acknowledged, which is to say on disk, and how long
//! that takes, with every message also sent to the members of its room.

mod baseline;
mod frames;
mod members;
mod report;

use crate::clock::wait_until;
use crate::place::{Place, raise_descriptors};
use crate::progress::Progress;
use crate::server::Server;
use anyhow::{Context, Result, ensure};
use baseline::Redis;
use clap::Args;
use members::{Member, Phase, Tally};
use nix::sys::resource::{UsageWho, getrusage};
use nix::sys::time::TimeValLike;
use report::{Level, Rate, Report, percentile};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::time::Duration;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep};

/// Members who only read send nothing, and are not to be taken for gone.
const HEARTBEAT_MS: u64 = 600_000;

/// For everybody to join, and for the last deliveries to come.
const SETTLE_MAX: Duration = Duration::from_secs(20);

/// Before the measuring begins.
const WARM_UP: Duration = Duration::from_secs(1);

/// Measure acknowledged messages, beside one SQLite commit per message and Redis Streams.
#[derive(Debug, Clone, Args)]
pub(crate) struct DurableArguments {
    /// Numbers of concurrent senders, each with one message under way.
    #[arg(long, value_delimiter = ',', default_values_t = [1, 10, 100, 1000])]
    senders: Vec<usize>,
    /// Members of each room; those who do not write only read.
    #[arg(long, default_value_t = 10)]
    members: usize,
    /// Bytes of text in each message.
    #[arg(long, default_value_t = 128)]
    bytes: usize,
    /// Seconds to measure for each number of senders.
    #[arg(long, default_value_t = 5)]
    seconds: u64,
    /// Leave Redis out.
    #[arg(long)]
    no_redis: bool,
    /// Write the figures to this file, as JSON.
    #[arg(long)]
    json: Option<PathBuf>,
    /// Folder for all data; what is measured is its disk [default: a temporary one].
    #[arg(long)]
    dir: Option<PathBuf>,
}

/// Runs it; true when every delivery came.
pub(crate) async fn durable(arguments: DurableArguments) -> Result<bool> {
    let most = arguments.senders.iter().copied().max().unwrap_or_default();
    raise_descriptors((most + 500) * 2)?;
    let place = Place::new(arguments.dir.as_ref())?;
    let mut progress = Progress::new();
    let redis = match arguments.no_redis {
        true => None,
        false => Redis::start(place.folder()).await?,
    };
    if redis.is_none() && !arguments.no_redis {
        println!("redis-server is not installed: its columns are left out");
    }
    let mut report = Report {
        bytes: arguments.bytes,
        levels: Vec::new(),
    };
    let server = Server::start(place.folder(), HEARTBEAT_MS).await?;
    let time = Duration::from_secs(arguments.seconds.max(1));
    for senders in arguments.senders.iter().copied() {
        // Each level has its baselines beside it: a disk is not as fast at all times.
        progress.begin(&format!("{senders} senders: one SQLite commit per message"));
        let one_commit = baseline::sqlite(place.folder(), arguments.bytes, time)?;
        let mut redis_rate = None;
        if let Some(redis) = &redis {
            progress.begin(&format!("{senders} senders: Redis Streams"));
            redis_rate = Some(redis.xadd(senders, arguments.bytes).await?);
        }
        progress.begin(&format!("{senders} senders: the server"));
        let level = measure(&arguments, &server, senders, one_commit, redis_rate).await?;
        report.levels.push(level);
    }
    println!("{}", report.table());
    if let Some(file) = &arguments.json {
        std::fs::write(file, serde_json::to_string_pretty(&report)?)
            .with_context(|| format!("writing {}", file.display()))?;
    }
    let missing: u64 = report.levels.iter().map(|level| level.missing).sum();
    if missing > 0 {
        println!("{missing} deliveries are missing");
    }
    Ok(missing == 0)
}

/// One number of senders, in rooms of its own: ten writers in each, one where there is but one.
async fn measure(
    arguments: &DurableArguments,
    server: &Server,
    senders: usize,
    one_commit: Rate,
    redis: Option<Rate>,
) -> Result<Level> {
    let rooms = (senders / 10).clamp(1, 100);
    let members = arguments.members.max(senders.div_ceil(rooms));
    let tally = Arc::<Tally>::default();
    let (phase, watched) = watch::channel(Phase::Gather);
    let mut tasks = JoinSet::new();
    for number in 0..rooms * members {
        let member = Member {
            server: server.address(),
            name: format!("bench-{senders}-{number}"),
            room: format!("bench-{senders}-{}", number % rooms).parse()?,
            writes: number < senders,
            bytes: arguments.bytes,
        };
        let (tally, watched) = (tally.clone(), watched.clone());
        tasks.spawn(async move { member.run(&tally, watched).await });
    }
    let everybody = u64::try_from(rooms * members)?;
    wait_until("everybody in the rooms", SETTLE_MAX, || {
        tally.joined.load(Relaxed) == everybody || tally.failed.load(Relaxed) > 0
    })
    .await?;
    tally.check()?;

    phase.send(Phase::Write)?;
    sleep(WARM_UP).await;
    let before = Snapshot::take(&tally, server)?;
    tally.measuring.store(true, Relaxed);
    sleep(Duration::from_secs(arguments.seconds.max(1))).await;
    tally.measuring.store(false, Relaxed);
    let after = Snapshot::take(&tally, server)?;
    phase.send(Phase::Rest)?;

    let copies = u64::try_from(members)?;
    let outstanding =
        || (tally.sent.load(Relaxed) * copies).abs_diff(tally.delivered.load(Relaxed));
    // What is missing then is a figure of the report.
    let _ = wait_until("every delivery", SETTLE_MAX, || outstanding() == 0).await;
    tally.check()?;
    let times = tally.take_times();
    let time = after.at - before.at;
    ensure!(!times.is_empty(), "nothing was acknowledged");
    let per_second = |count: f64| count / time.as_secs_f64();
    Ok(Level {
        senders,
        rooms,
        members,
        acked: Rate::new(
            times.len(),
            time,
            percentile(&times, 50),
            percentile(&times, 99),
        ),
        delivered_per_second: per_second(f64::from(u32::try_from(
            after.delivered - before.delivered,
        )?)),
        missing: outstanding(),
        server_cores: per_second(after.server_cpu - before.server_cpu),
        generator_cores: per_second(after.own_cpu - before.own_cpu),
        one_commit,
        redis,
    })
}

/// The counters at one moment.
struct Snapshot {
    at: Instant,
    delivered: u64,
    server_cpu: f64,
    own_cpu: f64,
}

impl Snapshot {
    fn take(tally: &Tally, server: &Server) -> Result<Self> {
        let own = getrusage(UsageWho::RUSAGE_SELF)?;
        let micros = own.user_time().num_microseconds() + own.system_time().num_microseconds();
        let micros = u64::try_from(micros)?;
        Ok(Self {
            at: Instant::now(),
            delivered: tally.delivered.load(Relaxed),
            server_cpu: server.usage()?.cpu_seconds,
            own_cpu: Duration::from_micros(micros).as_secs_f64(),
        })
    }
}

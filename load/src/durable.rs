//! `durable`: how many messages a second are acknowledged, which is to say on disk, and how long
//! that takes, with every message also sent to the members of its room.

pub(crate) mod baseline;

use crate::light_clients::{LightClientPlan, LightClients, SendRate};
use crate::options::{CONNECTIONS_MAX, RunOptions, count, seconds};
use crate::progress::Progress;
use crate::report::Case;
use crate::run_scenario::run_scenario;
use crate::server::{QUIET_MS, Server, ServerPlan};
use crate::times::per_second;
use anyhow::{Result, ensure};
use baseline::{Rate, Redis};
use clap::Args;
use serde::Serialize;
use std::path::Path;
use std::slice::from_ref;
use std::time::Duration;

/// Measure acknowledged messages, beside one SQLite commit per message and Redis Streams.
#[derive(Debug, Clone, Args, Serialize)]
pub(crate) struct DurableArguments {
    /// Numbers of concurrent senders, 1 to 10000, each with one message under way.
    #[arg(long, value_delimiter = ',', default_values_t = [1, 10, 100, 1000], value_parser = count(1, 10_000))]
    senders: Vec<usize>,
    /// Members of each room, 1 to 1000; those who do not write only read.
    #[arg(long, default_value_t = 10, value_parser = count(1, 1000))]
    members: usize,
    /// Bytes of text in each message, 32 to 16384.
    #[arg(long, default_value_t = 128, value_parser = count(32, 16_384))]
    bytes: usize,
    /// Seconds to measure for each number of senders, 1 to 3600.
    #[arg(long, default_value_t = 5, value_parser = seconds())]
    seconds: u64,
    /// Leave Redis out.
    #[arg(long)]
    no_redis: bool,
    #[command(flatten)]
    run: RunOptions,
}

impl DurableArguments {
    /// The rooms for so many senders, and the members of each: ten senders in a room, one where
    /// there is but one.
    fn halls(&self, senders: usize) -> (usize, usize) {
        let rooms = (senders / 10).clamp(1, 100);
        (rooms, self.members.max(senders.div_ceil(rooms)))
    }

    /// Connections that are open at once at the most.
    fn people(&self) -> usize {
        let people = self.senders.iter().map(|senders| {
            let (rooms, members) = self.halls(*senders);
            rooms * members
        });
        people.max().unwrap_or_default()
    }
}

/// Runs it; true when every delivery came, once and in order.
pub(crate) async fn durable(arguments: DurableArguments) -> Result<bool> {
    let people = arguments.people();
    ensure!(
        u64::try_from(people)? <= CONNECTIONS_MAX,
        "these --senders and --members are {people} connections; at most {CONNECTIONS_MAX} are opened"
    );
    let run = async |folder: &Path, progress: &mut Progress| {
        let redis = match arguments.no_redis {
            true => None,
            false => Redis::start(folder).await?,
        };
        if redis.is_none() && !arguments.no_redis {
            println!("redis-server is not installed: its figures are left out");
        }
        let plan = ServerPlan::heartbeat(QUIET_MS).told(&arguments.run);
        let server = Server::start(folder, plan).await?;
        let time = Duration::from_secs(arguments.seconds);
        let mut cases = Vec::new();
        for senders in arguments.senders.iter().copied() {
            // Each case has its baselines beside it: a disk is not as fast at all times.
            progress.begin(&format!("{senders} senders: one SQLite commit per message"));
            let one_commit = baseline::sqlite(folder, arguments.bytes, time)?;
            let mut redis_rate = None;
            if let Some(redis) = &redis {
                progress.begin(&format!("{senders} senders: Redis Streams"));
                redis_rate = Some(redis.xadd(senders, arguments.bytes).await?);
            }
            progress.begin(&format!("{senders} senders: the server"));
            let case = case(&arguments, &server, senders, progress).await?;
            cases.push(beside(case, &one_commit, redis_rate.as_ref()));
        }
        Ok(cases)
    };
    run_scenario("durable", &arguments, &arguments.run, people, run).await
}

/// One number of senders, in rooms of their own.
async fn case(
    arguments: &DurableArguments,
    server: &Server,
    senders: usize,
    progress: &mut Progress,
) -> Result<Case> {
    let (rooms, members) = arguments.halls(senders);
    let plan = LightClientPlan {
        writers: senders,
        bytes: arguments.bytes,
        pace: SendRate::Acked(1),
        ..LightClientPlan::new(
            server.address(),
            format!("durable-{senders}"),
            rooms,
            members,
        )
    };
    let time = Duration::from_secs(arguments.seconds);
    let (talk, books) = LightClients::run(plan, from_ref(server), time, progress).await?;
    let cores = |cpu: Duration| cpu.as_secs_f64() / talk.time.as_secs_f64();
    let case = Case::new(match senders {
        1 => "1 sender".to_owned(),
        _ => format!("{senders} senders"),
    })
    .with("acked", "1/s", per_second(talk.messages, talk.time))
    .with("time to ack, p50", "ms", talk.times.ms(50))
    .with("time to ack, p99", "ms", talk.times.ms(99))
    .with("deliveries", "1/s", per_second(talk.deliveries, talk.time))
    .with("server", "cores", cores(talk.server_cpu))
    .with("generator", "cores", cores(talk.own_cpu));
    Ok(books
        .tell(case)
        .with_faults("sent and not acked", books.unacked))
}

/// The same case with what others do on the same disk, and how it compares.
fn beside(case: Case, one_commit: &Rate, redis: Option<&Rate>) -> Case {
    let acked = case.figure("acked").map_or(0.0, |figure| figure.value);
    let case = case
        .with("one commit for each", "1/s", one_commit.per_second)
        .with("one commit for each, p50", "ms", one_commit.p50_ms)
        .with(
            "acked, by one commit for each",
            "x",
            acked / one_commit.per_second,
        );
    match redis {
        Some(redis) => case
            .with("Redis Streams", "1/s", redis.per_second)
            .with("Redis Streams, p50", "ms", redis.p50_ms)
            .with("acked, by Redis", "x", acked / redis.per_second),
        None => case,
    }
}

//! Acknowledged messages over three nodes, beside PostgreSQL with one commit for each message and Redis
//! Streams.

use super::ClusterArguments;
use crate::durable::baseline::Redis;
use crate::light_clients::{LightClientPlan, LightClients, SendRate};
use crate::nodes::{Backing, Nodes};
use crate::progress::Progress;
use crate::report::Case;
use crate::server::{QUIET_MS, ServerPlan};
use crate::times::per_second;
use anyhow::{Context, Result};
use services::Postgres;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tokio::task::spawn_blocking;

const NODES: usize = 3;

/// Connections that commit one message each, at the most: more than a server is set up for would wait.
const CONNECTIONS_MAX: usize = 100;

/// Members of a room.
const MEMBERS: usize = 10;

/// Bytes of text in each message.
const BYTES: usize = 128;

pub(super) async fn measure(
    arguments: &ClusterArguments,
    backing: &Backing,
    folder: &Path,
    progress: &mut Progress,
) -> Result<Vec<Case>> {
    let postgres = backing.postgres.first().context("there is a PostgreSQL")?;
    create_log(postgres)?;
    let redis = Redis::start(folder).await?;
    let plan = ServerPlan::heartbeat(QUIET_MS).told(&arguments.run);
    let nodes = backing.nodes(&folder.join("senders"), NODES, plan).await?;
    let mut cases = Vec::new();
    for senders in arguments.senders.iter().copied() {
        let mut commits = Vec::new();
        for connections in [1, senders.min(CONNECTIONS_MAX)] {
            progress.begin(&format!(
                "{senders} senders: {connections} × one commit each"
            ));
            commits.push(commit_each(postgres, connections, arguments.seconds).await?);
        }
        let mut streams = None;
        if let Some(redis) = &redis {
            progress.begin(&format!("{senders} senders: Redis Streams"));
            streams = Some(redis.xadd(senders, BYTES).await?.per_second);
        }
        progress.begin(&format!("{senders} senders: {NODES} nodes"));
        let case = case(arguments, &nodes, senders, progress).await?;
        cases.push(beside(case, &commits, streams));
    }
    Ok(cases)
}

fn create_log(postgres: &Postgres) -> Result<()> {
    let sql = "CREATE TABLE IF NOT EXISTS baseline (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, content text)";
    postgres.execute("postgres", sql)?;
    Ok(())
}

async fn commit_each(postgres: &Arc<Postgres>, connections: usize, seconds: u64) -> Result<f64> {
    let postgres = Arc::clone(postgres);
    let script = format!(
        "INSERT INTO baseline (content) VALUES ('{}');\n",
        "x".repeat(BYTES)
    );
    let rate = spawn_blocking(move || {
        postgres.transactions_per_second("postgres", &script, connections, seconds)
    });
    Ok(rate.await??)
}

async fn case(
    arguments: &ClusterArguments,
    nodes: &Nodes,
    senders: usize,
    progress: &mut Progress,
) -> Result<Case> {
    let rooms = (senders / MEMBERS).clamp(1, 100);
    let members = MEMBERS.max(senders.div_ceil(rooms));
    let label = format!("senders-{senders}");
    let plan = LightClientPlan {
        servers: nodes.addresses(),
        writers: senders,
        bytes: BYTES,
        pace: SendRate::Acked(1),
        ..LightClientPlan::new(nodes.nginx.address(), label, rooms, members)
    };
    let time = Duration::from_secs(arguments.seconds);
    let (talk, books) = LightClients::run(plan, &nodes.nodes, time, progress).await?;
    let cores = |cpu: Duration| cpu.as_secs_f64() / talk.time.as_secs_f64();
    let case = Case::new(format!("{senders} senders to {NODES} nodes"))
        .with("acked", "1/s", per_second(talk.messages, talk.time))
        .with("time to ack, p50", "ms", talk.times.ms(50))
        .with("time to ack, p99", "ms", talk.times.ms(99))
        .with("servers", "cores", cores(talk.server_cpu))
        .with("generator", "cores", cores(talk.own_cpu));
    Ok(books
        .tell(case)
        .with_faults("sent and not acked", books.unacked))
}

fn beside(mut case: Case, commits: &[f64], streams: Option<f64>) -> Case {
    let acked = case.figure("acked").map_or(0.0, |figure| figure.value);
    for (commits, who) in commits
        .iter()
        .zip(["one connection", "as many connections"])
    {
        case = case
            .with(&format!("one commit each, {who}"), "1/s", *commits)
            .with(&format!("acked, by those, {who}"), "x", acked / commits);
    }
    match streams {
        Some(streams) => case.with("Redis Streams", "1/s", streams).with(
            "acked, by Redis Streams",
            "x",
            acked / streams,
        ),
        None => case,
    }
}

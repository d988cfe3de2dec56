//! What presence costs on Redis: while users join rooms over three nodes, and while nothing happens.

use super::ClusterArguments;
use crate::light_clients::{LightClientPlan, LightClients};
use crate::nodes::Backing;
use crate::progress::Progress;
use crate::report::Case;
use crate::server::{QUIET_MS, ServerPlan};
use crate::times::ratio;
use anyhow::{Context, Result};
use services::Redis;
use std::path::Path;
use std::time::Duration;
use tokio::time::{Instant, sleep};

const NODES: usize = 3;

/// Users who join, dealt out to rooms of ten.
const USERS: usize = 3000;
const MEMBERS: usize = 10;

/// After the last join, so that all of them are told.
const TOLD_AFTER: Duration = Duration::from_secs(2);

/// What Redis has done so far.
#[derive(Debug, Clone, Copy)]
struct Work {
    commands: f64,
    bytes_in: f64,
    bytes_out: f64,
    cpu_seconds: f64,
}

impl Work {
    fn of(redis: &Redis) -> Result<Self> {
        let text = redis.info("stats")? + &redis.info("cpu")?;
        let value = |name: &str| -> Result<f64> {
            let mut lines = text.lines();
            let found = lines.find_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
            let found = found.with_context(|| format!("Redis does not say {name}"))?;
            Ok(found.trim().parse()?)
        };
        Ok(Self {
            commands: value("total_commands_processed")?,
            bytes_in: value("total_net_input_bytes")?,
            bytes_out: value("total_net_output_bytes")?,
            cpu_seconds: value("used_cpu_sys")? + value("used_cpu_user")?,
        })
    }
}

pub(super) async fn measure(
    arguments: &ClusterArguments,
    backing: &Backing,
    folder: &Path,
    progress: &mut Progress,
) -> Result<Case> {
    progress.begin("presence on Redis");
    let plan = ServerPlan::heartbeat(QUIET_MS).told(&arguments.run);
    let nodes = backing.nodes(&folder.join("presence"), NODES, plan).await?;
    let before = Work::of(&backing.redis)?;
    let plan = LightClientPlan {
        servers: nodes.addresses(),
        ..LightClientPlan::new(nodes.nginx.address(), "presence", USERS / MEMBERS, MEMBERS)
    };
    let clients = LightClients::gather(plan, progress).await?;
    sleep(TOLD_AFTER).await;
    let joined = Work::of(&backing.redis)?;
    let start = Instant::now();
    sleep(Duration::from_secs(arguments.seconds)).await;
    let rested = Work::of(&backing.redis)?;
    let seconds = start.elapsed().as_secs_f64();
    drop(clients);
    let joins = ratio(u64::try_from(USERS)?);
    let each = |value: fn(&Work) -> f64| (value(&joined) - value(&before)) / joins;
    let idle = |value: fn(&Work) -> f64| (value(&rested) - value(&joined)) / seconds;
    Ok(
        Case::new(format!("presence of {USERS} users on {NODES} nodes"))
            .with("Redis, commands per join", "", each(|work| work.commands))
            .with("Redis, bytes in per join", "B", each(|work| work.bytes_in))
            .with(
                "Redis, bytes out per join",
                "B",
                each(|work| work.bytes_out),
            )
            .with(
                "Redis, CPU per join",
                "us",
                each(|work| work.cpu_seconds) * 1e6,
            )
            .with("Redis at rest, commands", "1/s", idle(|work| work.commands))
            .with(
                "Redis at rest, bytes out",
                "B/s",
                idle(|work| work.bytes_out),
            )
            .with("Redis at rest", "cores", idle(|work| work.cpu_seconds)),
    )
}

//! The same traffic with one, two and three nodes: each room has members on every node, and a message
//! has arrived when the last of them has it.

use super::ClusterArguments;
use crate::light_clients::{LightClientPlan, LightClients, SendRate};
use crate::nodes::Backing;
use crate::progress::Progress;
use crate::report::Case;
use crate::server::{QUIET_MS, ServerPlan};
use anyhow::{Context, Result};
use std::path::Path;
use std::time::Duration;

const NODES_MAX: usize = 3;

const CPU: &str = "server's CPU per delivery";
const P99: &str = "last receiver, p99";

pub(super) async fn measure(
    arguments: &ClusterArguments,
    backing: &Backing,
    folder: &Path,
    progress: &mut Progress,
) -> Result<Vec<Case>> {
    let mut all = Vec::new();
    for round in 0..arguments.rounds {
        for count in 1..=NODES_MAX {
            progress.begin(&format!("{}, round {round}", name(count)));
            let folder = folder.join(format!("traffic-{round}-{count}"));
            all.push(one(arguments, backing, &folder, count, progress).await?);
        }
    }
    let medians: Vec<Case> = (1..=NODES_MAX)
        .map(|count| Case::median(&name(count), &all))
        .collect();
    let alone = medians.first().context("one node was measured")?.clone();
    let medians = medians.into_iter().map(|case| beside(case, &alone));
    Ok(medians.collect())
}

fn name(nodes: usize) -> String {
    match nodes {
        1 => "1 node".to_owned(),
        _ => format!("{nodes} nodes"),
    }
}

async fn one(
    arguments: &ClusterArguments,
    backing: &Backing,
    folder: &Path,
    count: usize,
    progress: &mut Progress,
) -> Result<Case> {
    let plan = ServerPlan::heartbeat(QUIET_MS).told(&arguments.run);
    let mut nodes = backing.nodes(folder, count, plan).await?;
    let (rooms, members) = (arguments.rooms, arguments.members);
    let first = nodes.nginx.address();
    let plan = LightClientPlan {
        servers: nodes.addresses(),
        pace: SendRate::Rate(f64::from(arguments.rate)),
        ..LightClientPlan::new(first, "traffic", rooms, members)
    };
    let time = Duration::from_secs(arguments.seconds);
    let (talk, books) = LightClients::run(plan, &nodes.nodes, time, progress).await?;
    for node in &mut nodes.nodes {
        node.stop().await?;
    }
    let case = talk.tell(Case::new(name(count)));
    let case = case
        .with("last receiver, p50", "ms", talk.times.ms(50))
        .with(P99, "ms", talk.times.ms(99));
    Ok(books.tell(case))
}

/// How it compares with one node.
fn beside(case: Case, alone: &Case) -> Case {
    let value = |case: &Case, name| case.figure(name).map_or(0.0, |figure| figure.value);
    let (cpu, p99) = (value(&case, CPU), value(&case, P99));
    case.with("p99 above one node's", "ms", p99 - value(alone, P99))
        .with("CPU, by one node's", "x", cpu / value(alone, CPU))
}

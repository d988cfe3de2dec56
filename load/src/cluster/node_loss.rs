//! One of three nodes is killed under its clients, which find the others through nginx.

use super::ClusterArguments;
use crate::clock::wait_until;
use crate::environment::seed;
use crate::final_check::final_check;
use crate::native_clients::{NativeClientPlan, NativeClients};
use crate::nodes::Backing;
use crate::progress::Progress;
use crate::report::Case;
use crate::rng::Rng;
use crate::server::ServerPlan;
use crate::times::ratio;
use crate::verification::Verification;
use anyhow::{Context, Result};
use common::client::Config;
use std::path::Path;
use std::time::Duration;
use tokio::time::Instant;

const NODES: usize = 3;

/// The usual heartbeat: the run is about the return, not about the pings.
const HEARTBEAT_MS: u64 = 25_000;

/// Rooms; each client is in one.
const ROOMS: usize = 200;

/// Messages before the node is killed; a tenth of them is written while clients are on their way.
const MESSAGES: usize = 2_000;

/// For everybody to join, and to be back.
const TIME_MAX: Duration = Duration::from_secs(180);

pub(super) async fn measure(
    arguments: &ClusterArguments,
    backing: &Backing,
    folder: &Path,
    progress: &mut Progress,
) -> Result<Case> {
    progress.begin("three nodes, and everybody joins");
    let plan = ServerPlan::heartbeat(HEARTBEAT_MS).told(&arguments.run);
    let mut nodes = backing.nodes(&folder.join("loss"), NODES, plan).await?;
    let mut rng = Rng::new(seed());
    let address = nodes.nginx.address();
    let plan = NativeClientPlan {
        clients: arguments.clients,
        rooms: ROOMS,
        rooms_each: 1,
        server: address,
        config: Config::default(),
        many_sources: true,
    };
    let mut natives = NativeClients::start(plan, rng.fork())?;
    natives.wait_live(TIME_MAX).await?;
    for _ in 0..MESSAGES {
        natives.write_somewhere();
    }
    wait_until("all messages stored", TIME_MAX, || natives.unsent() == 0).await?;
    progress.begin("a node is killed");
    let node = nodes.nodes.first_mut().context("there is a node")?;
    let (killed, live_before) = (Instant::now(), natives.live());
    node.kill().await?;
    for _ in 0..MESSAGES / 10 {
        natives.write_somewhere();
    }
    // Not all are gone at once: some are back before others notice.
    let mut fewest = live_before;
    let gone = wait_until("clients notice", TIME_MAX, || {
        fewest = fewest.min(natives.live());
        live_before - fewest >= arguments.clients / 5
    });
    gone.await?;
    let mut seconds = [0.0; 2];
    for (part, second) in [
        arguments.clients - arguments.clients / 100,
        arguments.clients,
    ]
    .into_iter()
    .zip(&mut seconds)
    {
        wait_until("the return", TIME_MAX, || {
            let live = natives.live();
            progress.say(|| format!("{live} of {} are live", arguments.clients));
            live >= part
        })
        .await?;
        *second = killed.elapsed().as_secs_f64();
    }
    let (verification, rested) = final_check(&natives, address, TIME_MAX).await?;
    rested?;
    for words in &verification.words {
        println!("  {words}");
    }
    let case = Case::new(format!(
        "one of {NODES} nodes is killed under {} clients",
        arguments.clients
    ));
    let case = case
        .with(
            "clients seen without a node, at the least",
            "",
            ratio(whole(arguments.clients - fewest)),
        )
        .with("99 in 100 are live after", "s", seconds[0])
        .with("all are live after", "s", seconds[1]);
    Ok(tell(case, &verification))
}

fn whole(count: usize) -> u64 {
    u64::try_from(count).unwrap_or(u64::MAX)
}

fn tell(case: Case, verification: &Verification) -> Case {
    case.with("messages sent", "", ratio(whole(verification.sent)))
        .with_faults("lost", whole(verification.lost))
        .with_faults("doubled", whole(verification.doubled))
        .with_faults("reordered", whole(verification.reordered))
        .with_faults("foreign", whole(verification.foreign))
        .with_faults("refused", whole(verification.refused))
}

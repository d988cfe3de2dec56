//! `fan-out`: one room, one of its members writes, and all of them are sent every message.

use crate::light_clients::{LightClientPlan, LightClients, SendRate};
use crate::options::{RunOptions, TalkOptions, count};
use crate::progress::Progress;
use crate::report::Case;
use crate::run_scenario::run_scenario;
use crate::server::{QUIET_MS, Server, ServerPlan};
use anyhow::Result;
use clap::Args;
use serde::Serialize;
use std::path::Path;
use std::slice::from_ref;
use std::time::Duration;

/// Send one writer's messages to all members of one room.
#[derive(Debug, Clone, Args, Serialize)]
pub(crate) struct FanOutArguments {
    /// Members of the room, the writer included, 1 to 50000; several numbers are several cases.
    #[arg(long, value_delimiter = ',', default_values_t = [100, 1000], value_parser = count(1, 50_000))]
    members: Vec<usize>,
    /// Messages that are on their way at once, 1 to 10000: the next sets out when the last member
    /// has the first.
    #[arg(long, default_value_t = 32, value_parser = count(1, 10_000))]
    in_flight: usize,
    /// Messages a second, by the clock, 1 to 1000000, instead of so many on their way.
    #[arg(long, conflicts_with = "in_flight", value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    rate: Option<u32>,
    #[command(flatten)]
    talk: TalkOptions,
    #[command(flatten)]
    run: RunOptions,
}

/// Runs it; true when nothing was lost, doubled or reordered.
pub(crate) async fn fan_out(arguments: FanOutArguments) -> Result<bool> {
    let run = async |folder: &Path, progress: &mut Progress| {
        let plan = ServerPlan::heartbeat(QUIET_MS).told(&arguments.run);
        let server = Server::start(folder, plan).await?;
        let mut cases = Vec::new();
        for members in arguments.members.iter().copied() {
            cases.push(case(&arguments, &server, members, progress).await?);
        }
        Ok(cases)
    };
    let most = arguments.members.iter().copied().max().unwrap_or_default();
    run_scenario("fan-out", &arguments, &arguments.run, most, run).await
}

async fn case(
    arguments: &FanOutArguments,
    server: &Server,
    members: usize,
    progress: &mut Progress,
) -> Result<Case> {
    progress.begin(&format!("a room of {members}"));
    let label = format!("fan-out-{members}");
    let plan = LightClientPlan {
        live: arguments.talk.live,
        bytes: arguments.talk.bytes,
        pace: match arguments.rate {
            Some(rate) => SendRate::Rate(f64::from(rate)),
            None => SendRate::Delivered(arguments.in_flight),
        },
        ..LightClientPlan::new(server.address(), label, 1, members)
    };
    let time = Duration::from_secs(arguments.talk.seconds);
    let (talk, books) = LightClients::run(plan, from_ref(server), time, progress).await?;
    let case = talk
        .tell(Case::new(format!("room of {members}")))
        .with("last receiver, p50", "ms", talk.times.ms(50))
        .with("last receiver, p99", "ms", talk.times.ms(99));
    Ok(books.tell(case))
}

//! `echo`: a lone client in a room of its own writes a message, waits for it to come back, and
//! writes the next.

use crate::light_clients::{LightClientPlan, LightClients};
use crate::options::{RunOptions, TalkOptions};
use crate::progress::Progress;
use crate::report::Case;
use crate::run_scenario::run_scenario;
use crate::server::{QUIET_MS, Server, ServerPlan};
use crate::times::ratio;
use anyhow::Result;
use clap::Args;
use serde::Serialize;
use std::path::Path;
use std::slice::from_ref;
use std::time::Duration;

/// Measure a lone client's round trip.
#[derive(Debug, Clone, Args, Serialize)]
pub(crate) struct EchoArguments {
    #[command(flatten)]
    talk: TalkOptions,
    #[command(flatten)]
    run: RunOptions,
}

/// Runs it; true when nothing was lost, doubled or reordered.
pub(crate) async fn echo(arguments: EchoArguments) -> Result<bool> {
    let run = async |folder: &Path, progress: &mut Progress| {
        let plan = ServerPlan::heartbeat(QUIET_MS).told(&arguments.run);
        let server = Server::start(folder, plan).await?;
        let plan = LightClientPlan {
            live: arguments.talk.live,
            bytes: arguments.talk.bytes,
            ..LightClientPlan::new(server.address(), "echo", 1, 1)
        };
        let time = Duration::from_secs(arguments.talk.seconds);
        let (talk, books) = LightClients::run(plan, from_ref(&server), time, progress).await?;
        let cpu = talk.server_cpu.as_secs_f64() * 1e6 / ratio(talk.messages.max(1));
        let case = Case::new("a lone client")
            .with("round trip, p50", "us", talk.times.us(50))
            .with("round trip, p99", "us", talk.times.us(99))
            .with("server's CPU per round trip", "us", cpu)
            .with("round trips", "", ratio(talk.messages));
        Ok(vec![books.tell(case)])
    };
    run_scenario("echo", &arguments, &arguments.run, 1, run).await
}

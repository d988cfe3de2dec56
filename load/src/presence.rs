//! `presence`: a room fills at once, and all but one leave at once. What everybody is told about it
//! must be right in the end, and must not be one frame for each pair.

use crate::clock::wait_until;
use crate::light_clients::{LightClientPlan, LightClients, PresenceReceived};
use crate::options::{CONNECTIONS_MAX, RunOptions, count};
use crate::progress::Progress;
use crate::report::Case;
use crate::run_scenario::run_scenario;
use crate::server::{QUIET_MS, Server, ServerPlan};
use crate::times::ratio;
use anyhow::Result;
use clap::Args;
use serde::Serialize;
use std::path::Path;
use std::time::Duration;
use tokio::time::{Instant, sleep};

/// From one telling to the next, at the least: what `docs/protocol.md` promises.
const GAP: Duration = Duration::from_millis(500);

/// For everybody to be told the right number. The server gathers for ten seconds at the most.
const TELL_MAX: Duration = Duration::from_secs(60);

/// What is right must stay so for as long.
const STAY: Duration = Duration::from_secs(1);

/// Fill a room at once and empty it again, and count what its members are told about it.
#[derive(Debug, Clone, Args, Serialize)]
pub(crate) struct PresenceArguments {
    /// Members of the room, each a person of its own, 2 to 90000.
    #[arg(long, default_value_t = 5000, value_parser = count(2, CONNECTIONS_MAX))]
    connections: usize,
    /// Connections that are being opened side by side, 1 to 10000.
    #[arg(long, default_value_t = 200, value_parser = count(1, 10_000))]
    at_once: usize,
    /// A room that is kept in memory (`live:`) instead of on disk.
    #[arg(long)]
    live: bool,
    #[command(flatten)]
    run: RunOptions,
}

/// Runs it; true when everybody knew in the end who was there, and nobody was told too often.
pub(crate) async fn presence(arguments: PresenceArguments) -> Result<bool> {
    let run = async |folder: &Path, progress: &mut Progress| {
        let plan = ServerPlan::heartbeat(QUIET_MS).told(&arguments.run);
        let server = Server::start(folder, plan).await?;
        let plan = LightClientPlan {
            live: arguments.live,
            at_once: arguments.at_once,
            watches_presence: true,
            ..LightClientPlan::new(server.address(), "presence", 1, arguments.connections)
        };
        progress.begin(&format!("{} come", arguments.connections));
        let (clients, come) = fill(plan, &server, progress).await?;
        progress.begin("all but one leave");
        let leave = empty(&clients, arguments.connections, &server, progress).await?;
        Ok(vec![come, leave])
    };
    let (options, connections) = (&arguments.run, arguments.connections);
    run_scenario("presence", &arguments, options, connections, run).await
}

async fn fill(
    plan: LightClientPlan,
    server: &Server,
    progress: &mut Progress,
) -> Result<(LightClients, Case)> {
    let members = plan.people();
    let (began, cpu_before) = (Instant::now(), server.cpu()?);
    let clients = LightClients::gather(plan, progress).await?;
    let heard = settle(&clients, members, progress).await?;
    let usage = server.usage()?;
    let since_began = |at: Option<Instant>| at.map_or(Duration::ZERO, |at| at - began);
    let (joined, told) = (since_began(heard.joined_at), since_began(heard.told_at));
    let joins = clients.joins();
    let count = u64::try_from(members)?;
    let case = Case::new(format!("{members} come"))
        .with("joined, p99", "ms", joins.ms(99))
        .with("joined, the last after", "s", joined.as_secs_f64())
        .with("all know who is there, after", "s", told.as_secs_f64())
        .with(
            "after the last has come",
            "s",
            told.saturating_sub(joined).as_secs_f64(),
        );
    let case = tell(case, &heard, count, frames_max(told) + 1)
        .with(
            "of one frame for each pair",
            "%",
            percent(heard.frames, count * count),
        )
        .with(
            "server's CPU for each",
            "us",
            each_us(usage.cpu, cpu_before, count),
        )
        .with("server's memory, peak", "MiB", usage.peak_mib);
    Ok((clients, case))
}

async fn empty(
    clients: &LightClients,
    members: usize,
    server: &Server,
    progress: &mut Progress,
) -> Result<Case> {
    let (began, cpu_before) = (Instant::now(), server.cpu()?);
    clients.leave_but(1);
    let heard = settle(clients, 1, progress).await?;
    let cpu = server.cpu()?;
    let told = heard.told_at.map_or(Duration::ZERO, |at| at - began);
    let left = u64::try_from(members - 1)?;
    let case = Case::new(format!("{left} leave")).with(
        "all know who is there, after",
        "s",
        told.as_secs_f64(),
    );
    let case = tell(case, &heard, 1, frames_max(told));
    Ok(case.with(
        "server's CPU for each",
        "us",
        each_us(cpu, cpu_before, left),
    ))
}

/// Waits until the first so many members all know that they are there, and alone; then whether it
/// stays so. What they do not know by then is a figure of the report.
async fn settle(
    clients: &LightClients,
    members: usize,
    progress: &mut Progress,
) -> Result<PresenceReceived> {
    let mut failure = Ok(());
    let _ = wait_until("everybody is told", TELL_MAX, || {
        progress.say(|| "waiting until everybody is told".to_owned());
        clients.all_know(members).unwrap_or_else(|error| {
            failure = Err(error);
            true
        })
    })
    .await;
    failure?;
    sleep(STAY).await;
    clients.heard(members)
}

/// What a member may be told in this time: tellings are at least [`GAP`] apart.
fn frames_max(time: Duration) -> u64 {
    1 + u64::try_from(time.as_millis() / GAP.as_millis()).unwrap_or(u64::MAX - 2)
}

/// The figures that coming and leaving have in common.
fn tell(case: Case, heard: &PresenceReceived, members: u64, allowed: u64) -> Case {
    let members = ratio(members);
    case.with("presence frames", "", ratio(heard.frames))
        .with(
            "presence frames for each",
            "",
            ratio(heard.frames) / members,
        )
        .with("the most for one", "", ratio(heard.frames_most))
        .with("allowed for one", "", ratio(allowed))
        .with(
            "presence bytes",
            "MiB",
            ratio(heard.bytes) / f64::from(1 << 20),
        )
        .with("presence bytes for each", "B", ratio(heard.bytes) / members)
        .with_faults("told wrong in the end", heard.wrong)
        .with_faults("told too often", heard.frames_most.saturating_sub(allowed))
}

fn percent(part: u64, whole: u64) -> f64 {
    ratio(part) * 100.0 / ratio(whole.max(1))
}

fn each_us(after: Duration, before: Duration, count: u64) -> f64 {
    after.saturating_sub(before).as_secs_f64() * 1e6 / ratio(count.max(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_many_frames_are_allowed_as_there_are_gaps_and_one() {
        let allowed = |ms| frames_max(Duration::from_millis(ms));
        assert_eq!([0, 499, 500, 1300].map(allowed), [1, 1, 2, 3]);
    }

    #[test]
    fn too_many_frames_and_a_wrong_number_are_faults() {
        let sound = |frames_most, wrong| {
            let heard = PresenceReceived {
                frames_most,
                wrong,
                ..PresenceReceived::default()
            };
            let case = tell(Case::new("test"), &heard, 10, 3);
            crate::report::is_sound(&[case])
        };
        assert!(sound(3, 0));
        assert!(!sound(4, 0));
        assert!(!sound(3, 1));
    }
}

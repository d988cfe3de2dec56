//! `scaling`: the same work on one worker, two, and so on: what a further worker adds, what sharing
//! costs for each delivery, and how the work is dealt out.

use crate::light_clients::{Ledgers, LightClientPlan, LightClients, SendRate, Talk};
use crate::options::{CONNECTIONS_MAX, RunOptions, count, seconds};
use crate::progress::Progress;
use crate::report::Case;
use crate::run_scenario::run_scenario;
use crate::server::{QUIET_MS, Server, ServerPlan};
use crate::times::ratio;
use anyhow::{Context, Result, ensure};
use clap::Args;
use serde::Serialize;
use std::path::Path;
use std::slice::from_ref;
use std::thread::available_parallelism;
use std::time::Duration;

/// Members of each small room, and those of them who write.
const SMALL: (usize, usize) = (10, 2);

/// Messages of the large room's writer that are on their way at once.
const IN_FLIGHT: usize = 32;

/// The figures that are held against those of one worker.
const COMPARED: [&str; 2] = ["deliveries", "server's CPU per delivery"];

/// Do the same on 1, 2, 4 and more workers. `--workers` is the most of them; 0 is one for each
/// processor.
#[derive(Debug, Clone, Args, Serialize)]
pub(crate) struct ScalingArguments {
    /// Members of the one large room, in which one writes, 2 to 50000.
    #[arg(long, default_value_t = 1000, value_parser = count(2, 50_000))]
    members: usize,
    /// Small rooms of ten members, in which two write, 1 to 9000.
    #[arg(long, default_value_t = 500, value_parser = count(1, CONNECTIONS_MAX / 10))]
    rooms: usize,
    /// Bytes of text in each message, 32 to 16384.
    #[arg(long, default_value_t = 128, value_parser = count(32, 16_384))]
    bytes: usize,
    /// Seconds to measure each, after a second of warming up, 1 to 3600.
    #[arg(long, default_value_t = 3, value_parser = seconds())]
    seconds: u64,
    /// Rounds over all numbers of workers, 1 to 9, each with servers of its own; medians are shown.
    #[arg(long, default_value_t = 3, value_parser = count(1, 9))]
    rounds: usize,
    /// The same with rooms on disk, too.
    #[arg(long)]
    durable: bool,
    #[command(flatten)]
    run: RunOptions,
}

/// One kind of work.
#[derive(Debug, Clone, Copy)]
struct Work {
    is_large: bool,
    is_live: bool,
}

impl ScalingArguments {
    /// The numbers of workers: powers of two, and the most.
    ///
    /// # Errors
    /// There is nothing to compare.
    fn steps(&self) -> Result<Vec<usize>> {
        ensure!(
            !self.run.pin,
            "--pin keeps the server on one processor, where nothing can grow"
        );
        let most = match self.run.workers {
            0 => available_parallelism()
                .context("counting processors")?
                .get(),
            workers => workers,
        };
        ensure!(
            most > 1,
            "one worker has nothing to be compared with: name --workers 2 or more"
        );
        Ok(steps(most))
    }

    fn works(&self) -> Vec<Work> {
        let works = [(true, true), (false, true), (true, false), (false, false)];
        let works = works
            .into_iter()
            .map(|(is_large, is_live)| Work { is_large, is_live });
        works.filter(|work| work.is_live || self.durable).collect()
    }

    fn plan(&self, server: &Server, work: Work) -> LightClientPlan {
        let (rooms, members, writers, window) = match work.is_large {
            true => (1, self.members, 1, IN_FLIGHT),
            false => (self.rooms, SMALL.0, self.rooms * SMALL.1, 1),
        };
        let label = match (work.is_large, work.is_live) {
            (true, true) => "large",
            (true, false) => "large-on-disk",
            (false, true) => "small",
            (false, false) => "small-on-disk",
        };
        LightClientPlan {
            live: work.is_live,
            bytes: self.bytes,
            writers,
            pace: SendRate::Delivered(window),
            ..LightClientPlan::new(server.address(), label, rooms, members)
        }
    }
}

fn steps(most: usize) -> Vec<usize> {
    let powers = std::iter::successors(Some(1_usize), |step| step.checked_mul(2));
    let below = powers.take_while(|step| *step < most);
    below.chain([most]).collect()
}

impl Work {
    fn name(self, workers: usize) -> String {
        let what = if self.is_large {
            "large room"
        } else {
            "small rooms"
        };
        let environment = if self.is_live { "" } else { " on disk" };
        let plural = if workers == 1 { "" } else { "s" };
        format!("{what}{environment}, {workers} worker{plural}")
    }
}

/// Runs it; true when nothing was lost, doubled or reordered.
pub(crate) async fn scaling(arguments: ScalingArguments) -> Result<bool> {
    let steps = arguments.steps()?;
    let works = arguments.works();
    let run = async |folder: &Path, progress: &mut Progress| {
        let mut measured: Vec<Case> = Vec::new();
        for round in 0..arguments.rounds {
            // By turns, since a shared machine is not as fast at all times.
            for workers in steps.iter().copied() {
                let folder = folder.join(format!("{round}-{workers}"));
                let plan = ServerPlan {
                    workers,
                    ..ServerPlan::heartbeat(QUIET_MS)
                };
                let server = Server::start(&folder, plan).await?;
                for work in works.iter().copied() {
                    let name = work.name(workers);
                    progress.begin(&format!("round {}: {name}", round + 1));
                    let plan = arguments.plan(&server, work);
                    let time = Duration::from_secs(arguments.seconds);
                    let (talk, books) =
                        LightClients::run(plan, from_ref(&server), time, progress).await?;
                    measured.push(tell(name, &talk, &books)?);
                }
            }
        }
        let mut cases = Vec::new();
        for work in works {
            let of = |workers: &usize| Case::median(&work.name(*workers), &measured);
            cases.extend(beside_the_first(steps.iter().map(of).collect()));
        }
        Ok(cases)
    };
    let people = arguments.members.max(arguments.rooms * SMALL.0);
    run_scenario("scaling", &arguments, &arguments.run, people, run).await
}

fn tell(name: String, talk: &Talk, books: &Ledgers) -> Result<Case> {
    let threads = &talk.threads;
    ensure!(
        !threads.workers.is_empty(),
        "the kernel does not count what each thread uses (/proc/PID/task/TID/schedstat)"
    );
    let workers = threads.of_workers();
    let (least, most) = threads.least_and_most();
    let of_all = |cpu: Duration| cpu.as_secs_f64() * 100.0 / talk.server_cpu.as_secs_f64();
    let cores = |time: Duration| time.as_secs_f64() / talk.time.as_secs_f64();
    let turns = ratio(workers.turns) * 1000.0 / ratio(talk.deliveries.max(1));
    let case = talk
        .tell(Case::new(name))
        .with("busiest worker, of the workers' CPU", "%", most)
        .with("idlest worker, of the workers' CPU", "%", least)
        .with(
            "other threads, of the server's CPU",
            "%",
            of_all(threads.others.cpu),
        )
        .with(
            "workers that waited for a processor",
            "cores",
            cores(workers.waited),
        )
        .with("turns of workers for 1,000 deliveries", "", turns)
        .with("last receiver, p50", "ms", talk.times.ms(50))
        .with("last receiver, p99", "ms", talk.times.ms(99));
    Ok(books.tell(case))
}

/// Each case with what it comes to beside the first one.
fn beside_the_first(cases: Vec<Case>) -> Vec<Case> {
    let first = cases.first().cloned();
    let beside = |case: Case| {
        let compared = COMPARED.iter().copied();
        compared.fold(case, |case, name| {
            let of = |case: &Case| case.figure(name).map(|figure| figure.value);
            match (of(&case), first.as_ref().and_then(of)) {
                (Some(now), Some(first)) if first > 0.0 => {
                    case.with(&format!("{name}, by one worker's"), "x", now / first)
                }
                _ => case,
            }
        })
    };
    cases.into_iter().map(beside).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn workers_are_doubled_up_to_the_most() {
        assert_eq!(steps(2), [1, 2]);
        assert_eq!(steps(6), [1, 2, 4, 6]);
        assert_eq!(steps(8), [1, 2, 4, 8]);
    }

    #[test]
    fn every_case_stands_beside_that_of_one_worker() {
        let case = |name: &str, deliveries, cpu| {
            let case = Case::new(name).with(COMPARED[0], "1/s", deliveries);
            case.with(COMPARED[1], "us", cpu)
        };
        let cases = beside_the_first(vec![case("a", 100.0, 2.0), case("b", 150.0, 3.0)]);
        let values = cases.iter().map(|case| {
            let names = COMPARED.map(|name| format!("{name}, by one worker's"));
            names.map(|name| case.figure(&name).unwrap().value)
        });
        assert_eq!(values.collect::<Vec<_>>(), [[1.0, 1.0], [1.5, 1.5]]);
        // What was not measured is not compared.
        let none = beside_the_first(vec![Case::new("a")]);
        assert!(none[0].figures.is_empty());
    }
}

//! The seeds.

use crate::checks;
use crate::server::Tally;
use crate::world::World;
use std::sync::atomic::{AtomicU64, Ordering};

/// Milliseconds of trouble in each run.
const TROUBLE_MS: u64 = 60_000;

/// Seeds that every test run plays.
const SEEDS: u64 = 16;

/// What happens in them, whatever the machine's sockets are like: a simulation in which nothing goes
/// wrong proves nothing.
const DUE: [&str; 16] = [
    "batches stored",
    "batches that failed",
    "crashes",
    "crashes before a commit",
    "crashes behind a commit, before its ack",
    "first joins",
    "goodbyes",
    "pages read for readers behind a tail",
    "polite restarts",
    "restored backups",
    "resumes that reload",
    "resumes with a replay",
    "resumes with nothing missed",
    "rooms pruned",
    "sends that were repeats",
    "slow readers closed",
];

/// How many steps there were, and what happened in them.
fn run(seed: u64, tell: bool) -> (u64, Tally) {
    let mut world = World::new(seed, tell);
    world.run(TROUBLE_MS);
    world.heal();
    checks::end(&world);
    world.part();
    checks::alone(&world);
    (world.steps, std::mem::take(&mut world.server.tally))
}

/// Plays one seed after another until there are no more.
fn run_some(next: &AtomicU64, end: u64) -> (u64, Tally) {
    let (mut steps, mut tally) = (0, Tally::new());
    loop {
        let seed = next.fetch_add(1, Ordering::Relaxed);
        if seed >= end {
            return (steps, tally);
        }
        let guard = Seed(seed);
        let (more_steps, more) = run(seed, false);
        drop(guard);
        steps += more_steps;
        add(&mut tally, more);
    }
}

fn add(tally: &mut Tally, more: Tally) {
    for (what, times) in more {
        *tally.entry(what).or_default() += times;
    }
}

/// Says which seed it was that failed.
struct Seed(u64);

impl Drop for Seed {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!(
                "replay with HUBBUB_SEED={} cargo test -p backend --test simulation whatever -- --nocapture",
                self.0
            );
        }
    }
}

fn number(variable: &str) -> Option<u64> {
    std::env::var(variable).ok()?.parse().ok()
}

#[test]
fn whatever_breaks_the_real_server_loses_doubles_and_reorders_nothing() {
    if let Some(seed) = number("HUBBUB_SEED") {
        let (steps, tally) = run(seed, true);
        return eprintln!("{steps} steps: {tally:#?}");
    }
    let seeds = number("HUBBUB_SEEDS");
    let end = seeds.unwrap_or(SEEDS);
    #[expect(
        clippy::disallowed_methods,
        reason = "how long it takes is of interest to whoever waits for it, and to nothing else"
    )]
    let began = std::time::Instant::now();
    let threads = std::thread::available_parallelism().unwrap().get();
    let (mut steps, mut tally) = (0, Tally::new());
    let next = AtomicU64::new(0);
    std::thread::scope(|scope| {
        let start = |_| scope.spawn(|| run_some(&next, end));
        for thread in (0..threads).map(start).collect::<Vec<_>>() {
            let (more_steps, more) = thread.join().expect("a seed failed");
            steps += more_steps;
            add(&mut tally, more);
        }
    });
    let took = began.elapsed();
    eprintln!("{steps} steps in {end} seeds in {took:.1?}: {tally:#?}");
    if seeds.is_none() {
        for due in DUE {
            let times = tally.get(due).copied().unwrap_or_default();
            assert!(times > 0, "there were no {due}");
        }
    }
}

//! The seeds.

use crate::checks;
use crate::mutants::Bug;
use crate::server::Tally;
use crate::world::World;
use std::sync::atomic::{AtomicU64, Ordering};

/// Milliseconds of trouble in each run.
const TROUBLE_MS: u64 = 120_000;

/// Seeds that every test run plays, and the steps they must come to at the least.
const SEEDS: u64 = 170;
const STEPS_MIN: u64 = 1_000_000;

/// What may happen at the server; in so many seeds each of it does.
const KINDS: usize = 22;

/// How many steps there were, and what happened in them.
pub(crate) fn run(seed: u64, bug: Bug, tell: bool) -> (u64, Tally) {
    let mut world = World::new(seed, bug, tell);
    world.run(TROUBLE_MS);
    world.heal();
    checks::end(&world);
    (world.steps, world.server.tally)
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
        let (more_steps, more) = run(seed, Bug::None, false);
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
                "replay with HUBBUB_SEED={} cargo test -p common --test simulation whatever -- --nocapture",
                self.0
            );
        }
    }
}

fn number(variable: &str) -> Option<u64> {
    std::env::var(variable).ok()?.parse().ok()
}

#[test]
fn whatever_breaks_nothing_is_lost_doubled_or_reordered() {
    if let Some(seed) = number("HUBBUB_SEED") {
        let (steps, tally) = run(seed, Bug::None, true);
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
        assert_eq!(tally.len(), KINDS, "something that should happen never did");
        assert!(steps >= STEPS_MIN, "only {steps} steps");
    }
}

//! The seeds.

use crate::checks;
use crate::server::{Bug, Tally};
use crate::world::World;

/// Milliseconds of trouble in each run.
const TROUBLE_MS: u64 = 120_000;

const SEEDS: u64 = 40;

/// How many steps there were, and what happened in them.
fn run(seed: u64, bug: Bug, tell: bool) -> (u64, Tally) {
    let mut world = World::new(seed, bug, tell);
    for _ in 0..TROUBLE_MS / 1000 {
        world.run(1000);
        checks::stored(&world);
    }
    world.heal();
    checks::end(&world);
    (world.steps, world.server.tally)
}

/// Every so manieth seed.
fn run_some(first: u64, end: u64, step: u64) -> (u64, Tally) {
    let (mut steps, mut tally) = (0, Tally::new());
    let mut seed = first;
    while seed < end {
        let guard = Seed(seed);
        let (more_steps, more) = run(seed, Bug::None, false);
        drop(guard);
        steps += more_steps;
        more.into_iter()
            .for_each(|(what, times)| *tally.entry(what).or_default() += times);
        seed += step;
    }
    (steps, tally)
}

/// Says which seed it was that failed.
struct Seed(u64);

impl Drop for Seed {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!(
                "replay with HUBBUB_SEED={} cargo test -p common --test simulation",
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
    let seeds = number("HUBBUB_SEEDS").unwrap_or(SEEDS);
    let threads = u64::try_from(std::thread::available_parallelism().unwrap().get()).unwrap();
    let (mut steps, mut tally) = (0, Tally::new());
    std::thread::scope(|scope| {
        let start = |first: u64| scope.spawn(move || run_some(first, seeds, threads));
        for thread in (0..threads).map(start).collect::<Vec<_>>() {
            let (more_steps, more) = thread.join().expect("a seed failed");
            steps += more_steps;
            more.into_iter()
                .for_each(|(what, times)| *tally.entry(what).or_default() += times);
        }
    });
    eprintln!("{steps} steps in {seeds} seeds: {tally:#?}");
    assert_eq!(tally.len(), 12, "something that should happen never did");
}

/// Some seed finds the bug, and says of it what it should.
fn is_found_out(bug: Bug, expected: &str) {
    let found = (0..20).find(|seed| {
        let panic = std::panic::catch_unwind(|| run(*seed, bug, false)).err();
        let words = panic.and_then(|panic| panic.downcast::<String>().ok());
        words.is_some_and(|words| words.contains(expected))
    });
    assert!(found.is_some(), "no seed finds it");
}

#[test]
fn a_server_that_stores_a_repeated_send_again_is_found_out() {
    is_found_out(Bug::NoDedup, "is shown twice");
}

#[test]
fn a_server_that_acks_before_the_commit_is_found_out() {
    is_found_out(Bug::AckBeforeCommit, "is not in the log");
}

#[test]
fn a_server_that_does_not_replay_is_found_out() {
    is_found_out(Bug::NoReplay, "has not seen the end");
}

#[test]
fn a_server_that_mixes_live_events_into_a_replay_is_found_out() {
    is_found_out(Bug::NoHoldBack, "was due");
}

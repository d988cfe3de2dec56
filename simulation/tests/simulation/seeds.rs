//! Playing the seeds of a simulation on all processors, or those that the environment asks for.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};

/// What happened, and how often.
pub(crate) type Tally = BTreeMap<&'static str, u64>;

/// How many steps there were, and what happened in them.
pub(crate) type Played = (u64, Tally);

/// Plays as many seeds by `run`, which is given a seed and whether to tell every step. Returns what
/// they came to; nothing where `HUBBUB_SEED` or `HUBBUB_SEEDS` asks for others. A seed that fails is
/// named, with how to replay it in this `test`.
pub(crate) fn play(
    test: &'static str,
    seeds: u64,
    run: impl Fn(u64, bool) -> Played + Sync,
) -> Option<Played> {
    if let Some(seed) = number("HUBBUB_SEED") {
        let (steps, tally) = run(seed, true);
        eprintln!("{steps} steps: {tally:#?}");
        return None;
    }
    let asked = number("HUBBUB_SEEDS");
    let end = asked.unwrap_or(seeds);
    #[expect(
        clippy::disallowed_methods,
        reason = "how long it takes is of interest to whoever waits for it, and to nothing else"
    )]
    let began = std::time::Instant::now();
    let threads = std::thread::available_parallelism().unwrap().get();
    let (mut steps, mut tally) = (0, Tally::new());
    let next = AtomicU64::new(0);
    std::thread::scope(|scope| {
        let start = |_| scope.spawn(|| play_some(test, &next, end, &run));
        for thread in (0..threads).map(start).collect::<Vec<_>>() {
            let (more_steps, more) = thread.join().expect("a seed failed");
            steps += more_steps;
            add(&mut tally, more);
        }
    });
    let took = began.elapsed();
    eprintln!("{steps} steps in {end} seeds in {took:.1?}: {tally:#?}");
    asked.is_none().then_some((steps, tally))
}

/// Plays one seed after another until there are no more.
fn play_some(
    test: &'static str,
    next: &AtomicU64,
    end: u64,
    run: &impl Fn(u64, bool) -> Played,
) -> Played {
    let (mut steps, mut tally) = (0, Tally::new());
    loop {
        let seed = next.fetch_add(1, Ordering::Relaxed);
        if seed >= end {
            return (steps, tally);
        }
        let guard = Seed { seed, test };
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
struct Seed {
    seed: u64,
    test: &'static str,
}

impl Drop for Seed {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!(
                "replay with HUBBUB_SEED={} cargo test -p simulation {} -- --nocapture",
                self.seed, self.test
            );
        }
    }
}

fn number(variable: &str) -> Option<u64> {
    std::env::var(variable).ok()?.parse().ok()
}

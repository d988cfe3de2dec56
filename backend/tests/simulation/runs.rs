//! The seeds.

use crate::checks;
use crate::seeds::{Played, play};
use crate::world::World;

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
fn run(seed: u64, tell: bool) -> Played {
    let mut world = World::new(seed, tell);
    world.run(TROUBLE_MS);
    world.heal();
    checks::end(&world);
    world.part();
    checks::alone(&world);
    (world.steps, std::mem::take(&mut world.server.tally))
}

#[test]
fn whatever_breaks_the_real_server_loses_doubles_and_reorders_nothing() {
    if let Some((_, tally)) = play("backend", SEEDS, run) {
        for due in DUE {
            let times = tally.get(due).copied().unwrap_or_default();
            assert!(times > 0, "there were no {due}");
        }
    }
}

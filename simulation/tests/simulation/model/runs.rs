//! The seeds.

use super::mutants::Bug;
use super::server::ModelServer;
use crate::checks;
use crate::rng::Rng;
use crate::seeds::{Played, play};
use crate::world::World;

/// Milliseconds of trouble in each run.
const TROUBLE_MS: u64 = 120_000;

/// Seeds that every test run plays, and the steps they must come to at the least.
const SEEDS: u64 = 170;
const STEPS_MIN: u64 = 1_000_000;

/// What may happen at the server; in so many seeds each of it does.
const KINDS: usize = 22;

/// How many steps there were, and what happened in them.
pub(super) fn run(seed: u64, bug: Bug, tell: bool) -> Played {
    let mut rng = Rng(seed);
    let peers = 2 + rng.below(5);
    let server = ModelServer::new(bug, rng.next());
    let mut world = World::new(rng, peers, server, tell);
    world.begin();
    world.run(TROUBLE_MS);
    world.heal();
    checks::end(&world);
    (world.steps, world.server.tally)
}

#[test]
fn whatever_breaks_nothing_is_lost_doubled_or_reordered() {
    if let Some((steps, tally)) = play("model::runs", SEEDS, |seed, tell| {
        run(seed, Bug::None, tell)
    }) {
        assert_eq!(tally.len(), KINDS, "something that should happen never did");
        assert!(steps >= STEPS_MIN, "only {steps} steps");
    }
}
